package io.slipway.protocol.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in the store, after what was asked for has been removed. Bytes are those of the disk: blocks, hard links once.
 *
 * @param diskBytes size of the disk
 * @param freeBytes what of it is free for the service's user
 * @param usage bytes by kind
 * @param projects what only one project uses, by name
 * @param reclaimableBytes what could be removed now: neither a running build nor a kept image needs it
 * @param cacheMounts the directories of cache mounts, least recently used first
 * @param collected what was removed; null if there was no policy and nothing to clear
 * @param clearing what came of {@link StorageRequest#clear()}; null if nothing was to be cleared
 */
public record StorageReport(
        long diskBytes,
        long freeBytes,
        Usage usage,
        List<ProjectUsage> projects,
        long reclaimableBytes,
        List<CacheMount> cacheMounts,
        @Nullable Collected collected,
        @Nullable Clearing clearing) {

    public StorageReport {
        projects = List.copyOf(projects);
        cacheMounts = List.copyOf(cacheMounts);
    }

    /**
     * Bytes by kind. The store, which policies are about, is all but contexts and work.
     *
     * @param layers compressed layers, manifests and configs
     * @param snapshots layers, unpacked
     * @param cacheRecords what remembers the results of steps
     * @param cacheMounts directories of cache mounts
     * @param downloads what ADD has fetched, and no image consists of
     * @param contexts build contexts of builds that have not ended
     * @param work what running builds have not finished yet
     */
    public record Usage(
            long layers,
            long snapshots,
            long cacheRecords,
            long cacheMounts,
            long downloads,
            long contexts,
            long work) {
        /** The bytes of the store. */
        public long store() {
            return layers + snapshots + cacheRecords + cacheMounts + downloads;
        }
    }

    /**
     * What only one project uses.
     *
     * @param cache what only its cache records refer to, with them
     * @param cacheMounts the directories of its cache mounts
     */
    public record ProjectUsage(String project, long cache, long cacheMounts) {}

    /**
     * The directory of a cache mount.
     *
     * @param id names it on this machine
     * @param project whose it is; null if nothing says so
     * @param cacheScope with which of the project's builds; null for those that name none
     * @param name its {@code id} as the Dockerfile has it; null if nothing says so
     * @param createdAt RFC 3339, or null if nothing says so
     * @param lastUsedAt RFC 3339
     * @param inUse whether somebody has it mounted
     */
    public record CacheMount(
            String id,
            @Nullable String project,
            @Nullable String cacheScope,
            @Nullable String name,
            long bytes,
            @Nullable String createdAt,
            String lastUsedAt,
            boolean inUse) {}

    /**
     * What was removed.
     *
     * @param images how many images are not whole any more
     * @param blobs how many blobs: layers, manifests, configs, downloaded files
     * @param records how many records of steps and downloads
     */
    public record Collected(
            long freedBytes, int images, int blobs, int snapshots, int records, int cacheMounts, long durationMillis) {}

    /** What can come of clearing a cache mount. */
    public enum Clearing {
        CLEARED,
        IN_USE,
        NOT_FOUND
    }
}
