package io.slipway.image.export;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import io.slipway.image.layer.FlatTree;
import io.slipway.image.layer.LayerReader;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;

/**
 * An image's root file system as one tar: its layers applied on each other, as {@code docker export} gives it. Directories
 * come first, then everything else in the order of the layers; of several names of one file the first has the content and
 * the others are hard links to it. The same layers are the same bytes.
 *
 * <p>The layers are read twice: for the names, which is all that is held in memory, and for the content.
 */
public final class RootfsTar {
    private RootfsTar() {}

    /**
     * Writes the root file system, streamed.
     *
     * @param image a manifest, whose layers are all in the store
     * @param out where to; not closed
     * @throws IllegalArgumentException if {@code image} is an index
     * @throws NoSuchFileException before anything is written, if the store does not have all layers
     * @throws IOException if a layer can't be read as a tar, or leads outside the root
     */
    public static void write(ContentStore store, Descriptor image, OutputStream out) throws IOException {
        if (!ImageDocuments.isManifest(image.mediaType())) {
            throw new IllegalArgumentException("a root file system is that of one image, not of " + image.mediaType());
        }
        Manifest manifest =
                ImageDocuments.readManifest(store.readSmall(image.digest(), ImageDocuments.MAX_MANIFEST_BYTES));
        List<Descriptor> layers = manifest.layers();
        for (Descriptor layer : layers) {
            if (!store.use(layer)) {
                throw new NoSuchFileException(
                        layer.digest().toString(), null, "the content store does not have this layer of the image");
            }
        }
        FlatTree tree = new FlatTree(FlatTree.MOST_NAMES, false);
        for (int layer = 0; layer < layers.size(); layer++) {
            try (LayerReader reader = open(store, layers.get(layer))) {
                int ordinal = 0;
                for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                    tree.apply(layer, ordinal++, entry);
                }
            }
        }
        TarWriter writer = new TarWriter(out);
        for (TarEntry directory : tree.directories()) {
            writer.put(directory);
        }
        Map<FlatTree.Source, List<String>> paths = tree.paths();
        for (int layer = 0; layer < layers.size(); layer++) {
            try (LayerReader reader = open(store, layers.get(layer))) {
                int ordinal = 0;
                for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                    List<String> names = paths.get(new FlatTree.Source(layer, ordinal++));
                    if (names != null) {
                        write(writer, entry, names, reader);
                    }
                }
            }
        }
        writer.finish();
    }

    private static void write(TarWriter writer, TarEntry entry, List<String> names, LayerReader reader)
            throws IOException {
        String first = names.getFirst();
        writer.put(entry.withName(first), reader.content());
        for (String other : names.subList(1, names.size())) {
            writer.put(TarEntry.hardLink(other, first)
                    .withMode(entry.mode())
                    .withOwner(entry.uid(), entry.gid())
                    .withMtime(entry.mtime()));
        }
    }

    private static LayerReader open(ContentStore store, Descriptor layer) throws IOException {
        return LayerReader.open(store, layer.digest(), null);
    }
}
