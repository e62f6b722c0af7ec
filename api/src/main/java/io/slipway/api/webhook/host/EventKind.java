package io.slipway.api.webhook.host;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a trigger can wait for. */
public enum EventKind {
    /** A branch was made or has moved. */
    PUSH,
    /** A tag was made or has moved. */
    TAG,
    /** A pull or merge request was opened, opened again, or has new commits. */
    PULL_REQUEST;

    /** The name in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of that name, or empty. */
    public static Optional<EventKind> parse(String wireName) {
        return Arrays.stream(values())
                .filter(kind -> kind.wireName().equals(wireName))
                .findFirst();
    }

    /** All names. */
    public static List<String> names() {
        return Arrays.stream(values()).map(EventKind::wireName).toList();
    }
}
