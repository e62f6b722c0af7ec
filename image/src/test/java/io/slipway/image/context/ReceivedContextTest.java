package io.slipway.image.context;

import static io.slipway.image.context.Contexts.entry;
import static io.slipway.image.context.Contexts.tar;
import static io.slipway.image.context.Contexts.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.Tars;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a received context reads like: as its tar would unpack. */
class ReceivedContextTest {
    @TempDir
    Path directory;

    @Test
    void everythingThatATarSaysIsKept() throws IOException {
        TarEntry file = TarEntry.file("d/f", 04711, 5)
                .withOwner(3_000_000_000L, 77)
                .withMtime(Instant.ofEpochSecond(-5, 123_456_789))
                .withXattrs(Map.of("user.a", new byte[] {0, 1, 2}, "security.capability", new byte[20]));
        TarEntry d = TarEntry.directory("d", 01777).withMtime(Instant.ofEpochSecond(1_700_000_000));
        TarEntry link = TarEntry.symlink("l", "d/f").withOwner(1, 2);
        try (BuildContext context =
                receive(tar().put(d).put(file, "hello".getBytes(UTF_8)).put(link))) {
            assertThat(entry(context, "d/f").entry()).isEqualTo(file);
            assertThat(entry(context, "d").entry()).isEqualTo(d);
            assertThat(entry(context, "l").entry()).isEqualTo(link);
            assertThat(entry(context, "d/f").name()).isEqualTo("f");
            assertThat(text(context, "d/f")).isEqualTo("hello");
            assertThat(Contexts.readAll(context).keySet()).containsExactly("", "d", "d/f", "l");
            assertThatThrownBy(() -> context.open(entry(context, "l"))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theLastEntryOfANameCounts() throws IOException {
        try (BuildContext context = receive(tar().file("a", "1")
                .file("./a", "22")
                .symlink("b", "a")
                .file("b", "file now")
                .file("c", "")
                .directory("c")
                .file("c/x", "in it")
                .directory("empty")
                .symlink("empty", "c")
                .put(TarEntry.directory("c", 0700)))) {
            assertThat(text(context, "a")).isEqualTo("22");
            assertThat(text(context, "b")).isEqualTo("file now");
            assertThat(entry(context, "c").entry().mode()).isEqualTo(0700);
            assertThat(text(context, "c/x")).isEqualTo("in it");
            assertThat(entry(context, "empty").type()).isEqualTo(TarEntry.Type.SYMLINK);
            assertThat(context.entries()).isEqualTo(5);
        }
    }

    @Test
    void missingParentsAreMadeAndTheRootIsDescribed() throws IOException {
        try (BuildContext context = receive(
                tar().file("a/b/c", "x").put(TarEntry.directory("./", 0711).withOwner(5, 6)))) {
            assertThat(entry(context, "a").entry()).isEqualTo(TarEntry.directory("a", 0755));
            assertThat(entry(context, "a/b").entry()).isEqualTo(TarEntry.directory("a/b", 0755));
            assertThat(context.root().entry().mode()).isEqualTo(0711);
            assertThat(context.root().entry().uid()).isEqualTo(5);
            assertThat(context.entries()).isEqualTo(3);
        }
        try (BuildContext context = receive(tar())) {
            assertThat(context.entries()).isZero();
            assertThat(context.root().entry().mode()).isEqualTo(0755);
            assertThat(context.children(context.root())).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/shadow", "../../../x", ".", "nowhere", "l", "/proc/self/root", "a b\n\udcff"})
    void whereASymbolicLinkLeadsDoesNotMatter(String target) throws IOException {
        try (BuildContext context = receive(tar().symlink("l", target).file("x", ""))) {
            assertThat(entry(context, "l").entry().linkName()).isEqualTo(target);
            assertThat(context.find("l/x")).as("a link is never followed").isNull();
            assertThat(context.children(entry(context, "l"))).isEmpty();
        }
    }

    @Test
    void hardLinksShareTheFileThatTheyWereMadeTo() throws IOException {
        try (BuildContext context = receive(tar().put(TarEntry.file("z", 0600, 3), "one".getBytes(UTF_8))
                .hardLink("b", "./z")
                .hardLink("c", "b")
                .hardLink("b", "b")
                .file("z", "another")
                .symlink("s", "b")
                .hardLink("t", "s"))) {
            assertThat(text(context, "z")).isEqualTo("another");
            assertThat(entry(context, "b").type()).isEqualTo(TarEntry.Type.FILE);
            assertThat(entry(context, "c").type()).isEqualTo(TarEntry.Type.HARD_LINK);
            assertThat(entry(context, "c").entry().linkName()).isEqualTo("b");
            assertThat(entry(context, "c").entry().mode()).isEqualTo(0600);
            assertThat(text(context, "c")).isEqualTo("one");
            assertThat(entry(context, "t").entry()).isEqualTo(TarEntry.symlink("t", "b"));
            Contexts.readAll(context);
        }
    }

    @Test
    void sparseFilesAreReadWithTheirHoles() throws Exception {
        Tars.bash(directory, """
                truncate -s 3M s; for i in 0 1000000 3145700; do
                printf needle | dd of=s bs=1 seek=$i conv=notrunc status=none; done
                truncate -s 2M hole; tar -S --format=posix -cf s.tar s hole
                """);
        byte[] expected = Files.readAllBytes(directory.resolve("s"));
        byte[] body = Files.readAllBytes(directory.resolve("s.tar"));
        assertThat(body.length).isLessThan(100_000);
        try (BuildContext context = Contexts.receive(body, directory)) {
            ContextEntry sparse = entry(context, "s");
            assertThat(context.range(sparse)).isNull();
            assertThat(Contexts.content(context, sparse)).isEqualTo(expected);
            assertThat(Contexts.content(context, entry(context, "hole"))).isEqualTo(new byte[2 << 20]);
            for (int at : new int[] {1, 4095, 4096, 999_998, 1_000_003, 3_145_699, 3 << 20}) {
                try (InputStream in = context.open(sparse)) {
                    in.skipNBytes(at);
                    assertThat(in.readNBytes(9)).isEqualTo(Arrays.copyOfRange(expected, at, Math.min(at + 9, 3 << 20)));
                }
            }
        }
    }

    @Test
    void namesMayHaveAnyBytes() throws IOException {
        String deep = "d/".repeat(2047) + "f";
        List<String> names = List.of(
                "\n",
                " ",
                "\\",
                "\u0001",
                "-rf",
                "*",
                "...",
                "\udcff\udcfe",
                "é",
                "\ud83d\ude80",
                "n".repeat(255),
                "é".repeat(127),
                deep,
                "\uffee",
                ".wh.x");
        Contexts.Tar tar = tar();
        names.forEach(name -> tar.file(name, name));
        try (BuildContext context = receive(tar)) {
            for (String name : names) {
                assertThat(FileName.decode(Contexts.content(context, entry(context, name))))
                        .isEqualTo(FileName.decode(name.getBytes(UTF_8)));
            }
            assertThat(context.children(context.root()))
                    .isSortedAccordingTo(
                            (a, b) -> Arrays.compareUnsigned(FileName.encode(a.path()), FileName.encode(b.path())))
                    .hasSize(names.size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "a/", "./a", "a//b", "a/.", "a/..", "b", "A", "a/b/c", "\ud800", "/", ".", "a\0"})
    void otherPathsHaveNoEntry(String path) throws IOException {
        try (BuildContext context = receive(tar().file("a/b", ""))) {
            assertThat(context.find(path)).isNull();
        }
    }

    @Test
    void filesOnDiskAreTheOwnersOnlyAndNeverReplaced() throws IOException {
        Path file = directory.resolve("context.tar");
        byte[] body = tar().file("a", "1").bytes();
        ContextArchive.receive(new ByteArrayInputStream(body), file, Contexts.LIMITS);
        for (Path part : List.of(file, directory.resolve("context.tar.index"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(part)))
                    .isEqualTo("rw-------");
        }
        assertThatThrownBy(() -> ContextArchive.receive(InputStream.nullInputStream(), file, Contexts.LIMITS))
                .isInstanceOf(FileAlreadyExistsException.class);
        try (BuildContext context = BuildContext.open(file)) {
            assertThat(text(context, "a")).isEqualTo("1");
        }
        ContextArchive.delete(file);
        ContextArchive.delete(file);
        Contexts.assertNothingIn(directory);
    }

    /** A client that goes away is not the context's fault. */
    @Test
    void aBodyThatCannotBeReadFailsWithItsOwnException() throws IOException {
        byte[] body = tar().file("a", "x".repeat(5000)).bytes();
        for (int length : new int[] {0, 1, 511, 512, 3000, body.length}) {
            IOException gone = new IOException("the client has gone");
            InputStream failing = new InputStream() {
                @Override
                public int read() throws IOException {
                    throw gone;
                }

                @Override
                public int read(byte[] target, int offset, int count) throws IOException {
                    throw gone;
                }
            };
            InputStream cut = new SequenceInputStream(new ByteArrayInputStream(body, 0, length), failing);
            assertThatThrownBy(() -> ContextArchive.receive(cut, directory.resolve("c.tar"), Contexts.LIMITS))
                    .isSameAs(gone);
            Contexts.assertNothingIn(directory);
        }
    }

    private BuildContext receive(Contexts.Tar tar) throws IOException {
        ContextArchive.delete(directory.resolve("context.tar"));
        return Contexts.receive(tar.bytes(), directory);
    }
}
