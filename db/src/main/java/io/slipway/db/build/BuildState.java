package io.slipway.db.build;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a build is in its life. */
public enum BuildState {
    QUEUED,
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** True once nothing about the build's outcome can change any more. */
    public boolean isFinished() {
        return switch (this) {
            case QUEUED, RUNNING -> false;
            case SUCCEEDED, FAILED, CANCELLED -> true;
        };
    }

    /** The name in the API and in the database. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The state of that name, or empty. */
    public static Optional<BuildState> parse(String wireName) {
        return Arrays.stream(values())
                .filter(state -> state.wireName().equals(wireName))
                .findFirst();
    }

    static BuildState of(String wireName) {
        return parse(wireName).orElseThrow(() -> new IllegalStateException("unknown build state " + wireName));
    }
}
