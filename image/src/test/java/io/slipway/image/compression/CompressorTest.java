package io.slipway.image.compression;

import static io.slipway.image.compression.TestCompression.allocatedByThisThread;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.slipway.image.Digest;
import io.slipway.image.compression.Compression.Algorithm;
import io.slipway.image.tar.Tars;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes out of every compressor, the ones for machines without ISA-L included, is what went in. */
class CompressorTest {
    private static final int BLOCK = GzipCompressor.BLOCK_BYTES;
    private static final byte[] ZEROS = new byte[BLOCK];
    private static final byte[] TEXT = TestCompression.text(4 * BLOCK);
    private static final List<byte[]> INPUTS = inputs();

    @TempDir
    Path directory;

    /** A way to make a compressor. */
    interface Making {
        Compressor compressing(OutputStream out) throws IOException;
    }

    static Stream<Arguments> compressors() {
        List<Arguments> all = new ArrayList<>();
        for (int level : new int[] {Compression.DEFAULT_LEVEL, 0, 2, 3, 6}) {
            all.add(arguments(
                    "gzip " + level, Algorithm.GZIP, (Making) new Compression(Algorithm.GZIP, level)::compress));
        }
        for (int level : new int[] {1, ZlibDeflater.DEFAULT_LEVEL, 9}) {
            all.add(arguments("zlib " + level, Algorithm.GZIP, (Making)
                    out -> new GzipCompressor(out, new ZlibDeflater(level), CompressionThreads.shared())));
        }
        for (int threads : new int[] {1, 5}) {
            all.add(arguments("zlib on " + threads, Algorithm.GZIP, (Making)
                    out -> new GzipCompressor(out, new ZlibDeflater(1), new CompressionThreads(threads))));
        }
        for (int level : new int[] {Compression.DEFAULT_LEVEL, 1, 7}) {
            all.add(arguments(
                    "zstd " + level, Algorithm.ZSTD, (Making) new Compression(Algorithm.ZSTD, level)::compress));
        }
        return all.stream();
    }

