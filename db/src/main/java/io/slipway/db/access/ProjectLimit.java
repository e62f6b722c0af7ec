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
    CONTEXT_SIZE("contextBytes", Long.MAX_VALUE),
    /** The largest image, compressed. */
    IMAGE_SIZE("imageBytes", Long.MAX_VALUE),
    /** What a build that runs has not finished yet, on the disk. */
    DISK("diskBytes", 1 << 20, Long.MAX_VALUE),
    /** The memory of a build that runs, its worker included, which needs a part of it. */
    MEMORY("memoryBytes", 256L << 20, Long.MAX_VALUE),
    /** Thousandths of a processor for a build that runs. */
    CPU("cpuMillis", 50, 1_000_000),
    /** Processes and threads of a build that runs, its worker's included. */
    PROCESSES("processes", 128, 4_000_000),
    /** How long builds stay after their end, with their steps and logs. */
    BUILD_AGE("buildAgeMillis", 36_500L * 24 * 60 * 60 * 1000),
    /** Builds that have ended and stay, the newest ones. */
    KEPT_BUILDS("keptBuilds", Integer.MAX_VALUE);

    private final String wireName;
    private final long least;
    private final long most;

    ProjectLimit(String wireName, long most) {
        this(wireName, 1, most);
    }

    ProjectLimit(String wireName, long least, long most) {
        this.wireName = wireName;
        this.least = least;
        this.most = most;
    }

    /** Its name in the API and in the database, with the unit where there is one. */
    public String wireName() {
        return wireName;
    }

    /** The lowest value that it can have. */
    public long least() {
        return least;
    }

    /** The highest value that it can have. */
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
