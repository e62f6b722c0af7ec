package io.slipway.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedTarTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "x", "{\"json\": true}", "PK\u0003\u0004 and so on"})
    void whatIsNoTarIsCalledSo(String content) {
        assertNotATar(content.getBytes(ISO_8859_1));
        if (!content.isEmpty()) {
            assertNotATar(content.repeat(600).getBytes(ISO_8859_1));
        }
    }

    private static void assertNotATar(byte[] content) {
        assertThatThrownBy(() -> Tars.readAll(content))
                .asInstanceOf(InstanceOfAssertFactories.type(TarException.class))
                .satisfies(e -> assertThat(e.isNotATar()).isTrue())
                .satisfies(e -> assertThat(e).hasMessageStartingWith("This is not a tar"));
    }

    @Test
    void anArchiveMayEndWhereAnEntryEnds() throws IOException {
        byte[] tar = Tars.writeFile(TarEntry.file("f", 0644, 3), new byte[3]);
        assertThat(Tars.readAll(Arrays.copyOf(tar, 1024))).hasSize(1);
        assertThat(Tars.readAll(Arrays.copyOf(tar, 1024 + 512)))
                .as("one block of zeros")
                .hasSize(1);
        assertThat(Tars.readAll(Arrays.copyOf(tar, 10240)))
                .as("padded to a record")
                .hasSize(1);
    }

    @Property(tries = 200, seed = "1")
    void anArchiveThatEndsElsewhereIsBroken(@ForAll @IntRange(min = 1, max = 4095) int length) throws IOException {
        byte[] tar = Tars.writeFile(TarEntry.file("n".repeat(150), 0644, 1000), new byte[1000]);
        assertThat(tar).hasSize(512 + 512 + 512 + 1024 + 1024);
        byte[] cut = Arrays.copyOf(tar, Math.min(length, tar.length - 1));
        boolean atTheEnd = length >= 2560 && (cut.length == 2560 || cut.length == 3072);
        if (atTheEnd) {
            assertThat(Tars.readAll(cut)).hasSize(1);
        } else {
            assertThatThrownBy(() -> Tars.readAll(cut)).isInstanceOf(TarException.class);
        }
    }

    static List<Arguments> brokenHeaders() {
        return List.of(
                broken("The size is negative", b -> base256(b, 124, 12, -5)),
                broken("The size is out of range", b -> Arrays.fill(b, 124, 136, (byte) 0xbf)),
                broken("The size is out of range", b -> base256(b, 124, 12, Long.MAX_VALUE)),
                broken("The size is not a number", b -> put(b, 124, "0000000xyz")),
                broken("The uid is negative", b -> base256(b, 108, 8, -1)),
                broken("The gid is not a number", b -> put(b, 116, "99999")),
                broken("The mtime is out of range", b -> base256(b, 136, 12, Long.MAX_VALUE)),
                broken("has the unknown type 'Q'", b -> b[156] = 'Q'),
                broken("has the unknown type '\\x01'", b -> b[156] = 1),
                broken("ends in the middle of an entry", b -> put(b, 124, "00000020000")),
                broken("more than the 1048576 that are allowed", b -> {
                    b[156] = 'x';
                    put(b, 124, "00100000000");
                }),
                broken("more than the 1048576 that are allowed", b -> {
                    b[156] = 'L';
                    put(b, 124, "77777777777");
                }),
                broken("The archive ends after an extended header", b -> b[156] = 'L'),
                broken("The device number is out of range", b -> {
                    b[156] = '3';
                    base256(b, 329, 8, 1L << 40);
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenHeaders")
    void brokenHeadersAreErrorsThatSayWhatIsWrong(String message, Consumer<byte[]> damage) throws IOException {
        byte[] tar = Tars.writeFile(TarEntry.file("f", 0644, 3), new byte[3]);
        damage.accept(tar);
        fixChecksum(tar, 0);
        assertThatThrownBy(() -> Tars.readAll(tar))
                .isInstanceOf(TarException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("(at byte ");
    }

    @Test
    void aWrongChecksumIsToldFromNoTar() throws IOException {
        byte[] tar = Tars.write(TarEntry.file("a", 0644, 0), TarEntry.file("b", 0644, 0));
        tar[512] ^= 1;
        assertThatThrownBy(() -> Tars.readAll(tar))
                .asInstanceOf(InstanceOfAssertFactories.type(TarException.class))
                .returns(false, TarException::isNotATar)
                .returns(512L, TarException::offset);
    }

    @Test
    void signedChecksumsOfOldWritersAreRight() throws IOException {
        byte[] tar = Tars.write(TarEntry.file("a", 0644, 0));
        tar[0] = (byte) 0xe9;
        int sum = 0;
        Arrays.fill(tar, 148, 156, (byte) ' ');
        for (int i = 0; i < 512; i++) {
            sum += tar[i];
        }
        put(tar, 148, "%06o\0 ".formatted(sum));
        assertThat(Tars.readAll(tar).getFirst().entry().name()).isEqualTo("\udce9");
    }

    @Test
    void aLoneZeroBlockBeforeSomethingIsBroken() throws IOException {
        byte[] file = Tars.write(TarEntry.file("a", 0644, 0));
        byte[] tar = new byte[2048];
        System.arraycopy(file, 0, tar, 0, 512);
        System.arraycopy(file, 0, tar, 1024, 512);
        assertThatThrownBy(() -> Tars.readAll(tar))
                .isInstanceOf(TarException.class)
                .hasMessageContaining("zeros");
    }

    @Test
    void garbageBehindTheEndIsFoundWhenAskedFor() throws IOException {
        byte[] tar = Arrays.copyOf(Tars.write(TarEntry.file("a", 0644, 0)), 100_000);
        requireOnlyZeros(tar, 200_000);
        assertThatThrownBy(() -> requireOnlyZeros(tar, 10_000)).hasMessageContaining("too much padding");
        tar[90_000] = 1;
        assertThatThrownBy(() -> requireOnlyZeros(tar, 200_000))
                .asInstanceOf(InstanceOfAssertFactories.type(TarException.class))
                .returns(90_000L, TarException::offset);
    }

    private static void requireOnlyZeros(byte[] tar, long limit) throws IOException {
        try (TarReader reader = new TarReader(new ByteArrayInputStream(tar))) {
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            reader.requireOnlyZerosToEnd(limit);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nonsense", "12 path=abc", "999 path=abc\n", "3 a\n", "0 path=abc\n", "11 pathabc\n", "5 =a\n"})
    void brokenExtendedHeadersAreErrors(String records) {
        assertThatThrownBy(() -> Tars.readAll(withPax(records.getBytes(UTF_8)))).isInstanceOf(TarException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "size|abc",
                "size|-1",
                "size|9999999999999999999",
                "size|9223372036854775807",
                "mtime|x",
                "mtime|-",
                "mtime|1.x",
                "mtime|9999999999999999999999",
                "mtime|999999999999999999",
                "path|a\\0b",
                "GNU.sparse.map|1,2,3",
                "GNU.sparse.map|0,2,1,1",
                "GNU.sparse.map|0,900",
                "GNU.sparse.map|0,9223372036854775807,5,9223372036854775807",
                "GNU.sparse.map|,,,",
                "GNU.sparse.numbytes|5",
                "GNU.sparse.offset|5",
                "GNU.sparse.major|2",
                "GNU.sparse.major|1",
                "LIBARCHIVE.xattr.user.a|!!!!"
            })
    void recordsThatMakeNoSenseAreErrors(String key, String value) {
        byte[] records = records(key, value.replace("\\0", "\0"));
        assertThatThrownBy(() -> Tars.readAll(withPax(records))).isInstanceOf(TarException.class);
    }

    @Test
    void libarchivesExtendedAttributesAreRead() throws IOException {
        byte[] records = records("LIBARCHIVE.xattr.user.a%20b", "AAH//w==");
        TarEntry entry = Tars.readAll(withPax(records)).getFirst().entry();
        assertThat(entry.xattrs()).containsOnlyKeys("user.a b");
        assertThat(entry.xattrs().get("user.a b")).isEqualTo(new byte[] {0, 1, -1, -1});
    }

    private static byte[] records(String key, String value) {
        return PaxRecords.format(new TreeMap<>(Map.of(key, value.getBytes(ISO_8859_1))));
    }

    @Test
    void anEmptyValueMeansTheHeaderIsRight() throws IOException {
        assertThat(Tars.readAll(withPax("8 path=\n".getBytes(UTF_8)))
                        .getFirst()
                        .entry()
                        .name())
                .isEqualTo("f");
    }

    /** An archive of three bytes named f behind an extended header with these records. */
    private static byte[] withPax(byte[] records) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        byte[] header = Arrays.copyOf(Tars.write(TarEntry.file("pax", 0644, 0)), 512);
        header[156] = 'x';
        put(header, 124, "%011o".formatted(records.length));
        fixChecksum(header, 0);
        tar.write(header);
        tar.write(Arrays.copyOf(records, (records.length + 511) / 512 * 512));
        tar.write(Tars.writeFile(TarEntry.file("f", 0644, 3), new byte[3]));
        return tar.toByteArray();
    }

    @Test
    void aDecompressorThatRunsOutIsAnArchiveThatEndsEarly() {
        InputStream cut = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new EOFException("unexpected end");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return read();
            }
        };
        assertThatThrownBy(() -> Tars.readAll(cut))
                .isInstanceOf(TarException.class)
                .hasMessageContaining("ends early");
    }

    @Test
    void smallReadsOfTheStreamMakeNoDifference() throws IOException {
        byte[] tar = Tars.writeFile(TarEntry.file("n".repeat(150), 0644, 5000), new byte[5000]);
        InputStream trickle = new OneByOne(tar);
        assertThat(Tars.readAll(trickle)).hasSize(1);
    }

    private static final class OneByOne extends ByteArrayInputStream {
        OneByOne(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(1, length));
        }
    }

    /** Whatever is damaged, the reader ends, with entries or with an exception that says what is wrong. */
    @Property(tries = 3000, seed = "1")
    void damageIsNeverMoreThanATarException(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 1 << 20) Integer> positions,
            @ForAll @Size(min = 12, max = 12) byte[] values,
            @ForAll boolean repairChecksums)
            throws IOException {
        byte[] tar = SAMPLE.clone();
        for (int i = 0; i < positions.size(); i++) {
            tar[positions.get(i) % tar.length] = values[i];
        }
        if (repairChecksums) {
            for (int at : SAMPLE_HEADERS) {
                fixChecksum(tar, at);
            }
        }
        try (TarReader reader = new TarReader(new ByteArrayInputStream(tar))) {
            int entries = 0;
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                assertThat(++entries).isLessThanOrEqualTo(tar.length / 512);
                // Sparse files may claim any size: a few bytes are enough to see that they can be read.
                reader.content().readNBytes(100_000);
            }
        } catch (TarException e) {
            assertThat(e.offset()).isBetween(0L, (long) tar.length);
        }
    }

    @Property(tries = 2000, seed = "1")
    void damagedExtendedHeadersAreNeverMoreThanATarException(@ForAll @Size(max = 200) byte[] records)
            throws IOException {
        readToTheEnd(withPax(records));
    }

    @Property(tries = 2000, seed = "1")
    void damagedSparseRecordsAreNeverMoreThanATarException(
            @ForAll @IntRange(max = 60) int position, @ForAll byte value, @ForAll @IntRange(max = 9) int digit)
            throws IOException {
        byte[] records = ("22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n30 GNU.sparse.realsize=10000" + digit + "\n")
                .getBytes(UTF_8);
        records[position] = value;
        readToTheEnd(withPax(records));
    }

    private static void readToTheEnd(byte[] tar) throws IOException {
        try {
            Tars.readAll(tar);
        } catch (TarException e) {
            assertThat(e).hasMessageContaining("(at byte ");
        }
    }

    private static final byte[] SAMPLE;
    private static final List<Integer> SAMPLE_HEADERS;

    static {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            TarWriter writer = new TarWriter(out);
            writer.put(TarEntry.directory("d", 0755));
            writer.put(TarEntry.file("d/f", 0644, 700), new ByteArrayInputStream(new byte[700]));
            writer.put(TarEntry.symlink("\udcff".repeat(120), "t".repeat(120)));
            writer.put(TarEntry.hardLink("h", "d/f"));
            byte[] sparse = Arrays.copyOf(Tars.write(TarEntry.file("sparse", 0644, 0)), 512);
            sparse[156] = 'S';
            put(sparse, 257, "ustar  \0");
            put(sparse, 386, "00000000000\00000000000012");
            put(sparse, 482, "\1" + "00000100000");
            put(sparse, 124, "00000000024");
            fixChecksum(sparse, 0);
            out.write(sparse);
            byte[] extension = new byte[512];
            put(extension, 0, "00000001000\00000000000012");
            out.write(extension);
            out.write(new byte[512]);
            writer.put(TarEntry.file("last", 0644, 0));
            writer.finish();
            SAMPLE = out.toByteArray();
            // directory, file, extended header, symlink, hard link, sparse file, last
            SAMPLE_HEADERS = List.of(0, 512, 2048, 3072, 3584, 4096, 5632);
            if (Tars.readAll(SAMPLE).size() != 6) {
                throw new IllegalStateException("the sample must be right before it is damaged");
            }
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static Arguments broken(String message, Consumer<byte[]> damage) {
        return Arguments.of(message, damage);
    }

    private static void put(byte[] block, int offset, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    private static void base256(byte[] block, int offset, int length, long value) {
        for (int i = 0; i < length; i++) {
            int shift = 8 * (length - 1 - i);
            block[offset + i] = (byte) (shift > 56 ? value >> 63 : value >> shift);
        }
        block[offset] |= (byte) 0x80;
    }

    private static void fixChecksum(byte[] tar, int at) {
        Arrays.fill(tar, at + 148, at + 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[at + i] & 0xff;
        }
        put(tar, at + 148, "%06o\0 ".formatted(sum));
    }
}
