package io.slipway.image.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.MediaType;
import io.slipway.image.compression.Compression;
import io.slipway.image.compression.TestCompression;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.Tars;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerRoundTripTest {
    private static final int LARGE = 3_000_000;

    @TempDir
    Path directory;

    private ContentStore store;

    @BeforeEach
    void makeStore() throws IOException {
        store = ContentStore.at(directory.resolve("store"));
    }

    static Stream<Compression> compressions() {
        return Stream.of(
                Compression.none(),
                Compression.gzip(),
                new Compression(Compression.Algorithm.GZIP, 0),
                new Compression(Compression.Algorithm.GZIP, 9),
                Compression.zstd());
    }

    /** One of everything that a layer may have. */
    private static List<TarEntry> entries() {
        return List.of(
                TarEntry.directory(".", 0755),
                TarEntry.directory("d", 01777).withMtime(Instant.ofEpochSecond(1_700_000_000, 5)),
                TarEntry.file("d/setuid", 04755, 7).withOwner(1000, 3_000_000_000L),
                TarEntry.file("d/capable", 0755, 0)
                        .withXattrs(Map.of("security.capability", new byte[] {1, 0, 0, 2}, "user.x", new byte[300])),
                TarEntry.file("d/\udcff\n" + "n".repeat(200), 0, 1),
                TarEntry.symlink("link", "../../etc/passwd"),
                TarEntry.hardLink("hard", "d/setuid"),
                special("dev/null", TarEntry.Type.CHARACTER_DEVICE, 1, 3),
                special("dev/disk", TarEntry.Type.BLOCK_DEVICE, 8, 0),
                special("dev/fifo", TarEntry.Type.FIFO, 0, 0),
                TarEntry.file("large", 0644, LARGE),
                Whiteout.removing("d/gone"),
                Whiteout.opaque("opaque"),
                TarEntry.file("hole", 0644, 8_000_000));
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void everyEntryComesBack(Compression compression) throws IOException {
        Layer layer = write(compression);
        List<TarEntry> read = new ArrayList<>();
        try (LayerReader reader = LayerReader.open(store, layer.descriptor().digest(), layer.diffId())) {
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                read.add(entry);
                assertThat(Arrays.equals(reader.content().readAllBytes(), content(entry)))
                        .as(entry.name())
                        .isTrue();
            }
        }
        assertThat(read).isEqualTo(entries());
        try (LayerReader reader = LayerReader.open(store, layer.descriptor().digest(), layer.diffId())) {
            assertThat(reader.next()).isEqualTo(entries().getFirst());
            reader.verify();
            reader.verify();
        }
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void digestAndDiffIdAreWhatTheStandardToolsSay(Compression compression) throws Exception {
        Layer layer = write(compression);
        Descriptor blob = layer.descriptor();
        String decompress = switch (compression.algorithm()) {
            case NONE -> "cat";
            case GZIP -> "gunzip -c";
            case ZSTD -> "zstd -dc";
        };
        String said = new String(
                Tars.bash(
                        directory,
                        "sha256sum <B; stat -c %s B; D <B | sha256sum; D <B | tar -tf - | wc -l"
                                .replace("D", decompress)
                                .replace("B", store.path(blob.digest()).toString())),
                UTF_8);
        assertThat(said.lines().map(line -> line.replace("  -", "")))
                .containsExactly(
                        blob.digest().hex(),
                        Long.toString(blob.size()),
                        layer.diffId().hex(),
                        Integer.toString(entries().size()));
        assertThat(blob.mediaType()).isEqualTo(compression.algorithm().mediaType(false));
        assertThat(blob.size()).isEqualTo(store.size(blob.digest()));
    }

    @ParameterizedTest
    @MethodSource("compressions")
    void theSameEntriesAreTheSameBytesAloneAndBesideOthers(Compression compression) throws Exception {
        Layer once = write(compression);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Layer>> writes =
                    List.of(() -> write(compression), () -> write(compression), () -> write(compression));
            for (Future<Layer> layer : executor.invokeAll(writes)) {
                assertThat(layer.get()).isEqualTo(once);
            }
        }
        assertThat(ingest()).isEmpty();
    }

    @Test
    void theDiffIdIsTheSameInEveryCompression() throws IOException {
        Digest plain = write(Compression.none()).descriptor().digest();
        for (Compression compression : compressions().toList()) {
            assertThat(write(compression).diffId()).isEqualTo(plain);
        }
    }

    @Test
    void aLayerWithoutEntriesIsALayer() throws IOException {
        try (LayerWriter writer = new LayerWriter(store, Compression.gzip(), true)) {
            Layer layer = writer.finish();
            assertThat(layer.descriptor().mediaType()).isEqualTo(MediaType.DOCKER_LAYER_GZIP);
            assertThat(layer.diffId()).isEqualTo(Digest.of(new byte[1024]));
            try (LayerReader reader = LayerReader.open(store, layer.descriptor().digest(), layer.diffId())) {
                assertThat(reader.next()).isNull();
                assertThat(reader.next()).isNull();
            }
        }
        assertThatThrownBy(() -> new LayerWriter(store, Compression.zstd(), true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ingest()).isEmpty();
    }

    @Test
    void theWriterCountsWhatItHasWritten() throws IOException {
        try (LayerWriter writer = new LayerWriter(store, Compression.gzip(), false)) {
            writer.add(TarEntry.directory("d", 0755));
            assertThat(writer.uncompressedSize()).isEqualTo(512);
            writer.add(TarEntry.file("f", 0644, LARGE), new ByteArrayInputStream(new byte[LARGE + 1]));
            assertThat(writer.uncompressedSize()).isEqualTo(1024 + (LARGE + 511) / 512 * 512);
            assertThat(writer.entries()).isEqualTo(2);
        }
        assertThat(ingest()).as("not finished, not kept").isEmpty();
    }

    /** Who misses the exception must not commit half a layer. */
    @Test
    void afterAFailureNothingButClosingIsLeft() throws IOException {
        TarEntry file = TarEntry.file("f", 0644, 1000);
        List<LayerEntry> failing = List.of(
                new LayerEntry(file, () -> new ByteArrayInputStream(new byte[999])),
                new LayerEntry(file, () -> {
                    throw new IOException("no such file");
                }),
                LayerEntry.of(special("d", TarEntry.Type.CHARACTER_DEVICE, 1 << 24, 0)));
        for (LayerEntry entry : failing) {
            try (LayerWriter writer = new LayerWriter(store, Compression.zstd(), false)) {
                writer.add(TarEntry.directory("d", 0755));
                assertThatThrownBy(() -> writer.add(entry)).isNotInstanceOf(IllegalStateException.class);
                assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> writer.add(TarEntry.directory("e", 0755)))
                        .isInstanceOf(IllegalStateException.class);
            }
        }
        try (LayerWriter writer = new LayerWriter(store, Compression.gzip(), false)) {
            writer.finish();
            assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        }
        assertThat(ingest()).isEmpty();
    }

    /** A sparse file in a layer from elsewhere: its data can be had without its holes. */
    @Test
    void sparseFilesOfOtherWritersAreReadWithAndWithoutHoles() throws Exception {
        Tars.bash(directory, """
                truncate -s 300M s; printf needle | dd of=s bs=1 seek=200000000 conv=notrunc status=none
                tar -S --format=posix -cf s.tar s; rm s
                """);
        byte[] tar = Files.readAllBytes(directory.resolve("s.tar"));
        for (TestCompression compression : TestCompression.values()) {
            byte[] blob = compression.compress(tar);
            try (LayerReader reader =
                    LayerReader.open(new ByteArrayInputStream(blob), Digest.of(tar), LayerReader.DEFAULT_LIMITS)) {
                TarEntry entry = Objects.requireNonNull(reader.next());
                assertThat(entry.size()).isEqualTo(300 << 20);
                assertThat(new String(reader.packedContent().readAllBytes(), UTF_8))
                        .contains("needle")
                        .hasSize(4096);
                assertThat(reader.next()).isNull();
            }
        }
        try (LayerReader reader = LayerReader.open(new ByteArrayInputStream(tar), null, LayerReader.DEFAULT_LIMITS)) {
            assertThat(reader.next()).isNotNull();
            InputStream content = reader.content();
            content.skipNBytes(200_000_000);
            assertThat(new String(content.readNBytes(6), UTF_8)).isEqualTo("needle");
        }
    }

    private Layer write(Compression compression) throws IOException {
        try (LayerWriter writer = new LayerWriter(store, compression, false)) {
            for (TarEntry entry : entries()) {
                writer.add(
                        entry.size() == 0
                                ? LayerEntry.of(entry)
                                : new LayerEntry(entry, () -> new ByteArrayInputStream(content(entry))));
            }
            return writer.finish();
        }
    }

    private static byte[] content(TarEntry entry) {
        byte[] content = new byte[(int) entry.size()];
        if (!entry.name().equals("hole")) {
            new Random(content.length).nextBytes(content);
        }
        return content;
    }

    private List<Path> ingest() throws IOException {
        try (Stream<Path> files = Files.list(store.root().resolve("ingest"))) {
            return files.toList();
        }
    }

    private static TarEntry special(String name, TarEntry.Type type, int major, int minor) {
        return new TarEntry(name, type, 0600, 0, 0, Instant.EPOCH, 0, "", major, minor, new TreeMap<>(), null);
    }
}
