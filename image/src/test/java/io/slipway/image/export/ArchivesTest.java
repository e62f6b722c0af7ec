package io.slipway.image.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.registry.TestImage;
import io.slipway.image.store.ContentStore;
import io.slipway.image.store.ImageBlobs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OCI layout and the docker-archive, read back by skopeo and umoci. */
class ArchivesTest {
    private static final ImageReference NAME = ImageReference.parse("registry.example:5000/team/app:1");

    @TempDir
    Path directory;

    private ContentStore store;
    private Descriptor image;

    @BeforeEach
    void makeImage() throws IOException {
        store = ContentStore.at(directory.resolve("store"));
        image = TestImage.put(store, Map.of("etc/one", "1\n"), Map.of("etc/two", "2\n"));
    }

    @Test
    void skopeoReadsTheLayoutAndFindsTheSameDigest() throws Exception {
        Path file = directory.resolve("image.tar");
        try (OutputStream out = Files.newOutputStream(file)) {
            OciLayoutTar.write(store, image, List.of(NAME), out);
        }
        assertThat(Tools.run("skopeo", "inspect", "--format", "{{.Digest}}", "oci-archive:" + file + ":1"))
                .isEqualTo(image.digest() + "\n");
        assertThat(Tools.run("skopeo", "inspect", "--format", "{{len .Layers}}", "oci-archive:" + file))
                .isEqualTo("2\n");
    }

    @Test
    void umociUnpacksTheLayout() throws Exception {
        Path file = directory.resolve("image.tar");
        try (OutputStream out = Files.newOutputStream(file)) {
            OciLayoutTar.write(store, image, List.of(NAME), out);
        }
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Tools.run("tar", "-xf", file.toString(), "-C", layout.toString());
        Path bundle = directory.resolve("bundle");
        Tools.run("umoci", "unpack", "--rootless", "--image", layout + ":1", bundle.toString());
        assertThat(bundle.resolve("rootfs/etc/one")).hasContent("1\n");
        assertThat(bundle.resolve("rootfs/etc/two")).hasContent("2\n");
    }

    @Test
    void skopeoReadsTheDockerArchiveUnderEachOfItsNames() throws Exception {
        Path file = directory.resolve("image.tar");
        ImageReference familiar = ImageReference.parse("app:2");
        try (OutputStream out = Files.newOutputStream(file)) {
            DockerArchive.write(store, image, List.of(NAME, familiar), out);
        }
        for (ImageReference name : List.of(NAME, familiar)) {
            String source = "docker-archive:" + file + ":" + name.familiarName();
            assertThat(Tools.run("skopeo", "inspect", "--config", "--format", "{{.Architecture}}", source))
                    .isEqualTo("amd64\n");
        }
        Path copy = directory.resolve("copy");
        Tools.run("skopeo", "copy", "--quiet", "--insecure-policy", "docker-archive:" + file, "dir:" + copy);
        Digest config = TestImage.manifest(store, image).config().digest();
        assertThat(copy.resolve(config.hex())).exists();
    }

    @Test
    void theSameImageIsTheSameBytes() throws IOException {
        assertThat(layout(store)).isEqualTo(layout(store));
        ContentStore other = ContentStore.at(directory.resolve("other"));
        assertThat(TestImage.put(other, Map.of("etc/one", "1\n"), Map.of("etc/two", "2\n")))
                .isEqualTo(image);
        assertThat(layout(other)).isEqualTo(layout(store));
    }

    @Test
    void anIndexIsExportedWithAllItsImages() throws Exception {
        Descriptor arm64 = TestImage.put(store, Map.of("arch", "arm64"));
        Descriptor index = TestImage.putIndex(store, Map.of("linux/amd64", image, "linux/arm64", arm64));
        Path file = directory.resolve("image.tar");
        try (OutputStream out = Files.newOutputStream(file)) {
            OciLayoutTar.write(store, index, List.of(), out);
        }
        assertThat(Tools.run("skopeo", "inspect", "--raw", "oci-archive:" + file))
                .contains(arm64.digest().toString(), image.digest().toString());
        assertThatThrownBy(() -> DockerArchive.write(store, index, List.of(), OutputStream.nullOutputStream()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsMissingIsSaidBeforeAnythingIsWritten() throws IOException {
        Descriptor layer = TestImage.manifest(store, image).layers().getLast();
        store.delete(layer.digest());
        assertThat(ImageBlobs.missing(store, image)).containsExactly(layer);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> OciLayoutTar.write(store, image, List.of(), out))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(layer.digest().toString());
        assertThatThrownBy(() -> RootfsTar.write(store, image, out)).isInstanceOf(NoSuchFileException.class);
        assertThat(out.size()).isZero();
    }

    private byte[] layout(ContentStore from) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OciLayoutTar.write(from, image, List.of(NAME), out);
        return out.toByteArray();
    }
}
