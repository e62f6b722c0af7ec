package io.slipway.image.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Index;
import io.slipway.image.MediaType;
import io.slipway.image.store.ContentStore;
import io.slipway.image.store.ImageBlobs;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The files of an OCI layout (OCI image specification 1.1, image-layout.md) in a tar. */
final class LayoutTar {
    /** Which of an image's names it is: by convention the tag alone (image-layout.md, annotations.md). */
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    /** The whole name, for containerd and Docker. */
    private static final String IMAGE_NAME = "io.containerd.image.name";

    private final TarWriter tar;

    LayoutTar(OutputStream out) {
        this.tar = new TarWriter(out);
    }

    /** Writes the whole layout and, if there is one, a {@code manifest.json} for Docker. */
    void write(ContentStore store, Descriptor image, List<ImageReference> names, byte @Nullable [] manifestJson)
            throws IOException {
        List<Descriptor> blobs = ImageBlobs.of(store, image);
        requireAll(store, blobs);
        tar.put(TarEntry.directory("blobs", 0755));
        tar.put(TarEntry.directory("blobs/sha256", 0755));
        for (Descriptor blob : blobs) {
            try (InputStream content = store.open(blob.digest())) {
                tar.put(TarEntry.file(path(blob), 0644, blob.size()), content);
            }
        }
        put("index.json", ImageDocuments.write(index(image, names)));
        if (manifestJson != null) {
            put("manifest.json", manifestJson);
        }
        put("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(UTF_8));
        tar.finish();
    }

    /** Where a blob is in the layout. */
    static String path(Descriptor blob) {
        return "blobs/sha256/" + blob.digest().hex();
    }

    /** Before the first byte is written: an archive that breaks off in the middle tells nobody why. */
    private static void requireAll(ContentStore store, List<Descriptor> blobs) throws IOException {
        for (Descriptor blob : blobs) {
            if (!store.use(blob)) {
                throw new NoSuchFileException(
                        blob.digest().toString(), null, "the content store does not have this part of the image");
            }
        }
    }

    private void put(String name, byte[] content) throws IOException {
        tar.put(TarEntry.file(name, 0644, content.length), new ByteArrayInputStream(content));
    }

    private static Index index(Descriptor image, List<ImageReference> names) {
        List<Descriptor> manifests = new ArrayList<>();
        for (ImageReference name : names) {
            Map<String, String> annotations = new TreeMap<>();
            annotations.put(IMAGE_NAME, name.canonicalName());
            if (name.tag() != null) {
                annotations.put(REF_NAME, name.tag());
            }
            manifests.add(new Descriptor(image.mediaType(), image.digest(), image.size(), annotations, null));
        }
        if (manifests.isEmpty()) {
            manifests.add(new Descriptor(image.mediaType(), image.digest(), image.size()));
        }
        return new Index(2, MediaType.OCI_INDEX, manifests, null);
    }
}
