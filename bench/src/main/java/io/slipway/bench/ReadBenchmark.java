package io.slipway.bench;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarReader;
import io.slipway.image.tar.TarWriter;
import io.slipway.worker.cache.KeyHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a build does whose steps are all in the cache: read a tar's headers, hash contents, match ignore patterns, make keys. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReadBenchmark {
    private static final int FILES = 1000;
    private static final int FILE_BYTES = 6000;

    private final byte[] megabyte = Text.of(1 << 20);
    private final IgnorePatterns patterns =
            IgnorePatterns.parse("**/*.log\n.git\n**/target\n*.md\n!README.md\nbuild/**/out\n");
    private final List<String> paths = IntStream.range(0, FILES)
            .mapToObj(i -> "packages/p" + i % 40 + "/lib/module" + i + "/index.js")
            .toList();
    private byte[] tar = {};

    /** Makes a tar of a thousand files. */
    @Setup
    public void open() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] file = Text.of(FILE_BYTES);
        try (TarWriter writer = new TarWriter(bytes)) {
            for (String path : paths) {
                writer.put(TarEntry.file(path, 0644, file.length), new ByteArrayInputStream(file));
            }
            writer.finish();
        }
        tar = bytes.toByteArray();
    }

    /** The headers of a tar of a thousand files of 6 kB. */
    @Benchmark
    public long readTar() throws IOException {
        long sizes = 0;
        try (TarReader reader = new TarReader(new ByteArrayInputStream(tar))) {
            TarEntry entry;
            while ((entry = reader.next()) != null) {
                sizes += entry.size();
            }
        }
        return sizes;
    }

    /** SHA-256 of a megabyte. */
    @Benchmark
    public Digest hashMegabyte() {
        return Digest.of(megabyte);
    }

    /** The key of a COPY of a thousand files. */
    @Benchmark
    public Digest key() {
        return new KeyHash("copy").add(paths).digest();
    }

    /** A thousand paths against six patterns. */
    @Benchmark
    public int ignore() {
        int ignored = 0;
        for (String path : paths) {
            ignored += patterns.ignores(path) ? 1 : 0;
        }
        return ignored;
    }
}
