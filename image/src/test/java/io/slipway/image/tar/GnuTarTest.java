package io.slipway.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What GNU tar, the {@code tar} on the PATH, writes and reads. */
class GnuTarTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"v7", "oldgnu", "gnu", "ustar", "posix"})
    void everyFormatIsRead(String format) throws Exception {
        Tars.bash(directory, """
                mkdir src; cd src; mkdir -m 1777 d; echo hello > d/f; chmod 4755 d/f; touch -d @1700000000 d/f
                ln -s ../x s; ln d/f h; printf 'x%.0s' {1..1000} > $'odd \\n\\xff\\xc3\\xa9'
                cd ..; tar --format=FORMAT --numeric-owner --owner=1000 --group=1001 -cf t.tar --sort=name -C src .
                """.replace("FORMAT", format));
        Tars.Archive all = readByName();

        assertThat(all.names()).containsExactly(".", "./d", "./d/f", "./h", "./odd \n\udcff\u00e9", "./s");
        TarEntry file = all.entry("./d/f");
        assertThat(file.type()).isEqualTo(TarEntry.Type.FILE);
        assertThat(file.mode()).isEqualTo(04755);
        assertThat(file.uid()).isEqualTo(1000);
        assertThat(file.gid()).isEqualTo(1001);
        assertThat(file.mtime()).isEqualTo(Instant.ofEpochSecond(1_700_000_000));
        assertThat(all.get("./d/f").text()).isEqualTo("hello\n");
        assertThat(all.entry("./d").mode()).isEqualTo(01777);
        assertThat(all.entry("./d").type()).isEqualTo(TarEntry.Type.DIRECTORY);
        assertThat(all.entry("./s"))
                .returns(TarEntry.Type.SYMLINK, TarEntry::type)
                .returns("../x", TarEntry::linkName);
        assertThat(all.entry("./h"))
                .returns(TarEntry.Type.HARD_LINK, TarEntry::type)
                .returns("./d/f", TarEntry::linkName);
        assertThat(all.get("./odd \n\udcff\u00e9").content()).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oldgnu", "gnu", "posix"})
    void longNamesAndLargeOwnersAreRead(String format) throws Exception {
        Tars.bash(directory, """
                d=$(printf 'd%.0s' {1..150}); mkdir -p src/$d/$d; cd src; echo hi > $d/$d/$'f\\xff'
                ln -s $d/$d/$d l; ln $d/$d/$'f\\xff' zh
                tar --format=FORMAT --numeric-owner --owner=3000000000 --group=2097152 --sort=name -cf ../t.tar *
                """.replace("FORMAT", format));
        Tars.Archive all = readByName();
        String part = "d".repeat(150);
        String name = part + "/" + part + "/f\udcff";
        assertThat(all.names()).containsExactly(part, part + "/" + part, name, "l", "zh");
        assertThat(all.get(name).text()).isEqualTo("hi\n");
        assertThat(all.entry(name).uid()).isEqualTo(3_000_000_000L);
        assertThat(all.entry(name).gid()).isEqualTo(2_097_152);
        assertThat(all.entry("l").linkName()).isEqualTo(part + "/" + part + "/" + part);
        assertThat(all.entry("zh").linkName()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=gnu",
                "--format=oldgnu",
                "--format=posix --sparse-version=0.0",
                "--format=posix --sparse-version=0.1",
                "--format=posix --sparse-version=1.0"
            })
    void everySparseFormatIsRead(String options) throws Exception {
        try (RandomAccessFile sparse =
                new RandomAccessFile(directory.resolve("sparse").toFile(), "rw")) {
            for (int i = 0; i < 41; i++) {
                sparse.seek(i * 1_500_000L);
                sparse.writeBytes("block " + i);
            }
            sparse.setLength(64 << 20);
        }
        Tars.bash(directory, """
                truncate -s 10M hole; echo end > after
                tar -S OPTIONS -cf t.tar sparse hole after
                """.replace("OPTIONS", options));
        assertThat(Files.size(directory.resolve("t.tar")))
                .as("the holes are holes")
                .isLessThan(2_000_000);
        try (TarReader reader = new TarReader(open())) {
            TarEntry sparse = Tars.next(reader);
            assertThat(sparse.name()).isEqualTo("sparse");
            assertThat(sparse.size()).isEqualTo(64 << 20);
            assertThat(sparse.sparse()).hasSize(41);
            try (InputStream expected = Files.newInputStream(directory.resolve("sparse"))) {
                assertSame(reader.content(), expected);
            }
            TarEntry hole = Tars.next(reader);
            assertThat(hole.sparse()).isEmpty();
            assertThat(Arrays.equals(reader.content().readAllBytes(), new byte[10 << 20]))
                    .isTrue();
            assertThat(reader.next()).isNotNull();
            assertThat(reader.content().readAllBytes()).isEqualTo("end\n".getBytes(UTF_8));
            assertThat(reader.next()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "posix"})
    void packedSparseDataLiesWhereItIsSaidTo(String format) throws Exception {
        Tars.bash(directory, """
                truncate -s 8M sparse; printf 'needle' | dd of=sparse bs=1 seek=5000000 conv=notrunc status=none
                tar -S --format=FORMAT -cf t.tar sparse
                """.replace("FORMAT", format));
        byte[] tar = Files.readAllBytes(directory.resolve("t.tar"));
        try (TarReader reader = new TarReader(new ByteArrayInputStream(tar))) {
            TarEntry entry = Tars.next(reader);
            List<SparseSegment> segments = Objects.requireNonNull(entry.sparse());
            assertThat(segments).hasSize(1);
            long inTar =
                    reader.contentOffset() + 5_000_000 - segments.getFirst().offset();
            assertThat(new String(tar, (int) inTar, 6, UTF_8)).isEqualTo("needle");
            assertThat(reader.packedContent().readAllBytes())
                    .hasSize((int) segments.getFirst().length())
                    .hasSize((int) reader.packedSize());
        }
    }

    @Test
    void fractionsOfSecondsAreRead() throws Exception {
        Tars.bash(directory, "touch -d @1700000000.123456789 f; touch -d @-1.25 g; tar --format=posix -cf t.tar f g");
        Tars.Archive all = readByName();
        assertThat(all.entry("f").mtime()).isEqualTo(Instant.ofEpochSecond(1_700_000_000, 123_456_789));
        assertThat(all.entry("g").mtime()).isEqualTo(Instant.ofEpochSecond(-2, 750_000_000));
    }

    @Test
    void globalHeadersHoldUntilAnEntryHasItsOwn() throws Exception {
        Tars.bash(directory, """
                touch a b
                tar --format=posix --pax-option='uid=77,comment=x' -cf t.tar a
                tar --format=posix --pax-option='uid:=78' -rf t.tar b
                """);
        Tars.Archive all = readByName();
        assertThat(all.entry("a").uid()).isEqualTo(77);
        assertThat(all.entry("b").uid()).isEqualTo(78);
    }

    @Test
    void extendedAttributesAreRead() throws Exception {
        Tars.bash(directory, """
                touch f; tar --format=posix --pax-option='SCHILY.xattr.user.greeting:=hello' -cf t.tar f
                """);
        assertThat(readByName().entry("f").xattrs()).containsEntry("user.greeting", "hello".getBytes(UTF_8));
    }

    @Test
    void labelsAndDumpDirectoriesAreNotInTheWay() throws Exception {
        Tars.bash(directory, """
                mkdir d; echo 1 > d/f; tar --label=backup -cf t.tar d
                tar --listed-incremental=snapshot --format=gnu -cf incremental.tar d
                """);
        assertThat(readByName().names()).containsExactly("d", "d/f");
        try (InputStream incremental = Files.newInputStream(directory.resolve("incremental.tar"))) {
            Tars.Archive all = Tars.readByName(incremental);
            assertThat(all.names()).containsExactly("d", "d/f");
            assertThat(all.entry("d").type()).isEqualTo(TarEntry.Type.DIRECTORY);
            assertThat(all.get("d/f").text()).isEqualTo("1\n");
        }
    }

    @Test
    void anArchiveWithoutFilesIsEmpty() throws Exception {
        Tars.bash(directory, "tar -cf t.tar -T /dev/null");
        assertThat(readByName().names()).isEmpty();
    }

    @Test
    void gnuTarReadsWhatWeWrite() throws Exception {
        String deep = "d".repeat(200);
        try (OutputStream out = Files.newOutputStream(directory.resolve("t.tar"));
                TarWriter writer = new TarWriter(out)) {
            writer.put(TarEntry.directory("d", 0750));
            writer.put(TarEntry.file("d/caf\u00e9", 0604, 5), new ByteArrayInputStream("hello".getBytes(UTF_8)));
            writer.put(
                    TarEntry.file("d/\udcff", 04711, 0).withMtime(Instant.ofEpochSecond(1_700_000_000, 500_000_000)));
            writer.put(TarEntry.file("d/" + deep + "\udcff", 0644, 2), new ByteArrayInputStream(new byte[] {'h', 'i'}));
            writer.put(TarEntry.hardLink("d/hard", "d/" + deep + "\udcff"));
            writer.put(TarEntry.symlink("d/link", deep + "/\udcfe"));
            writer.put(TarEntry.file("d/owned", 0644, 0).withOwner(5_000_000, 6_000_000));
            writer.finish();
        }
        String listing = new String(Tars.bash(directory, "tar --numeric-owner -tvf t.tar"), ISO_8859_1);
        assertThat(listing).contains("5000000/6000000");
        String found = new String(Tars.bash(directory, """
                mkdir out; tar --no-same-owner -xpf t.tar -C out; cd out
                find . -printf '%P|%M|%T@|%l|%n\\n' | sort; cat d/dddd*
                """), ISO_8859_1);
        assertThat(found)
                .contains("d|drwxr-x---|")
                .contains("d/caf\u00c3\u00a9|-rw----r--|0.0000000000||1")
                .contains("d/\u00ff|-rws--x--x|1700000000.5000000000||1")
                .contains("d/" + deep + "\u00ff|-rw-r--r--|0.0000000000||2")
                .contains("d/hard|-rw-r--r--|0.0000000000||2")
                .contains("|" + deep + "/\u00fe|1")
                .endsWith("hi");
    }

    private Tars.Archive readByName() throws IOException {
        try (InputStream in = open()) {
            return Tars.readByName(in);
        }
    }

    private InputStream open() throws IOException {
        return Files.newInputStream(directory.resolve("t.tar"));
    }

    private static void assertSame(InputStream actual, InputStream expected) throws IOException {
        byte[] one = actual.readNBytes(1 << 20);
        while (one.length > 0) {
            assertThat(Arrays.mismatch(one, expected.readNBytes(1 << 20))).isEqualTo(-1);
            one = actual.readNBytes(1 << 20);
        }
        assertThat(expected.read()).isEqualTo(-1);
    }
}
