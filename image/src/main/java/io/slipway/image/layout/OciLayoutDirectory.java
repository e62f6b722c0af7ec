package io.slipway.image.layout;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Index;
import io.slipway.image.Manifest;
import io.slipway.image.MediaType;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes into a directory that is an image layout (OCI image specification 1.1, image-layout.md), or becomes one. */
public final class OciLayoutDirectory {
    private static final String INDEX = "index.json";

    private OciLayoutDirectory() {}

    /**
     * Puts an image, or an artifact, there under a name; what has that name there loses it. Other names stay. A reader finds the old one or the
     * new one, never half of it.
     *
     * @param manifest in the store, with all that it names
     * @throws LayoutException if there is an index already that is none
     */
    public static void write(Path directory, String name, Descriptor manifest, ContentStore store) throws IOException {
        Path blobs = Files.createDirectories(directory.resolve("blobs").resolve("sha256"));
        replace(
                directory.resolve("oci-layout"),
                "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII));
        Manifest document =
                ImageDocuments.readManifest(store.readSmall(manifest.digest(), ImageDocuments.MAX_MANIFEST_BYTES));
        for (Descriptor layer : document.layers()) {
            copy(layer, blobs, store);
        }
        copy(document.config(), blobs, store);
        copy(manifest, blobs, store);
        List<Descriptor> images = new ArrayList<>();
        for (Descriptor image : existing(directory.resolve(INDEX))) {
            if (!name.equals(OciLayout.tag(image))) {
                images.add(image);
            }
        }
        images.add(new Descriptor(
                manifest.mediaType(), manifest.digest(), manifest.size(), Map.of(OciLayout.REF_NAME, name), null));
        replace(directory.resolve(INDEX), ImageDocuments.write(new Index(2, MediaType.OCI_INDEX, images, null)));
    }

    private static List<Descriptor> existing(Path index) throws IOException {
        if (!Files.exists(index)) {
            return List.of();
        }
        try {
            return ImageDocuments.readIndex(Files.readAllBytes(index)).manifests();
        } catch (IOException e) {
            throw new LayoutException(index + " is there already and is no index of an OCI layout: " + e.getMessage());
        }
    }

    private static void copy(Descriptor blob, Path blobs, ContentStore store) throws IOException {
        Path target = blobs.resolve(blob.digest().hex());
        if (Files.exists(target) && Files.size(target) == blob.size()) {
            return;
        }
        Path unfinished = unfinished(target);
        Files.copy(store.path(blob.digest()), unfinished, StandardCopyOption.REPLACE_EXISTING);
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path unfinished = unfinished(file);
        Files.writeString(unfinished, new String(content, StandardCharsets.UTF_8));
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path unfinished(Path file) {
        return file.resolveSibling(file.getFileName() + ".part");
    }
}
