package io.slipway.db.access;

import java.util.Arrays;
import java.util.Optional;

/** What can be limited for each project. A new one needs no migration: limits are stored by their name. */
public enum ProjectLimit {
    /** Builds that run at the same time. */
    CONCURRENT_BUILDS("concurrentBuilds", Integer.MAX_VALUE),
    /** Builds that wait at the same time. */
    QUEUED_BUILDS("queuedBuilds", Integer.MAX_VALUE),
    /** Builds that are submitted within a minute. */
    SUBMITS_PER_MINUTE("submitsPerMinute", 1_000_000),
    /** The longest time limit that a build may name. */
    BUILD_TIMEOUT("maxBuildTimeoutMillis", Long.MAX_VALUE),
    /** The largest context, uncompressed. */
    CONTEXT_SIZE("contextBytes", Long.MAX_VALUE);

    private final String wireName;
    private final long most;

    ProjectLimit(String wireName, long most) {
        this.wireName = wireName;
        this.most = most;
    }

    /** Its name in the API and in the database, with the unit where there is one. */
    public String wireName() {
        return wireName;
    }

    /** The highest value that it can have; the lowest is 1. */
    public long most() {
        return most;
    }

    /** The limit of that name. */
    public static Optional<ProjectLimit> parse(String wireName) {
        return Arrays.stream(values())
                .filter(limit -> limit.wireName.equals(wireName))
                .findFirst();
    }
}
