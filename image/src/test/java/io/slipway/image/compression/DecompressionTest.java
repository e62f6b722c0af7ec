package io.slipway.image.compression;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZOutputStream;

/** What arrives is recognised by its bytes, and never read as less than it is. */
class DecompressionTest {
    private static final byte[] PLAIN =
            "the quick brown fox jumps over the lazy dog\n".repeat(30).getBytes(UTF_8);

    @ParameterizedTest
    @CsvSource({
        "'', PLAIN",
        "1f, PLAIN",
        "1f8b, GZIP",
        "1f8b08, GZIP",
        "1f8c, PLAIN",
        "28b52f, PLAIN",
        "28b52ffd, ZSTD",
        "425a68, BZIP2",
        "425a, PLAIN",
        "fd377a585a, PLAIN",
        "fd377a585a00, XZ",
        "502a4d18, ZSTD",
        "5f2a4d18ffff, ZSTD",
        "4f2a4d18, PLAIN",
        "602a4d18, PLAIN",
        "502a4d, PLAIN",
        "504b0304, PLAIN"
    })
    void theBeginningTellsTheFormat(String hex, Decompression.Format format) {
        assertThat(Decompression.Format.of(HexFormat.of().parseHex(hex))).isEqualTo(format);
    }

    @ParameterizedTest
    @EnumSource(TestCompression.class)
    void everyFormatIsReadInPiecesOfAnySize(TestCompression compression) throws IOException {
        byte[] large = new byte[700_000];
        new Random(1).nextBytes(large);
        for (byte[] plain : new byte[][] {{}, {7}, PLAIN, large}) {
            byte[] compressed = compression.compress(plain);
            assertThat(read(compressed)).isEqualTo(plain);
            try (InputStream in = Decompression.open(new Dripping(compressed))) {
                assertThat(in.readNBytes(plain.length)).isEqualTo(plain);
                assertThat(in.read()).isEqualTo(-1);
                assertThat(in.read(new byte[5])).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TestCompression.class,
            names = {"GZIP", "ZSTD", "BZIP2", "XZ"})
    void atEveryByteThatItIsCutOffReadingFails(TestCompression compression) throws IOException {
        byte[] whole = compression.compress(PLAIN);
        byte[] twice = concat(whole, whole);
        for (int length = 1; length < twice.length; length++) {
            byte[] cut = Arrays.copyOf(twice, length);
            if (Decompression.Format.of(Arrays.copyOf(cut, Math.min(6, length))) == Decompression.Format.PLAIN) {
                assertThat(read(cut)).isEqualTo(cut);
            } else if (length != whole.length) {
                assertThatThrownBy(() -> read(cut)).as("cut at %d", length).isInstanceOf(IOException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TestCompression.class,
            names = {"GZIP", "ZSTD", "BZIP2", "XZ"})
    void whatWasConcatenatedIsReadToItsEnd(TestCompression compression) throws IOException {
        byte[] first = compression.compress(PLAIN);
        byte[] empty = compression.compress(new byte[0]);
        byte[] second = compression.compress(new byte[] {1, 2, 3});
        byte[] body = concat(concat(first, empty), second);
        byte[] expected = concat(PLAIN, new byte[] {1, 2, 3});
        assertThat(read(body)).isEqualTo(expected);
        assertThat(Decompression.open(new Dripping(body)).readAllBytes())
                .as("a network stream never says what is available")
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            value = TestCompression.class,
            names = {"GZIP", "ZSTD", "BZIP2", "XZ"})
    void somethingElseBehindTheDataIsRefused(TestCompression compression) throws IOException {
        byte[] whole = compression.compress(PLAIN);
        for (String more : new String[] {"x", "trailing garbage", "\u001f", "BZ", "{\"a\": 1}\n"}) {
            assertThatThrownBy(() -> read(concat(whole, more.getBytes(UTF_8))))
                    .as("followed by %s", more)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void zerosBehindGzipArePadding() throws IOException {
        byte[] padded = Arrays.copyOf(TestCompression.GZIP.compress(PLAIN), 20_000);
        assertThat(read(padded)).isEqualTo(PLAIN);
        padded[19_999] = 1;
        assertThatThrownBy(() -> read(padded)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = TestCompression.class,
            names = {"GZIP", "ZSTD", "BZIP2", "XZ"})
    void aFlippedBitIsFoundOrChangesNothing(TestCompression compression) throws IOException {
        byte[] whole = compression.compress(PLAIN);
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << (bit % 8));
            byte[] read;
            try {
                read = read(damaged);
            } catch (IOException found) {
                continue;
            }
            boolean stillThatFormat = Decompression.Format.of(Arrays.copyOf(damaged, 6)) != Decompression.Format.PLAIN;
            assertThat(read).as("bit %d", bit).isEqualTo(stillThatFormat ? PLAIN : damaged);
        }
    }

    @Test
    void gzipHeadersMayHaveAllTheirFields() throws IOException {
        ByteArrayOutputStream bare = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bare)) {
            out.write(PLAIN);
        }
        byte[] header = HexFormat.of().parseHex("1f8b081e0102030402ff0300" + "616263" + "6e616d6500" + "6300" + "1234");
        byte[] body = concat(header, Arrays.copyOfRange(bare.toByteArray(), 10, bare.size()));
        assertThat(read(body)).isEqualTo(PLAIN);
        for (int length = 2; length < header.length; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(IOException.class);
        }
    }

    /** Zstandard data may begin, go on and end with frames that are for other programs; pzstd's does. */
    @Test
    void skippableFramesOfZstdAreSkipped() throws IOException {
        byte[] skippable = HexFormat.of().parseHex("502a4d1804000000deadbeef");
        byte[] frame = TestCompression.ZSTD.compress(PLAIN);
        assertThat(read(concat(skippable, frame))).isEqualTo(PLAIN);
        assertThat(read(concat(concat(frame, skippable), frame))).isEqualTo(concat(PLAIN, PLAIN));
        assertThat(read(concat(frame, skippable))).isEqualTo(PLAIN);
    }

    /** The reader stops when it has had enough: what it did not ask for is not made. */
    @ParameterizedTest
    @EnumSource(TestCompression.class)
    void aBombIsReadNoFurtherThanItsReaderWants(TestCompression compression) throws IOException {
        byte[] bomb = compression.compress(new byte[8 << 20]);
        long before = TestCompression.allocatedByThisThread();
        try (InputStream in = Decompression.open(new ByteArrayInputStream(bomb))) {
            assertThat(in.readNBytes(100_000)).containsOnly(0);
        }
        assertThat(TestCompression.allocatedByThisThread() - before).isLessThan(7 << 20);
    }

    /** A header of some bytes must not take the heap. */
    @Test
    void anXzThatAsksForMuchMemoryIsRefused() throws IOException {
        ByteArrayOutputStream small = new ByteArrayOutputStream();
        LZMA2Options options = new LZMA2Options(0);
        options.setDictSize(96 << 20);
        try (XZOutputStream out = new XZOutputStream(small, options)) {
            out.write(PLAIN);
        }
        long before = TestCompression.allocatedByThisThread();
        assertThatThrownBy(() -> read(small.toByteArray())).isInstanceOf(MemoryLimitException.class);
        assertThat(TestCompression.allocatedByThisThread() - before).isLessThan(4 << 20);
    }

    @Test
    void theStreamIsClosedWithTheResultAndWhenItCannotBeOpened() throws IOException {
        for (TestCompression compression : TestCompression.values()) {
            Dripping in = new Dripping(compression.compress(PLAIN));
            Decompression.open(in).close();
            assertThat(in.closed).isTrue();
        }
        for (String hex : new String[] {"1f8b09", "1f8b", "425a6839ffffffff", "fd377a585a00ffff"}) {
            Dripping in = new Dripping(HexFormat.of().parseHex(hex));
            assertThatThrownBy(() -> Decompression.open(in)).isInstanceOf(IOException.class);
            assertThat(in.closed).isTrue();
        }
    }

    private static byte[] read(byte[] body) throws IOException {
        try (InputStream in = Decompression.open(new ByteArrayInputStream(body))) {
            return in.readAllBytes();
        }
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    /** Gives at most 1000 bytes at a time and never knows how many there are, as a socket does. */
    private static final class Dripping extends InputStream {
        private final byte[] bytes;
        private int at;
        private boolean closed;

        Dripping(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return at == bytes.length ? -1 : bytes[at++] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (at == bytes.length) {
                return -1;
            }
            int count = Math.min(Math.min(length, 1000), bytes.length - at);
            System.arraycopy(bytes, at, target, offset, count);
            at += count;
            return count;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
