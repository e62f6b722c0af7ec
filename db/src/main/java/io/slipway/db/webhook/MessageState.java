package io.slipway.db.webhook;

import java.util.Locale;

/** What has become of a message to a webhook. */
public enum MessageState {
    /** It is to be sent, perhaps again. */
    PENDING,
    DELIVERED,
    /** It is not sent any more. */
    FAILED;

    /** The name in the API and in the database. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static MessageState stored(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
