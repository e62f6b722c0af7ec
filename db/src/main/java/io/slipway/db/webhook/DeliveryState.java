package io.slipway.db.webhook;

import java.util.Arrays;
import java.util.Locale;

/** What has become of a delivery. */
public enum DeliveryState {
    /** It is stored and not decided on yet. */
    PENDING,
    /** It has led to one build at least. */
    BUILT,
    /** Nothing was to be built. */
    IGNORED,
    /** Something was to be built, and could not be submitted. */
    FAILED;

    /** The name in the API and in the database. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static DeliveryState stored(String wireName) {
        return Arrays.stream(values())
                .filter(state -> state.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no state: " + wireName));
    }
}
