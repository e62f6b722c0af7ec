package io.slipway.image.tar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TarRoundTripTest {
    private static final Instant SOME_TIME = Instant.ofEpochSecond(1_700_000_000);

    static List<TarEntry> entries() {
        return List.of(
                TarEntry.file("a", 0644, 0),
                TarEntry.file("setuid", 06755, 0).withMtime(SOME_TIME),
                TarEntry.directory("d", 01777),
                TarEntry.directory("d/" + "e".repeat(98), 0755),
                TarEntry.directory("d/" + "e".repeat(99), 0755),
                TarEntry.symlink("link", "../anywhere"),
                TarEntry.symlink("link", "t".repeat(300)),
                TarEntry.hardLink("hard", "a"),
                TarEntry.file("p".repeat(155) + "/" + "n".repeat(100), 0644, 0),
                TarEntry.file("p".repeat(156) + "/" + "n".repeat(100), 0644, 0),
                TarEntry.file("n".repeat(101), 0644, 0),
                TarEntry.file("/absolute/../odd//name", 0644, 0),
                TarEntry.file("caf\u00e9 \ud83d\ude80", 0644, 0),
                TarEntry.file("not \udcff UTF-8 \udc80", 0644, 0),
                TarEntry.symlink("latin1", "caf\udce9"),
                TarEntry.file("new\nline and\ttab", 0644, 0),
                TarEntry.file("owned", 0644, 0).withOwner(2_097_151, 2_097_151),
                TarEntry.file("owned", 0644, 0).withOwner(2_097_152, 4_294_967_294L),
                TarEntry.file("nanos", 0644, 0).withMtime(SOME_TIME.plusNanos(120_000_000)),
                TarEntry.file("nanos", 0644, 0).withMtime(SOME_TIME.plusNanos(1)),
                TarEntry.file("before 1970", 0644, 0).withMtime(Instant.ofEpochSecond(-1)),
                TarEntry.file("before 1970", 0644, 0).withMtime(Instant.ofEpochSecond(-2, 250_000_000)),
                TarEntry.file("far away", 0644, 0).withMtime(Instant.ofEpochSecond(1L << 33)),
                TarEntry.file("further", 0644, 0).withMtime(Instant.ofEpochSecond(1L << 40, 5)),
                TarEntry.file("capable", 0755, 0)
                        .withXattrs(Map.of(
                                "security.capability", new byte[] {1, 0, 0, 2, (byte) 0x80, '\n', 0, '=', (byte) 0xff},
                                "user.empty", new byte[0],
                                "user.odd=%3D%name", new byte[] {0})),
                device(TarEntry.Type.CHARACTER_DEVICE, 1, 3),
                device(TarEntry.Type.BLOCK_DEVICE, 4095, 1_048_575),
                device(TarEntry.Type.FIFO, 0, 0));
    }

    @ParameterizedTest
    @MethodSource("entries")
    void whatIsWrittenIsRead(TarEntry entry) throws IOException {
        byte[] tar = Tars.write(entry);
        assertThat(tar.length % 512).isZero();
        assertThat(Tars.readAll(tar)).extracting(Tars.Read::entry).containsExactly(entry);
        assertThat(Tars.write(entry)).as("the same again").isEqualTo(tar);
    }

    @Test
    void plainEntriesNeedNoExtendedHeader() throws IOException {
        byte[] tar = Tars.write(
                TarEntry.file("p".repeat(155) + "/" + "n".repeat(100), 0644, 0).withMtime(SOME_TIME),
                TarEntry.hardLink("h", "l".repeat(100)));
        assertThat(tar).hasSize(2 * 512 + 1024);
    }

    @Test
    void contentIsStreamedBetweenEntries() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] large = new byte[300_001];
        Arrays.fill(large, (byte) 7);
        try (TarWriter writer = new TarWriter(out)) {
            writer.put(TarEntry.file("one", 0644, 5), new ByteArrayInputStream("hello, and more".getBytes(UTF_8)));
            writer.put(TarEntry.file("two", 0644, large.length), new ByteArrayInputStream(large));
            writer.put(TarEntry.file("three", 0644, 512), new ByteArrayInputStream(new byte[512]));
            writer.finish();
        }
        List<Tars.Read> all = Tars.readAll(out.toByteArray());
        assertThat(all).extracting(read -> read.entry().name()).containsExactly("one", "two", "three");
        assertThat(all.get(0).text()).isEqualTo("hello");
        assertThat(all.get(1).content()).isEqualTo(large);
        assertThat(all.get(1).contentOffset()).isEqualTo(512 + 512 + 512);
        assertThat(Arrays.copyOfRange(out.toByteArray(), 1536, 1536 + large.length))
                .isEqualTo(large);
    }

    @Test
    void contentThatWasNotReadIsSkipped() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter writer = new TarWriter(out)) {
            for (int i = 0; i < 100; i++) {
                writer.put(TarEntry.file("f" + i, 0644, 1000L * i), new ByteArrayInputStream(new byte[1000 * i]));
            }
            writer.finish();
        }
        try (TarReader reader = new TarReader(new ByteArrayInputStream(out.toByteArray()))) {
            for (int i = 0; i < 100; i++) {
                assertThat(reader.next()).isEqualTo(TarEntry.file("f" + i, 0644, 1000L * i));
                assertThat(reader.content().readNBytes(i)).hasSize(i);
            }
            assertThat(reader.next()).isNull();
            assertThat(reader.next()).isNull();
            reader.requireOnlyZerosToEnd(0);
        }
    }

    @Test
    void contentOfAnEarlierEntryCannotBeRead() throws IOException {
        byte[] tar = Tars.writeFile(TarEntry.file("f", 0644, 3), new byte[3]);
        try (TarReader reader = new TarReader(new ByteArrayInputStream(tar))) {
            reader.next();
            InputStream content = reader.content();
            reader.next();
            assertThatThrownBy(content::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFileThatShrankFailsByName() {
        assertThatThrownBy(() -> Tars.writeFile(TarEntry.file("log", 0644, 10), new byte[9]))
                .isInstanceOf(IOException.class)
                .hasMessage("log is shorter than the 10 bytes it had when it was listed");
    }

    @Test
    void sizesBeyondTheUstarLimitAreWritten() throws IOException {
        long size = (8L << 30) + 1;
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(head);
        assertThatThrownBy(() -> writer.put(TarEntry.file("huge", 0644, size), new ByteArrayInputStream(new byte[0])))
                .isInstanceOf(IOException.class);
        try (TarReader reader = new TarReader(new ByteArrayInputStream(head.toByteArray()))) {
            TarEntry entry = reader.next();
            assertThat(entry).isEqualTo(TarEntry.file("huge", 0644, size));
        }
    }

    @Property(tries = 500, seed = "1")
    void anyEntryComesBack(@ForAll("anyEntry") TarEntry entry) throws IOException {
        assertThat(Tars.readAll(Tars.write(entry))).extracting(Tars.Read::entry).containsExactly(entry);
    }

    @Provide
    Arbitrary<TarEntry> anyEntry() {
        Arbitrary<byte[]> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
        Arbitrary<String> names = Arbitraries.bytes()
                .filter(b -> b != 0)
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(300)
                .map(FileName::decode)
                .filter(name -> !name.endsWith("/"));
        Arbitrary<Instant> times = Combinators.combine(
                        Arbitraries.longs().between(-(1L << 36), 1L << 36),
                        Arbitraries.integers().between(0, 999_999_999))
                .as(Instant::ofEpochSecond);
        Arbitrary<TarEntry.Type> types = Arbitraries.of(TarEntry.Type.values());
        return Combinators.combine(
                        names,
                        types,
                        Arbitraries.integers().between(0, 07777),
                        Arbitraries.longs().between(0, 1L << 32),
                        times,
                        names,
                        Arbitraries.maps(names, bytes).ofMaxSize(3))
                .as((name, type, mode, owner, time, link, xattrs) -> {
                    boolean isLink = type == TarEntry.Type.SYMLINK || type == TarEntry.Type.HARD_LINK;
                    return new TarEntry(
                            name,
                            type,
                            mode,
                            owner,
                            owner / 2,
                            time,
                            0,
                            isLink ? link : "",
                            0,
                            0,
                            new TreeMap<>(xattrs),
                            null);
                });
    }

    @Property(tries = 200, seed = "1")
    void anyContentComesBack(@ForAll @Size(max = 2000) byte[] content) throws IOException {
        List<Tars.Read> all = Tars.readAll(Tars.writeFile(TarEntry.file("f", 0600, content.length), content));
        assertThat(all).hasSize(1);
        assertThat(all.getFirst().content()).isEqualTo(content);
    }

    private static TarEntry device(TarEntry.Type type, int major, int minor) {
        return new TarEntry("dev", type, 0600, 0, 0, Instant.EPOCH, 0, "", major, minor, new TreeMap<>(), null);
    }
}
