package io.slipway.image.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import io.slipway.image.MediaType;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OciLayoutDirectoryTest {
    @TempDir
    private Path folder;

    private ContentStore store;
    private Path layout;

    @BeforeEach
    void open() throws IOException {
        store = ContentStore.at(folder.resolve("store"));
        layout = folder.resolve("layout");
    }

    @Test
    void whatIsWrittenIsFoundByItsName() throws IOException {
        Descriptor manifest = manifest("a");
        OciLayoutDirectory.write(layout, "name", manifest, store);
        ContentStore other = ContentStore.at(folder.resolve("other"));
        try (OciLayout written = OciLayout.open(layout)) {
            assertThat(written.find("name").digest()).isEqualTo(manifest.digest());
            Manifest read = ImageDocuments.readManifest(written.copyDocument(written.find("name"), other));
            written.copyImage(read, other);
            assertThat(other.contains(read.layers().getFirst())).isTrue();
        }
    }

    @Test
    void aNameMovesAndOthersStay() throws IOException {
        OciLayoutDirectory.write(layout, "stays", manifest("a"), store);
        OciLayoutDirectory.write(layout, "moves", manifest("b"), store);
        Descriptor newest = manifest("c");
        OciLayoutDirectory.write(layout, "moves", newest, store);
        try (OciLayout written = OciLayout.open(layout)) {
            assertThat(written.find("moves").digest()).isEqualTo(newest.digest());
            assertThat(written.find("stays").digest()).isEqualTo(manifest("a").digest());
        }
    }

    @Test
    void whatIsNoLayoutIsNotOverwritten() throws IOException {
        Path index = Files.createDirectory(layout).resolve("index.json");
        Files.writeString(index, "[\"mine\"]");
        assertThatThrownBy(() -> OciLayoutDirectory.write(layout, "name", manifest("a"), store))
                .isInstanceOf(LayoutException.class)
                .hasMessageContaining("is there already");
        assertThat(index).hasContent("[\"mine\"]");
    }

    private Descriptor manifest(String content) throws IOException {
        Descriptor layer = store.put(MediaType.OCI_LAYER, content.getBytes(UTF_8));
        Descriptor config = store.put("application/x-test", "{}".getBytes(UTF_8));
        return store.put(
                MediaType.OCI_MANIFEST,
                ImageDocuments.write(new Manifest(2, MediaType.OCI_MANIFEST, "a/b", config, List.of(layer), null)));
    }
}
