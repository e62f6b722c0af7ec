package io.slipway.image.export;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.slipway.image.Descriptor;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Manifest;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/**
 * An image as {@code docker save} writes it since Docker 25: an OCI layout with a {@code manifest.json} beside it that
 * points to the same blobs. {@code docker load} of any age reads manifest.json and takes compressed layers; podman and
 * skopeo do as well ("docker-archive"). The same image and names are the same bytes.
 */
public final class DockerArchive {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private DockerArchive() {}

    @JsonPropertyOrder({"Config", "RepoTags", "Layers"})
    private record Item(
            @JsonProperty("Config") String config,
            @JsonProperty("RepoTags") List<String> repoTags,
            @JsonProperty("Layers") List<String> layers) {}

    /**
     * Writes the image, streamed.
     *
     * @param image a manifest, all of it in the store
     * @param names what the image is called in it, none or several; those without a tag are left out, as Docker does
     * @param out where to; not closed
     * @throws IllegalArgumentException if {@code image} is an index: such an archive has one platform
     * @throws java.nio.file.NoSuchFileException before anything is written, if the store does not have all of it
     */
    public static void write(ContentStore store, Descriptor image, List<ImageReference> names, OutputStream out)
            throws IOException {
        if (!ImageDocuments.isManifest(image.mediaType())) {
            throw new IllegalArgumentException("a docker archive holds one image, not " + image.mediaType());
        }
        Manifest manifest =
                ImageDocuments.readManifest(store.readSmall(image.digest(), ImageDocuments.MAX_MANIFEST_BYTES));
        List<String> tags = names.stream()
                .filter(name -> name.tag() != null)
                .map(name -> name.withTag(Objects.requireNonNull(name.tag())).familiarName())
                .toList();
        Item item = new Item(
                LayoutTar.path(manifest.config()),
                tags,
                manifest.layers().stream().map(LayoutTar::path).toList());
        new LayoutTar(out).write(store, image, names, MAPPER.writeValueAsBytes(List.of(item)));
    }
}
