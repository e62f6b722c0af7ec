package io.slipway.image.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.tar.Tars;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A local directory as a context. */
class PackedDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void theSameDirectoryIsTheSameTarWhateverTheOrderOnDisk() throws Exception {
        Tars.bash(directory, """
                mkdir one two; cd one; mkdir d; for i in $(seq 50); do echo $i > d/$i; done; ln d/7 z; ln -s z l
                printf x > $'\\xff\\n'; cd ../two; mkdir d; for i in $(seq 50 -1 1); do echo $i > d/$i; done
                printf x > $'\\xff\\n'; ln -s z l; ln d/7 z
                cd ..; find one two -depth -exec touch -h -d @1700000000.5 {} +
                """);
        ContextSummary one = ContextArchive.pack(directory.resolve("one"), path -> false, directory.resolve("1.tar"));
        ContextSummary two = ContextArchive.pack(directory.resolve("two"), path -> false, directory.resolve("2.tar"));
        assertThat(two).isEqualTo(one);
        assertThat(one.entries()).isEqualTo(54);
        assertThat(one.receivedBytes()).isEqualTo(one.bytes());
        try (BuildContext context = BuildContext.open(directory.resolve("1.tar"))) {
            assertThat(Contexts.text(context, "\udcff\n")).isEqualTo("x");
            assertThat(Contexts.entry(context, "z").entry().linkName()).isEqualTo("d/7");
            assertThat(Contexts.entry(context, "d").entry().mtime().getEpochSecond())
                    .isEqualTo(1_700_000_000);
        }
    }

    @Test
    void whatIsLeftOutIsOnlyLookedIntoIfSomethingInItMayBeKept() throws Exception {
        Tars.bash(
                directory,
                "mkdir -p src/a/b/c src/e/f src/g; touch src/a/b/c/kept src/a/x src/e/f/y src/g/z; mkfifo src/a/p");
        Set<String> kept = Set.of("a/b/c/kept", "g");
        ContextArchive.pack(
                directory.resolve("src"),
                path -> kept.stream().noneMatch(k -> path.equals(k) || path.startsWith(k + "/")),
                path -> true,
                directory.resolve("c.tar"));
        try (BuildContext context = BuildContext.open(directory.resolve("c.tar"))) {
            assertThat(Contexts.readAll(context).keySet())
                    .containsExactly("", "a", "a/b", "a/b/c", "a/b/c/kept", "g", "g/z");
        }
        ContextArchive.pack(
                directory.resolve("src"), path -> path.equals("a") || path.equals("e"), directory.resolve("d.tar"));
        try (BuildContext context = BuildContext.open(directory.resolve("d.tar"))) {
            assertThat(Contexts.readAll(context).keySet()).containsExactly("", "g", "g/z");
        }
    }

    @Test
    void specialFilesAreRefusedByName() throws Exception {
        Path src = Files.createDirectory(directory.resolve("src"));
        Tars.bash(src, "mkdir d; mkfifo d/pipe");
        refused(src, "\"d/pipe\" is a fifo");
        Tars.bash(src, "rm d/pipe");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(src.resolve("d/socket")));
            refused(src, "\"d/socket\" is a socket");
        }
        Path tar = directory.resolve("dev.tar");
        assertThatThrownBy(() -> ContextArchive.pack(Path.of("/dev"), path -> !path.equals("null"), tar))
                .isInstanceOf(ContextException.class)
                .hasMessageContaining("\"null\" is a device");
        assertThat(tar).doesNotExist();
    }

    @Test
    void theDirectoryMayBeNamedThroughALinkAndMustExist() throws Exception {
        Tars.bash(directory, "mkdir src; echo 1 > src/f; ln -s src link");
        Path tar = directory.resolve("c.tar");
        assertThat(ContextArchive.pack(directory.resolve("link"), path -> false, tar)
                        .entries())
                .isEqualTo(1);
        ContextArchive.delete(tar);
        assertThatThrownBy(() -> ContextArchive.pack(directory.resolve("missing"), path -> false, tar))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(tar).doesNotExist();
    }

    private void refused(Path src, String message) {
        Path tar = directory.resolve("refused.tar");
        assertThatThrownBy(() -> ContextArchive.pack(src, path -> false, tar))
                .isInstanceOf(ContextException.class)
                .hasMessageContaining(message);
        assertThat(tar).doesNotExist();
        assertThat(directory.resolve("refused.tar.index")).doesNotExist();
    }
}
