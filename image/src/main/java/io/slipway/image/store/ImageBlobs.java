package io.slipway.image.store;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an image in a content store consists of. */
public final class ImageBlobs {
    private ImageBlobs() {}

    /**
     * Everything that the image consists of, each once: the manifest or index itself, then what it points to, always a
     * document before what it names.
     *
     * @param image a manifest or index; the documents must be in the store, configs and layers need not be
     * @throws NoSuchFileException if a manifest is not in the store
     * @throws io.slipway.image.ImageDocumentException if a manifest can't be read
     */
    public static List<Descriptor> of(ContentStore store, Descriptor image) throws IOException {
        Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
        collect(store, image, blobs);
        return List.copyOf(blobs.values());
    }

    /** Those of {@link #of} that the store does not have: what must be pulled before the image can be exported. */
    public static List<Descriptor> missing(ContentStore store, Descriptor image) throws IOException {
        List<Descriptor> missing = new ArrayList<>();
        for (Descriptor blob : of(store, image)) {
            if (!store.use(blob)) {
                missing.add(blob);
            }
        }
        return missing;
    }

    /** Those of {@link #missing} of which nobody knows where they can be had: the image is not whole any more. */
    public static List<Descriptor> lost(ContentStore store, Descriptor image) throws IOException {
        List<Descriptor> lost = new ArrayList<>();
        for (Descriptor blob : missing(store, image)) {
            if (store.origin(blob.digest()) == null) {
                lost.add(blob);
            }
        }
        return lost;
    }

    private static void collect(ContentStore store, Descriptor image, Map<Digest, Descriptor> blobs)
            throws IOException {
        if (blobs.putIfAbsent(image.digest(), image) != null) {
            return;
        }
        byte[] document = store.readSmall(image.digest(), ImageDocuments.MAX_MANIFEST_BYTES);
        if (ImageDocuments.isIndex(image.mediaType())) {
            for (Descriptor manifest : ImageDocuments.readIndex(document).manifests()) {
                collect(store, manifest, blobs);
            }
            return;
        }
        Manifest manifest = ImageDocuments.readManifest(document);
        blobs.putIfAbsent(manifest.config().digest(), manifest.config());
        for (Descriptor layer : manifest.layers()) {
            blobs.putIfAbsent(layer.digest(), layer);
        }
    }
}
