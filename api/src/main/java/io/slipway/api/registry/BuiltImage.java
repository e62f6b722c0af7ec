package io.slipway.api.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The content of one image: what its manifest, or its index and that one's manifests, name. Nothing else of the content
 * store is served under the image's name, whoever knows its digest. Immutable.
 */
final class BuiltImage {
    /** More manifests than any real index has. */
    private static final int MOST_MANIFESTS = 1000;

    private final Descriptor root;
    private final Map<Digest, Descriptor> manifests;
    private final Map<Digest, Descriptor> blobs;

    private BuiltImage(Descriptor root, Map<Digest, Descriptor> manifests, Map<Digest, Descriptor> blobs) {
        this.root = root;
        this.manifests = manifests;
        this.blobs = blobs;
    }

    /**
     * Reads the image's documents.
     *
     * @throws java.nio.file.NoSuchFileException if one is not in the store any more
     */
    static BuiltImage read(ContentStore store, Digest digest, String mediaType) throws IOException {
        Descriptor root = new Descriptor(mediaType, digest, store.size(digest));
        Map<Digest, Descriptor> manifests = new HashMap<>();
        Map<Digest, Descriptor> blobs = new HashMap<>();
        Deque<Descriptor> open = new ArrayDeque<>();
        open.add(root);
        while (!open.isEmpty() && manifests.size() < MOST_MANIFESTS) {
            Descriptor next = open.remove();
            manifests.put(next.digest(), next);
            byte[] json = store.readSmall(next.digest(), ImageDocuments.MAX_MANIFEST_BYTES);
            if (ImageDocuments.isIndex(next.mediaType())) {
                ImageDocuments.readIndex(json).manifests().stream()
                        .filter(child -> !manifests.containsKey(child.digest()))
                        .forEach(open::add);
            } else {
                Manifest manifest = ImageDocuments.readManifest(json);
                blobs.put(manifest.config().digest(), manifest.config());
                manifest.layers().forEach(layer -> blobs.put(layer.digest(), layer));
            }
        }
        return new BuiltImage(root, manifests, blobs);
    }

    /** Marks all that the image consists of as used now: who asks for a manifest asks for the rest next. */
    void use(ContentStore store) throws IOException {
        for (Descriptor manifest : manifests.values()) {
            store.use(manifest);
        }
        for (Descriptor blob : blobs.values()) {
            store.use(blob);
        }
    }

    /** The manifest or index that tags stand for. */
    Descriptor root() {
        return root;
    }

    /** The manifest or index of that digest, if the image has it. */
    Optional<Descriptor> manifest(Digest digest) {
        return Optional.ofNullable(manifests.get(digest));
    }

    /** The config or layer of that digest, if the image has it. */
    Optional<Descriptor> blob(Digest digest) {
        return Optional.ofNullable(blobs.get(digest));
    }
}
