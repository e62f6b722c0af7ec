package io.slipway.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageConfig;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Index;
import io.slipway.image.Manifest;
import io.slipway.image.MediaType;
import io.slipway.image.Platform;
import io.slipway.image.store.ContentStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/** Small images for tests: one uncompressed layer for each map of files. */
public final class TestImage {
    private TestImage() {}

    /**
     * Puts an image for linux/amd64 into the store.
     *
     * @param layers for each layer the files' contents by name
     * @return the manifest
     */
    @SafeVarargs
    public static Descriptor put(ContentStore store, Map<String, String>... layers) throws IOException {
        List<Descriptor> descriptors = new ArrayList<>();
        List<Digest> diffIds = new ArrayList<>();
        for (Map<String, String> files : layers) {
            byte[] tar = tar(files);
            descriptors.add(store.put(MediaType.OCI_LAYER, tar));
            diffIds.add(Digest.of(tar));
        }
        ImageConfig config = new ImageConfig(
                null, null, "amd64", null, "linux", null, null, null, new ImageConfig.RootFs("layers", diffIds), null);
        Manifest manifest = new Manifest(
                2,
                MediaType.OCI_MANIFEST,
                store.put(MediaType.OCI_CONFIG, ImageDocuments.write(config)),
                descriptors,
                null);
        return store.put(MediaType.OCI_MANIFEST, ImageDocuments.write(manifest));
    }

    /** Puts an index of these manifests into the store. */
    public static Descriptor putIndex(ContentStore store, Map<String, Descriptor> byPlatform) throws IOException {
        List<Descriptor> manifests = new ArrayList<>();
        byPlatform.forEach((platform, manifest) -> manifests.add(
                new Descriptor(manifest.mediaType(), manifest.digest(), manifest.size(), null, platformOf(platform))));
        return store.put(MediaType.OCI_INDEX, ImageDocuments.write(new Index(2, MediaType.OCI_INDEX, manifests, null)));
    }

    /** Puts the same image with other layers into the store. */
    public static Descriptor withLayers(ContentStore store, Descriptor image, List<Descriptor> layers)
            throws IOException {
        Manifest old = manifest(store, image);
        Manifest changed = new Manifest(2, old.mediaType(), old.config(), layers, null);
        return store.put(image.mediaType(), ImageDocuments.write(changed));
    }

    /** The manifest of an image in the store. */
    public static Manifest manifest(ContentStore store, Descriptor image) throws IOException {
        return ImageDocuments.readManifest(store.readSmall(image.digest(), ImageDocuments.MAX_MANIFEST_BYTES));
    }

    private static @Nullable Platform platformOf(String platform) {
        return platform.isEmpty() ? null : Platform.parse(platform);
    }

    private static byte[] tar(Map<String, String> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                byte[] content = file.getValue().getBytes(UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(content.length);
                entry.setModTime(0);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }
}
