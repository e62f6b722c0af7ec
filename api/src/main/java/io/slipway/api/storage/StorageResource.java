package io.slipway.api.storage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.protocol.storage.StoragePolicy;
import io.slipway.protocol.storage.StorageReport;
import io.slipway.protocol.storage.StorageReport.Collected;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The store as the API shows it. Bytes are those on the disk.
 *
 * @param measuredAt when this was so
 * @param reclaimableBytes what a collection could remove: neither running builds nor kept images need it
 * @param lastCollection since the service started; absent before the first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record StorageResource(
        Instant measuredAt,
        Disk disk,
        Usage usage,
        List<Project> projects,
        long reclaimableBytes,
        Policy policy,
        @Nullable LastCollection lastCollection) {

    /** The disk that the store is on. */
    record Disk(long bytes, long freeBytes) {}

    /**
     * Bytes by kind.
     *
     * @param storeBytes all but contexts, uploads and work: what the policy is about
     */
    record Usage(
            long storeBytes,
            long layerBytes,
            long snapshotBytes,
            long cacheRecordBytes,
            long cacheMountBytes,
            long downloadBytes,
            long contextBytes,
            long uploadBytes,
            long workBytes) {}

    /** What only this project uses. */
    record Project(String project, long cacheBytes, long cacheMountBytes, long uploadBytes) {}

    /** What is kept; limits that are not set are absent. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Policy(
            long reservedBytes,
            @Nullable Long maximumBytes,
            long minimumFreeBytes,
            @Nullable Long maximumAgeMillis,
            @Nullable Long projectQuotaBytes,
            @Nullable Long cacheMountQuotaBytes,
            long imageAgeMillis) {}

    /**
     * A collection.
     *
     * @param reason builds, low-disk or request
     */
    record LastCollection(
            Instant finishedAt,
            String reason,
            long durationMillis,
            long freedBytes,
            int images,
            int blobs,
            int snapshots,
            int cacheRecords,
            int cacheMounts) {

        static LastCollection of(Collection collection) {
            Collected collected = collection.collected();
            return new LastCollection(
                    collection.finishedAt(),
                    collection.reason().wireName(),
                    collected.durationMillis(),
                    collection.freedBytes(),
                    collected.images(),
                    collected.blobs(),
                    collected.snapshots(),
                    collected.records(),
                    collected.cacheMounts());
        }
    }

    static StorageResource of(StorageKeeper keeper, StorageKeeper.Measured measured) {
        StorageReport report = measured.report();
        StorageReport.Usage usage = report.usage();
        StoragePolicy policy = keeper.policy();
        Collection last = keeper.lastCollection();
        return new StorageResource(
                measured.at(),
                new Disk(report.diskBytes(), report.freeBytes()),
                new Usage(
                        usage.store(),
                        usage.layers(),
                        usage.snapshots(),
                        usage.cacheRecords(),
                        usage.cacheMounts(),
                        usage.downloads(),
                        usage.contexts(),
                        measured.uploadBytes(),
                        usage.work()),
                projects(measured),
                report.reclaimableBytes(),
                new Policy(
                        policy.reservedBytes(),
                        policy.maximumBytes(),
                        policy.minimumFreeBytes(),
                        policy.maximumAgeMillis(),
                        policy.projectQuotaBytes(),
                        policy.cacheMountQuotaBytes(),
                        keeper.imageAge().toMillis()),
                last == null ? null : LastCollection.of(last));
    }

    private static List<Project> projects(StorageKeeper.Measured measured) {
        SortedMap<String, Project> projects = new TreeMap<>();
        measured.uploads().forEach((project, bytes) -> projects.put(project, new Project(project, 0, 0, bytes)));
        for (StorageReport.ProjectUsage project : measured.report().projects()) {
            projects.put(
                    project.project(),
                    new Project(
                            project.project(),
                            project.cache(),
                            project.cacheMounts(),
                            measured.uploads().getOrDefault(project.project(), 0L)));
        }
        return List.copyOf(projects.values());
    }
}