    private static List<byte[]> inputs() {
        List<byte[]> inputs = new ArrayList<>();
        for (int size : new int[] {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5_000_000}) {
            inputs.add(random(size));
            inputs.add(new byte[size]);
        }
        inputs.add(Arrays.copyOf(TEXT, 2 * BLOCK + 7));
        byte[] mixed = Arrays.copyOf(TEXT, 3 * BLOCK);
        System.arraycopy(random(BLOCK), 0, mixed, BLOCK + 100, BLOCK);
        inputs.add(mixed);
        return inputs;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("compressors")
    void comesBackWhatWentIn(String name, Algorithm algorithm, Making making) throws IOException {
        for (byte[] input : INPUTS) {
            byte[] compressed = compress(making, input, input.length);
            assertThat(Arrays.equals(decompress(compressed), input))
                    .as("%d bytes", input.length)
                    .isTrue();
            assertThat(compressed.length).isLessThan(input.length + input.length / 1000 + 100);
            if (algorithm == Algorithm.GZIP) {
                try (GZIPInputStream jdk = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
                    assertThat(Arrays.equals(jdk.readAllBytes(), input)).isTrue();
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("compressors")
    void theBytesDoNotDependOnHowTheyWereWritten(String name, Algorithm algorithm, Making making) throws IOException {
        byte[] input = Arrays.copyOf(TEXT, BLOCK + 12_345);
        Digest whole = Digest.of(compress(making, input, input.length));
        for (int step : new int[] {997, 65_536, BLOCK}) {
            assertThat(Digest.of(compress(making, input, step))).isEqualTo(whole);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("compressors")
    void theStandardToolReadsIt(String name, Algorithm algorithm, Making making) throws Exception {
        String tool = algorithm == Algorithm.GZIP ? "gzip" : "zstd -q";
        byte[] input = Arrays.copyOf(TEXT, BLOCK + 1);
        Files.write(directory.resolve("c"), compress(making, input, input.length));
        String said = new String(Tars.bash(directory, tool + " -t <c; " + tool + " -dc <c | sha256sum"), UTF_8);
        assertThat(said).startsWith(Digest.of(input).hex());
    }

    @Test
    void aHigherLevelCompressesMore() throws IOException {
        byte[] input = TEXT;
        for (Algorithm algorithm : List.of(Algorithm.GZIP, Algorithm.ZSTD)) {
            int fast = compress(new Compression(algorithm, 1)::compress, input, 1 << 16).length;
            int usual = compress(new Compression(algorithm, -1)::compress, input, 1 << 16).length;
            int best = compress(new Compression(algorithm, 7)::compress, input, 1 << 16).length;
            assertThat(best).isLessThan(fast);
            assertThat(usual).isLessThanOrEqualTo(fast);
            assertThat(fast).isLessThan(input.length / 2);
        }
        assertThat(compress(new Compression(Algorithm.GZIP, 0)::compress, input, 1 << 16).length)
                .as("level 0 stores")
                .isGreaterThan(input.length);
    }

    @Test
    void theHighestLevelsWorkToo() throws IOException {
        byte[] input = Arrays.copyOf(TEXT, 200_000);
        for (Compression best : List.of(new Compression(Algorithm.GZIP, 9), new Compression(Algorithm.ZSTD, 19))) {
            assertThat(decompress(compress(best::compress, input, 1000))).isEqualTo(input);
        }
    }

    @ParameterizedTest
    @CsvSource({"GZIP, 10", "GZIP, -2", "ZSTD, 0", "ZSTD, 20", "ZSTD, -7", "NONE, -2"})
    void levelsThatAreNoneAreRefused(Algorithm algorithm, int level) {
        assertThatThrownBy(() -> new Compression(algorithm, level)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theFingerprintSaysWhatCompresses() {
        assertThat(Compression.none().fingerprint()).isEqualTo("none");
        assertThat(Compression.gzip().fingerprint()).matches("gzip/(isa-l-1|zlib-4)/[0-9a-f]{8}");
        assertThat(new Compression(Algorithm.GZIP, 9).fingerprint()).matches("gzip/zlib-9/[0-9a-f]{8}");
        assertThat(Compression.zstd().fingerprint()).matches("zstd/libzstd-3/[0-9a-f]{8}");
    }

    /** Each block is the same whoever compresses beside it. */
    @Test
    void manyAtTheSameTimeMakeTheSameBytes() throws Exception {
        byte[] input = TEXT;
        for (Compression compression : List.of(Compression.gzip(), Compression.zstd())) {
            byte[] alone = compress(compression::compress, input, 10_000);
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
                Callable<byte[]> task = () -> compress(compression::compress, input, 10_000);
                for (Future<byte[]> beside : executor.invokeAll(List.of(task, task, task, task))) {
                    assertThat(Arrays.equals(beside.get(), alone)).isTrue();
                }
            }
        }
    }

    @Test
    void memoryDoesNotGrowWithTheInput() throws IOException {
        CompressionThreads threads = new CompressionThreads(4);
        long[] used = new long[2];
        for (int round = 0; round < 2; round++) {
            long before = allocatedByThisThread();
            try (Compressor compressor =
                    new GzipCompressor(OutputStream.nullOutputStream(), new ZlibDeflater(1), threads)) {
                write(compressor, round == 0 ? 16 : 64);
                compressor.finish();
            }
            used[round] = allocatedByThisThread() - before;
        }
        assertThat(used[0]).as("six blocks, and their output").isBetween(6L * 2 * BLOCK, 7L * 2 * BLOCK);
        assertThat(used[1]).isLessThan(used[0] + BLOCK);
    }

    /** Every step of a build may write its layer at the same time, in a heap that is small. */
    @Test
    void manyCompressorsShareOneBoundOfMemory() throws IOException {
        CompressionThreads threads = new CompressionThreads(4);
        List<Compressor> open = new ArrayList<>();
        List<ByteArrayOutputStream> outputs = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            outputs.add(new ByteArrayOutputStream());
            open.add(new GzipCompressor(outputs.getLast(), new ZlibDeflater(1), threads));
        }
        long before = allocatedByThisThread();
        for (Compressor compressor : open) {
            write(compressor, 8);
        }
        assertThat(allocatedByThisThread() - before).isLessThan((12 + 5) * 2L * BLOCK + BLOCK);
        for (int i = 0; i < 12; i++) {
            open.get(i).finish();
            open.get(i).close();
            open.get(i).close();
            assertThat(decompress(outputs.get(i).toByteArray())).hasSize(8 * BLOCK);
        }
        assertThat(threads.blocks().availablePermits()).as("given back").isEqualTo(5);
    }

    /** A disk that is full, at any moment. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("compressors")
    void anOutputThatFailsFailsTheCompressorAndNothingHangs(String name, Algorithm algorithm, Making making)
            throws IOException {
        byte[] input = random(5 * BLOCK);
        for (int room : new int[] {0, 5, BLOCK, 3 * BLOCK, 5 * BLOCK - 100_000}) {
            Full out = new Full(room);
            Compressor compressor = making.compressing(out);
            assertThatThrownBy(() -> {
                        compressor.write(input);
                        compressor.finish();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("no space left on device");
            try (compressor) {
                assertThat(out.closed).isFalse();
            } catch (IOException still) {
                assertThat(still).hasMessage("no space left on device");
            }
        }
    }

    private static void write(Compressor compressor, int blocks) throws IOException {
        for (int i = 0; i < blocks; i++) {
            compressor.write(ZEROS);
        }
    }

    private static byte[] compress(Making making, byte[] input, int step) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Compressor compressor = making.compressing(out)) {
            for (int at = 0; at < input.length; at += step) {
                compressor.write(input, at, Math.min(step, input.length - at));
                compressor.flush();
            }
            compressor.finish();
        }
        return out.toByteArray();
    }

    private static byte[] decompress(byte[] compressed) throws IOException {
        return Decompression.open(new ByteArrayInputStream(compressed)).readAllBytes();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static final class Full extends OutputStream {
        private int room;
        private boolean closed;

        Full(int room) {
            this.room = room;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[1], 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            room -= length;
            if (room < 0) {
                throw new IOException("no space left on device");
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
