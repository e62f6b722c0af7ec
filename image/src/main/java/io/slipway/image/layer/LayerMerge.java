package io.slipway.image.layer;

import io.slipway.image.compression.Compression;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes one layer of several that come one after the other: applying it gives the same files as applying them. What they remove of
 * each other is gone; what they remove of layers below them all is a whiteout, or an opaque directory, still.
 *
 * <p>Directories and whiteouts come first, then everything else in the order of the layers; of several names of one file the
 * first has the content and the others are hard links to it. The same layers are the same bytes. The layers are read twice: for the
 * names, which is all that is held in memory, and for the content.
 */
public final class LayerMerge {
    private LayerMerge() {}

    /**
     * Merges.
     *
     * @param layers lowest first, all in the store
     * @param onTop whether the image has other layers below these
     * @param times what to make of modification times
     * @param compression that of the new layer
     * @return the new layer, in the store; it may have no entries at all
     * @throws LayerException if a layer is broken, or if its entries lead outside the root
     * @throws InterruptedIOException soon after the thread was interrupted
     * @throws IOException if the store can't be read or written
     */
    public static Layer merge(
            ContentStore store,
            List<Layer> layers,
            boolean onTop,
            UnaryOperator<Instant> times,
            Compression compression)
            throws IOException {
        FlatTree tree = new FlatTree(FlatTree.MOST_NAMES, onTop);
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            try (LayerReader reader = LayerReader.open(store, layer.descriptor().digest(), layer.diffId())) {
                int ordinal = 0;
                for (TarEntry entry = next(reader); entry != null; entry = next(reader)) {
                    apply(tree, i, ordinal++, entry);
                }
            }
        }
        try (LayerWriter writer = new LayerWriter(store, compression, false)) {
            for (TarEntry change : tree.changes()) {
                writer.add(change.withMtime(times.apply(change.mtime())));
            }
            Map<FlatTree.Source, List<String>> paths = tree.paths();
            for (int i = 0; i < layers.size(); i++) {
                // Its diff ID was checked the first time.
                try (LayerReader reader =
                        LayerReader.open(store, layers.get(i).descriptor().digest(), null)) {
                    int ordinal = 0;
                    for (TarEntry entry = next(reader); entry != null; entry = next(reader)) {
                        List<String> names = paths.get(new FlatTree.Source(i, ordinal++));
                        if (names != null) {
                            add(writer, entry.withMtime(times.apply(entry.mtime())), names, reader);
                        }
                    }
                }
            }
            return writer.finish();
        }
    }

    private static @Nullable TarEntry next(LayerReader reader) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while layers were merged");
        }
        try {
            return reader.next();
        } catch (TarException e) {
            throw new LayerException("the layer is broken: " + e.getMessage(), e);
        }
    }

    /** Nothing is read or written here: what fails is the layer's fault. */
    private static void apply(FlatTree tree, int layer, int ordinal, TarEntry entry) throws LayerException {
        try {
            tree.apply(layer, ordinal, entry);
        } catch (IOException e) {
            throw new LayerException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void add(LayerWriter writer, TarEntry entry, List<String> names, LayerReader reader)
            throws IOException {
        String first = names.getFirst();
        writer.add(entry.withName(first), reader.content());
        for (String other : names.subList(1, names.size())) {
            writer.add(TarEntry.hardLink(other, first)
                    .withMode(entry.mode())
                    .withOwner(entry.uid(), entry.gid())
                    .withMtime(entry.mtime()));
        }
    }
}
