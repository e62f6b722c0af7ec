package io.slipway.protocol.storage;

import org.jspecify.annotations.Nullable;

/**
 * How much of the store stays. What was used last goes last; what a running build uses, and what kept images consist of, never goes.
 *
 * @param reservedBytes the store is never made smaller than this for want of room
 * @param maximumBytes the store is made smaller when it is larger than this; null: it may fill the disk
 * @param minimumFreeBytes the store is made smaller when its disk has less free than this
 * @param maximumAgeMillis what nobody has used for so long goes in any case; null: nothing does for its age
 * @param projectQuotaBytes the most that only one project's cache records refer to; null: no limit
 * @param cacheMountQuotaBytes the most that the cache mounts of one project have; null: no limit
 */
public record StoragePolicy(
        long reservedBytes,
        @Nullable Long maximumBytes,
        long minimumFreeBytes,
        @Nullable Long maximumAgeMillis,
        @Nullable Long projectQuotaBytes,
        @Nullable Long cacheMountQuotaBytes) {}
