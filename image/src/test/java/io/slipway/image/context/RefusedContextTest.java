package io.slipway.image.context;

import static io.slipway.image.context.Contexts.tar;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.slipway.image.compression.Compression;
import io.slipway.image.compression.Compressor;
import io.slipway.image.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no context may have. */
class RefusedContextTest {
    @TempDir
    Path directory;

    static Stream<Arguments> entries() {
        return Stream.of(
                arguments("has an absolute path", tar().file("/etc/passwd", "")),
                arguments("has an absolute path", tar().directory("/")),
                arguments("has \"..\" in its path", tar().file("../x", "")),
                arguments("has \"..\" in its path", tar().file("a/../../x", "")),
                arguments("has \"..\" in its path", tar().file("a/../b", "")),
                arguments("has \"..\" in its path", tar().directory("a/..")),
                arguments("has \"..\" in its path", tar().symlink("..", "x")),
                arguments("has an empty name", tar().file("", "")),
                arguments("which no file can have", tar().file("n".repeat(256), "")),
                arguments("which no file can have", tar().file("d/" + "é".repeat(128) + "/f", "")),
                arguments(
                        "\"d/x\" is written through the symbolic link \"d\"",
                        tar().symlink("d", "/tmp").file("d/x", "")),
                arguments(
                        "through the symbolic link \"e/d\"",
                        tar().symlink("e/d", ".").directory("e/d/x")),
                arguments(
                        "through the symbolic link \"d\"",
                        tar().symlink("d", ".").symlink("d/./x/y", "z")),
                arguments(
                        "beneath \"a\", which is no directory",
                        tar().file("a", "").file("a/b", "")),
                arguments(
                        "through the symbolic link",
                        tar().directory("d").file("f", "").symlink("d", "/").hardLink("d/x", "f")),
                arguments(
                        "would replace a directory that is not empty",
                        tar().file("d/x", "").file("d", "")),
                arguments(
                        "would replace a directory that is not empty",
                        tar().file("d/x", "").symlink("d", "/")),
                arguments(
                        "would replace a directory that is not empty",
                        tar().file("a", "").file("d/x", "").hardLink("./d", "a")),
                arguments("leads to \"b\", which is not among the entries before it", tar().hardLink("a", "b")),
                arguments(
                        "not among the entries before it",
                        tar().hardLink("a", "b").file("b", "")),
                arguments("not among the entries before it", tar().hardLink("a", "a")),
                arguments(
                        "not among the entries before it", tar().file("d/b", "").hardLink("a", "b")),
                arguments("leads to the directory \"d\"", tar().directory("d").hardLink("a", "d")),
                arguments("leads to the directory \".\"", tar().hardLink("a", ".")),
                arguments(
                        "its target \"/a\" has an absolute path",
                        tar().file("a", "").hardLink("b", "/a")),
                arguments("its target \"../a\" has \"..\"", tar().file("a", "").hardLink("b", "../a")),
                arguments("its target has an empty name", tar().file("a", "").hardLink("b", "")),
                arguments(
                        "leads through the symbolic link \"l\"",
                        tar().file("d/a", "").symlink("l", "d").hardLink("b", "l/a")),
                arguments("puts something else where the root directory is", tar().symlink(".", "/")),
                arguments("puts something else where the root directory is", tar().file("./.", "")),
                arguments(
                        "puts something else where the root directory is",
                        tar().file("a", "").hardLink("./", "a")),
                arguments("has no target", tar().symlink("l", "")),
                arguments("has a target of more than 4095 bytes", tar().symlink("l", "t".repeat(4096))),
                arguments("is a character device", tar().put(special(TarEntry.Type.CHARACTER_DEVICE))),
                arguments("is a block device", tar().put(special(TarEntry.Type.BLOCK_DEVICE))),
                arguments("is a fifo", tar().put(special(TarEntry.Type.FIFO))));
    }

    @ParameterizedTest(name = "{index}: {0}")
    @MethodSource("entries")
    void entriesThatAContextMustNotHaveAreRefusedByName(String message, Contexts.Tar tar) throws IOException {
        byte[] body = tar.bytes();
        assertRefused(body, message);
        assertRefused(compressed(body), message);
    }

    /** What was fine before the fault leaves no trace either. */
    @Test
    void aFaultBehindManyEntriesLeavesNothing() throws IOException {
        Contexts.Tar tar = tar();
        for (int i = 0; i < 500; i++) {
            tar.file("d/" + i, "content ".repeat(i));
        }
        assertRefused(tar.put(special(TarEntry.Type.FIFO)).bytes(), "\"special\" is a fifo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "{\"json\": true}", "<html>", "PK\u0003\u0004", "\u001f", "\u001f\u008b", "BZh9"})
    void whatIsNoTarIsRefused(String body) throws IOException {
        assertRefused(body.getBytes(ISO_8859_1), "");
        byte[] long1 = body.repeat(700).getBytes(ISO_8859_1);
        assertRefused(long1, "");
        assertRefused(compressed(long1), "The context is no tar");
    }

    @Test
    void onlyOneCompressionIsTakenOff() throws IOException {
        assertRefused(compressed(compressed(tar().file("a", "").bytes())), "The context is no tar");
    }

    @Test
    void whatStandsBehindTheEndIsRefused() throws IOException {
        byte[] one = tar().file("a", "").bytes();
        byte[] two = Arrays.copyOf(one, one.length * 2);
        System.arraycopy(one, 0, two, one.length, one.length);
        assertRefused(two, "There is something behind the archive's end");
        byte[] padded = Arrays.copyOf(one, one.length + (17 << 20));
        Contexts.assertRefused(
                        new ByteArrayInputStream(padded),
                        directory,
                        ContextLimits.ofBytes(1 << 30),
                        ContextException.Kind.INVALID)
                .withMessageContaining("There is too much padding behind the archive's end");
    }

    private void assertRefused(byte[] body, String message) throws IOException {
        Contexts.assertRefused(
                        new ByteArrayInputStream(body), directory, Contexts.LIMITS, ContextException.Kind.INVALID)
                .withMessageContaining(message);
    }

    private static byte[] compressed(byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Compressor compressor = Compression.gzip().compress(out)) {
            compressor.write(body);
            compressor.finish();
        }
        return out.toByteArray();
    }

    private static TarEntry special(TarEntry.Type type) {
        return new TarEntry("special", type, 0600, 0, 0, Instant.EPOCH, 0, "", 0, 0, new TreeMap<>(), null);
    }
}
