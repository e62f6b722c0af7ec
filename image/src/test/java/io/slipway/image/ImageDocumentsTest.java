package io.slipway.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageDocumentsTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    @Test
    void aManifestComesBackAsItWasWritten() throws Exception {
        Descriptor config = new Descriptor(MediaType.OCI_CONFIG, Digest.parse(DIGEST), 7);
        Descriptor layer =
                new Descriptor(MediaType.OCI_LAYER_GZIP, Digest.parse(DIGEST), 9, Map.of("b", "2", "a", "1"), null);
        Manifest manifest = new Manifest(2, MediaType.OCI_MANIFEST, config, List.of(layer), null);
        byte[] json = ImageDocuments.write(manifest);
        assertThat(new String(json, UTF_8)).isEqualTo("""
                        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                        "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%1$s","size":7},\
                        "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%1$s","size":9,\
                        "annotations":{"a":"1","b":"2"}}]}""".formatted(DIGEST));
        assertThat(ImageDocuments.readManifest(json)).isEqualTo(manifest);
        assertThat(ImageDocuments.mediaType(json, null)).isEqualTo(MediaType.OCI_MANIFEST);
    }

    @Test
    void unknownFieldsAreIgnored() throws Exception {
        byte[] json = """
                {"architecture":"amd64","os":"linux","moby.buildkit.x":1,
                 "config":{"Cmd":["sh"],"Memory":0,"Entrypoint":"one"},"rootfs":{"type":"layers","diff_ids":["%s"]}}
                """.formatted(DIGEST).getBytes(UTF_8);
        ImageConfig config = ImageDocuments.readConfig(json);
        assertThat(config.rootfs().diffIds()).containsExactly(Digest.parse(DIGEST));
        ImageConfig.ContainerConfig container = requireNonNull(config.config());
        assertThat(container.cmd()).containsExactly("sh");
        assertThat(container.entrypoint()).containsExactly("one");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | the manifest",
                "[] | not a JSON object",
                "{ | can't be read",
                "{\"schemaVersion\":2,\"schemaVersion\":2} | Duplicate",
                "{\"schemaVersion\":2} | no config",
                "{\"schemaVersion\":2,\"config\":{}} | (at config.size)",
                "{\"schemaVersion\":2,\"config\":{\"size\":1}} | no mediaType",
                "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"size\":1}} | no digest",
                "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"digest\":\"md5:1\"}} | not a SHA-256 digest",
                "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"digest\":\"DIGEST\",\"size\":-1}} | negative size",
                "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"digest\":\"DIGEST\",\"size\":1}} | layers are missing",
                "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]} | says that it is both",
            })
    void brokenManifestsAreRefusedWithAReason(String json, String why) {
        byte[] bytes = json.replace("DIGEST", DIGEST).getBytes(UTF_8);
        assertThatThrownBy(() -> ImageDocuments.readManifest(bytes))
                .isInstanceOf(ImageDocumentException.class)
                .hasMessageContaining(why);
    }

    /** As BuildKit writes an image of nothing but a config. */
    @Test
    void nullForNoLayersIsRead() throws Exception {
        String manifest =
                "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"digest\":\"DIGEST\",\"size\":1},\"layers\":null}";
        assertThat(ImageDocuments.readManifest(
                                manifest.replace("DIGEST", DIGEST).getBytes(UTF_8))
                        .layers())
                .isEmpty();
        String config =
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}}";
        assertThat(ImageDocuments.readConfig(config.getBytes(UTF_8)).rootfs().diffIds())
                .isEmpty();
    }

    @Test
    void anIndexIsNotAManifest() {
        byte[] both = "{\"schemaVersion\":2,\"manifests\":[],\"config\":{}}".getBytes(UTF_8);
        assertThatThrownBy(() -> ImageDocuments.readIndex(both)).hasMessageContaining("says that it is both");
    }

    @Test
    void theTypeComesFromTheDocumentBeforeTheHeader() throws Exception {
        assertThat(ImageDocuments.mediaType("{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8), null))
                .isEqualTo(MediaType.OCI_INDEX);
        assertThat(ImageDocuments.mediaType(
                        "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8), MediaType.DOCKER_MANIFEST_LIST))
                .isEqualTo(MediaType.DOCKER_MANIFEST_LIST);
        assertThatThrownBy(() -> ImageDocuments.mediaType(
                        "{\"schemaVersion\":1,\"fsLayers\":[]}".getBytes(UTF_8),
                        "application/vnd.docker.distribution.manifest.v1+prettyjws"))
                .hasMessageContaining("Docker schema 1");
        assertThatThrownBy(() -> ImageDocuments.mediaType("{\"mediaType\":\"text/x\"}".getBytes(UTF_8), null))
                .hasMessage("not an image but text/x");
    }

    @Test
    void documentsHaveALimit() {
        assertThatThrownBy(() -> ImageDocuments.readManifest(new byte[ImageDocuments.MAX_MANIFEST_BYTES + 1]))
                .hasMessageContaining("more than 4194304 bytes");
        assertThatThrownBy(() -> ImageDocuments.readConfig(new byte[ImageDocuments.MAX_CONFIG_BYTES + 1]))
                .hasMessageContaining("more than 8388608 bytes");
    }
}
