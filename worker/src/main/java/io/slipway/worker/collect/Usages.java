package io.slipway.worker.collect;

import io.slipway.protocol.storage.StorageReport.CacheMount;
import io.slipway.protocol.storage.StorageReport.Usage;
import io.slipway.worker.collect.Inventory.Blob;
import io.slipway.worker.collect.Inventory.CacheRecord;
import io.slipway.worker.collect.Inventory.Image;
import io.slipway.worker.collect.Inventory.SnapshotTree;
import java.util.HashSet;
import java.util.Set;

/** Adds up what is in a store, by kind. */
final class Usages {
    private Usages() {}

    static Usage of(Inventory store, long contexts, long work) {
        Set<String> downloaded = new HashSet<>();
        Set<String> layers = new HashSet<>();
        long records = 0;
        long downloads = store.partial().stream().mapToLong(Blob::bytes).sum();
        for (CacheRecord record : store.records()) {
            if (record.blob() != null) {
                (record.kind() == Inventory.Kind.DOWNLOAD ? downloaded : layers).add(record.blob());
            }
            if (record.kind() == Inventory.Kind.DOWNLOAD) {
                downloads += record.bytes();
            } else {
                records += record.bytes();
            }
        }
        for (Image image : store.images()) {
            layers.addAll(image.documents());
            layers.addAll(image.layers());
        }
        long layerBytes = 0;
        for (Blob blob : store.blobs().values()) {
            if (downloaded.contains(blob.hex()) && !layers.contains(blob.hex())) {
                downloads += blob.bytes();
            } else {
                layerBytes += blob.bytes();
            }
        }
        return new Usage(
                layerBytes,
                store.snapshots().values().stream()
                        .mapToLong(SnapshotTree::bytes)
                        .sum(),
                records,
                store.mounts().stream().mapToLong(CacheMount::bytes).sum(),
                downloads,
                contexts,
                work);
    }
}
