package io.slipway.image.context;

import static io.slipway.image.context.Contexts.tar;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.slipway.image.compression.TestCompression;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.Tars;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is cut off or damaged is refused, or reads as something whole; half a context is never kept. */
class DamagedContextTest {
    private static final int BLOCK = 512;

    @TempDir
    Path directory;

    static Stream<Arguments> archives() throws Exception {
        return Stream.of(
                arguments("of our own", archive()),
                arguments("with a global header, as git archive writes it", gnu("--pax-option=comment=0123456789")),
                arguments("with a label", gnu("--label=backup")),
                arguments("with old sparse files", gnu("--format=gnu -S")),
                arguments("with sparse files", gnu("--format=posix -S")));
    }

    /** Where the zeros begin that end a tar: from there on all entries are there. */
    private static int end(byte[] tar) {
        int end = tar.length;
        while (tar[end - 1] == 0) {
            end--;
        }
        return (end + BLOCK - 1) / BLOCK * BLOCK;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("archives")
    void atEveryBlockThatItIsCutOffItIsRefused(String name, byte[] tar) throws IOException {
        int end = end(tar);
        assertThat(end).isBetween(6 * BLOCK, tar.length - 2 * BLOCK);
        for (int length = 0; length <= end; length += BLOCK) {
            refused(Arrays.copyOf(tar, length));
        }
        for (int length = end + BLOCK; length <= tar.length; length += BLOCK) {
            assertThat(readableOrNothing(Arrays.copyOf(tar, length)))
                    .as("whole at %d", length)
                    .isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("archives")
    void atAnyByteThatItIsCutOffItIsRefused(String name, byte[] tar) throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 100; i++) {
            refused(Arrays.copyOf(tar, random.nextInt(end(tar))));
        }
    }

    @ParameterizedTest
    @EnumSource(TestCompression.class)
    void aCompressedArchiveIsWholeOrRefused(TestCompression compression) throws IOException {
        byte[] body = compression.compress(archive());
        assertThat(readableOrNothing(body)).isTrue();
        int step = Math.max(1, body.length / 500);
        for (int length = 0; length < body.length; length += step) {
            refused(Arrays.copyOf(body, length));
        }
        byte[] followed = Arrays.copyOf(body, body.length + 3);
        Arrays.fill(followed, body.length, followed.length, (byte) 'x');
        refused(followed);
    }

    /** Nothing but a refusal or a context that can be read, and no more memory than a decompressor may ask for. */
    @ParameterizedTest
    @EnumSource(TestCompression.class)
    void anyDamageIsRefusedOrReadsAsSomethingWhole(TestCompression compression) throws Exception {
        Random random = new Random(11);
        byte[][] bodies = {
            compression.compress(archive()),
            compression.compress(gnu("--format=posix -S")),
            compression.compress(gnu("--format=gnu -S"))
        };
        int readable = 0;
        for (int i = 0; i < 300; i++) {
            byte[] body = bodies[i % bodies.length].clone();
            for (int damages = random.nextInt(4); damages >= 0; damages--) {
                int at = random.nextInt(body.length);
                switch (random.nextInt(3)) {
                    case 0 -> body[at] ^= (byte) (1 << random.nextInt(8));
                    case 1 -> body[at] = (byte) random.nextInt();
                    default -> {
                        int length = Math.min(1 + random.nextInt(600), body.length - at);
                        System.arraycopy(body.clone(), random.nextInt(body.length - length + 1), body, at, length);
                    }
                }
            }
            readable += readableOrNothing(body) ? 1 : 0;
        }
        if (compression == TestCompression.NONE) {
            assertThat(readable)
                    .as("damage of content is not seen in a plain tar")
                    .isPositive();
        }
    }

    @Test
    void aDamagedIndexIsNoticed() throws IOException {
        Contexts.receive(archive(), directory).close();
        Path file = directory.resolve("context.tar");
        Path index = directory.resolve("context.tar.index");
        byte[] whole = Files.readAllBytes(index);
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(index, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> BuildContext.open(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is broken or of another version");
        }
        for (int at = 0; at < whole.length; at += 3) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << (at % 7));
            Files.write(index, damaged);
            assertThatThrownBy(() -> BuildContext.open(file)).isInstanceOf(IOException.class);
        }
        Files.write(index, Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> BuildContext.open(file)).isInstanceOf(IOException.class);
        Files.write(index, whole);
        BuildContext.open(file).close();
        Files.delete(index);
        assertThatThrownBy(() -> BuildContext.open(file)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aTarOfAnotherSizeIsNoticed() throws IOException {
        byte[] body = archive();
        Contexts.receive(body, directory).close();
        Path file = directory.resolve("context.tar");
        Files.write(file, Arrays.copyOf(body, body.length - 1));
        assertThatThrownBy(() -> BuildContext.open(file)).hasMessageContaining("is not as large as it was");
        Files.delete(file);
        assertThatThrownBy(() -> BuildContext.open(file)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aWriterThatFailedDoesNotFinish() throws IOException {
        Path file = directory.resolve("c.tar");
        try (ContextWriter writer = ContextArchive.create(file, Contexts.LIMITS)) {
            TarEntry entry = TarEntry.file("a", 0644, 10);
            assertThatThrownBy(() -> writer.put(entry, new ByteArrayInputStream(new byte[9])))
                    .hasMessageContaining("a is shorter than the 10 bytes");
            assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        }
        Contexts.assertNothingIn(directory);
    }

    private void refused(byte[] body) throws IOException {
        Contexts.assertRefused(
                new ByteArrayInputStream(body), directory, Contexts.LIMITS, ContextException.Kind.INVALID);
    }

    /** Whether there is a context, which is then read from end to end. */
    private boolean readableOrNothing(byte[] body) throws IOException {
        Path file = directory.resolve("context.tar");
        long before = allocated();
        try {
            ContextArchive.receive(new ByteArrayInputStream(body), file, Contexts.LIMITS);
        } catch (ContextException refused) {
            Contexts.assertNothingIn(directory);
            return false;
        } finally {
            assertThat(allocated() - before).isLessThan(128 << 20);
        }
        try (BuildContext context = BuildContext.open(file)) {
            Contexts.readAll(context);
        }
        ContextArchive.delete(file);
        return true;
    }

    private static long allocated() {
        return TestCompression.allocatedByThisThread();
    }

    private static byte[] archive() {
        return tar().put(TarEntry.directory("d", 0755))
                .put(
                        TarEntry.file("d/" + "n".repeat(150), 0644, 1300),
                        "content\n".repeat(163).substring(4).getBytes(UTF_8))
                .symlink("link", "d/x")
                .hardLink("hard", "d/" + "n".repeat(150))
                .file("last", "the end")
                .bytes();
    }

    private static byte[] gnu(String options) throws Exception {
        Path work = Files.createTempDirectory("gnu-tar");
        Tars.bash(work, """
                mkdir -p src/d; cd src; seq 300 > d/f; ln d/f h; ln -s d s; printf x > $(printf 'n%.0s' {1..120})
                truncate -s 200K d/sparse; for i in $(seq 0 9); do
                printf x | dd of=d/sparse bs=1 seek=$((i * 20000)) conv=notrunc status=none; done
                tar OPTIONS -cf ../t.tar .
                """.replace("OPTIONS", options));
        byte[] tar = Files.readAllBytes(work.resolve("t.tar"));
        Tars.bash(work, "rm -r src t.tar; rmdir \"$PWD\"");
        return tar;
    }
}
