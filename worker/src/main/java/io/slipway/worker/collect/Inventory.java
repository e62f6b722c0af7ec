package io.slipway.worker.collect;

import io.slipway.protocol.CacheScope;
import io.slipway.protocol.storage.StorageReport.CacheMount;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is in the store. Immutable.
 *
 * @param blobs by digest, in hexadecimal digits
 * @param partial blobs that were not downloaded to their end
 * @param origins of which digests it is noted where their layers can be had
 * @param originNotes these notes, by name ({@code HEX} or {@code HEX.SOMETHING}), and when each was written
 * @param notes what is noted of blobs that are not here: paths below the store, and when it was noted
 * @param records results of steps, what they depended on, and downloads
 * @param snapshots by diff ID
 * @param marks diff IDs of which there is the mark of their use and no snapshot
 * @param mounts the directories of cache mounts
 * @param images those that were made by builds and whose manifest is here
 */
record Inventory(
        Map<String, Blob> blobs,
        List<Blob> partial,
        Set<String> origins,
        Map<String, Instant> originNotes,
        Map<String, Instant> notes,
        List<CacheRecord> records,
        Map<String, SnapshotTree> snapshots,
        Map<String, Instant> marks,
        List<CacheMount> mounts,
        List<Image> images) {

    /** A blob of the content store. */
    record Blob(String hex, long bytes, Instant used) {}

    /** What a record is about. */
    enum Kind {
        /** The result of a step. */
        RESULT,
        /** What was downloaded from an address. */
        DOWNLOAD,
        /** What a step depended on, to explain a miss. */
        HISTORY
    }

    /**
     * A record of a step or of a download.
     *
     * @param path below the store
     * @param tenant whose it is: a project, or a scope of it
     * @param blob the blob that it refers to, or null
     * @param diffId the layer that it refers to, or null
     */
    record CacheRecord(
            String path,
            String tenant,
            Kind kind,
            @Nullable String blob,
            @Nullable String diffId,
            long bytes,
            Instant used) {
        /** Whose quota it counts against. */
        String project() {
            return CacheScope.ofTenant(tenant).project();
        }
    }

    /** An unpacked layer. */
    record SnapshotTree(String diffId, long bytes, Instant used) {}

    /**
     * An image.
     *
     * @param digest of its manifest or index
     * @param kept whether it must stay
     * @param documents its manifests, indexes and configs
     * @param layers its layers
     */
    record Image(String digest, boolean kept, Set<String> documents, Set<String> layers) {
        /** Whether everything that it consists of is in the store, or can be had where the store says. */
        boolean isWhole(Inventory store) {
            return store.blobs().keySet().containsAll(documents)
                    && layers.stream()
                            .allMatch(layer -> store.blobs().containsKey(layer)
                                    || store.origins().contains(layer));
        }
    }
}
