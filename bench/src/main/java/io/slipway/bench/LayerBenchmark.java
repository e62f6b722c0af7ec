package io.slipway.bench;

import io.slipway.image.compression.Compression;
import io.slipway.image.compression.Compressor;
import io.slipway.image.layer.Layer;
import io.slipway.image.layer.LayerWriter;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A commit: 16 MiB of program text, as one file or as 4,096, to a tar, its diff ID, the compressed layer and its digest. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LayerBenchmark {
    private static final int BYTES = 16 << 20;

    /** How the layer is compressed. */
    @Param({"gzip", "zstd", "none"})
    public String compression = "gzip";

    /** How many files the bytes are. */
    @Param({"1", "4096"})
    public int files = 1;

    private byte[] content = {};
    private Path folder = Path.of("");
    private @Nullable ContentStore store;

    /** Makes the bytes and an empty content store. */
    @Setup
    public void open() throws IOException {
        content = Text.of(BYTES);
        folder = Files.createTempDirectory("slipway-micro-");
        store = ContentStore.at(folder);
    }

    /** Commits one layer. */
    @Benchmark
    public Layer commit() throws IOException {
        try (LayerWriter writer = new LayerWriter(Objects.requireNonNull(store), how(), false)) {
            for (int i = 0; i < files; i++) {
                writer.add(entry(i), file(i));
            }
            return writer.finish();
        }
    }

    /** Each file another part of the text: what was in the one before would be too easy to compress. */
    private InputStream file(int number) {
        int size = BYTES / files;
        return new ByteArrayInputStream(content, number * size, size);
    }

    private TarEntry entry(int number) {
        return TarEntry.file("file" + number, 0644, BYTES / files);
    }

    /** Writes the tar alone, to nowhere. */
    @Benchmark
    public void tar() throws IOException {
        try (TarWriter tar = new TarWriter(OutputStream.nullOutputStream())) {
            for (int i = 0; i < files; i++) {
                tar.put(entry(i), file(i));
            }
            tar.finish();
        }
    }

    /** Compresses the bytes alone, to nowhere. */
    @Benchmark
    public void compress() throws IOException {
        try (Compressor compressor = how().compress(OutputStream.nullOutputStream())) {
            compressor.write(content);
            compressor.finish();
        }
    }

    private Compression how() {
        return switch (compression) {
            case "gzip" -> Compression.gzip();
            case "zstd" -> Compression.zstd();
            default -> Compression.none();
        };
    }

    /** Removes the store. */
    @TearDown
    public void close() throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
