package io.slipway.image.layout;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocumentException;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Index;
import io.slipway.image.Manifest;
import io.slipway.image.context.BuildContext;
import io.slipway.image.context.ContextEntry;
import io.slipway.image.store.BlobWriter;
import io.slipway.image.store.ContentStore;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An image layout (OCI image specification 1.1, image-layout.md): a directory, or a tar of one that is stored as a context is. Nothing in it
 * is believed: what is copied out of it is checked against its digest. Closing lets go of its files.
 */
public final class OciLayout implements Closeable {
    private static final String INDEX = "index.json";
    /** Which image of the layout it is (annotations.md). */
    static final String REF_NAME = "org.opencontainers.image.ref.name";

    private static final String LATEST = "latest";

    private final Source source;
    private final Closeable open;

    private OciLayout(Source source, Closeable open) {
        this.source = source;
        this.open = open;
    }

    /** Opens a file of the layout; null if there is none. */
    @FunctionalInterface
    private interface Source {
        @Nullable
        InputStream open(String path) throws IOException;
    }

    /** The layout at a path: a directory, or a stored context of one, which may be a directory, too, but of packs. */
    public static OciLayout open(Path path) throws IOException {
        if (Files.isDirectory(path) && (Files.isRegularFile(path.resolve(INDEX)) || !BuildContext.isStored(path))) {
            return new OciLayout(
                    name -> {
                        Path file = path.resolve(name);
                        return Files.isRegularFile(file) ? Files.newInputStream(file) : null;
                    },
                    () -> {});
        }
        BuildContext tar = BuildContext.open(path);
        return new OciLayout(
                name -> {
                    ContextEntry entry = tar.find(name);
                    return entry == null || !entry.hasContent() ? null : tar.open(entry);
                },
                tar);
    }

    /**
     * The image, or the index of images, of that name.
     *
     * @param name a tag, or a digest; null for the only one, or for {@code latest} where there are several
     * @throws LayoutException if it has none of that name, or is no layout
     */
    public Descriptor find(@Nullable String name) throws IOException {
        Index index;
        try {
            index = ImageDocuments.readIndex(read(INDEX, ImageDocuments.MAX_MANIFEST_BYTES));
        } catch (ImageDocumentException e) {
            throw new LayoutException("it is no OCI layout: its index.json: " + e.getMessage());
        }
        List<Descriptor> images = index.manifests();
        if (name == null && images.size() == 1) {
            return images.getFirst();
        }
        String wanted = name == null ? LATEST : name;
        return images.stream()
                .filter(image -> wanted.equals(tag(image))
                        || wanted.equals(image.digest().toString()))
                .findFirst()
                .orElseThrow(
                        () -> new LayoutException("the OCI layout has no image " + wanted + ", only " + names(images)));
    }

    private static String names(List<Descriptor> images) {
        String names = String.join(
                ", ",
                images.stream()
                        .map(OciLayout::tag)
                        .filter(Objects::nonNull)
                        .distinct()
                        .toList());
        return names.isEmpty() ? "such without a tag" : names;
    }

    static @Nullable String tag(Descriptor image) {
        Map<String, String> annotations = image.annotations();
        return annotations == null ? null : annotations.get(REF_NAME);
    }

    /** Copies a document (a manifest or an index) into a store, and reads it. */
    public byte[] copyDocument(Descriptor document, ContentStore store) throws IOException {
        copy(document, store);
        return store.readSmall(document.digest(), ImageDocuments.MAX_MANIFEST_BYTES);
    }

    /** Copies what a manifest names into a store. */
    public void copyImage(Manifest manifest, ContentStore store) throws IOException {
        copy(manifest.config(), store);
        for (Descriptor layer : manifest.layers()) {
            copy(layer, store);
        }
    }

    /** Copies a blob into a store, unless it is there. */
    public void copy(Descriptor blob, ContentStore store) throws IOException {
        if (store.use(blob)) {
            return;
        }
        try (InputStream content = open(path(blob.digest()));
                BlobWriter writer = store.create(blob)) {
            content.transferTo(writer);
            writer.commit();
        }
    }

    /** Whether the layout has a blob of that name; what is in it is looked at when it is {@linkplain #copy copied}. */
    public boolean has(Descriptor blob) throws IOException {
        try (InputStream content = source.open(path(blob.digest()))) {
            return content != null;
        }
    }

    private static String path(Digest digest) {
        return "blobs/sha256/" + digest.hex();
    }

    private byte[] read(String path, int most) throws IOException {
        try (InputStream content = open(path)) {
            byte[] bytes = content.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new LayoutException("the " + path + " of the OCI layout is larger than " + most + " bytes");
            }
            return bytes;
        }
    }

    private InputStream open(String path) throws IOException {
        InputStream file = source.open(path);
        if (file == null) {
            throw new LayoutException(
                    path.equals(INDEX) ? "it is no OCI layout: it has no index.json" : "the OCI layout lacks " + path);
        }
        return file;
    }

    @Override
    public void close() throws IOException {
        open.close();
    }
}
