package io.slipway.image.context;

import static io.slipway.image.context.ContextException.Kind.TOO_LARGE;
import static io.slipway.image.context.Contexts.assertRefused;
import static io.slipway.image.context.Contexts.tar;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.compression.Compression;
import io.slipway.image.compression.Compressor;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.Tars;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits hold while a context streams in, whatever comes behind. */
class ContextLimitsTest {
    @TempDir
    Path directory;

    @Test
    void everyLimitAllowsExactlyWhatItSays() throws IOException {
        byte[] body = tar().file("d/e/f", "12345").file("g", "").bytes();
        ContextLimits enough = new ContextLimits(body.length, body.length, 4, 5);
        ContextArchive.receive(new ByteArrayInputStream(body), directory.resolve("c.tar"), enough);
        ContextArchive.delete(directory.resolve("c.tar"));

        refused(body, new ContextLimits(body.length - 1, body.length, 4, 5), "bytes uncompressed");
        refused(body, new ContextLimits(body.length, body.length - 1, 4, 5), "The context has more than");
        refused(body, new ContextLimits(body.length, body.length, 3, 5), "\"g\" is one too many");
        refused(body, new ContextLimits(body.length, body.length, 4, 4), "\"d/e/f\" has a path of more than 4 bytes");
        refused(body, new ContextLimits(body.length, body.length, 0, 5), "\"d/e/f\" is one too many");
    }

    @Test
    void aBodyWithoutEndIsStoppedAtTheLimit() throws IOException {
        byte[] head = tar().put(TarEntry.file("endless", 0644, 0)).bytes();
        byte[] start = Arrays.copyOf(head, 512);
        // A size of 64 GiB, base-256, and the checksum that goes with it.
        start[124] = (byte) 0x80;
        for (int i = 125; i < 136; i++) {
            start[i] = 0;
        }
        start[131] = 16;
        fixChecksum(start);
        Endless zeros = new Endless();
        // Known from the header already.
        assertRefused(
                        new SequenceInputStream(new ByteArrayInputStream(start), zeros),
                        directory,
                        limits(1 << 20),
                        TOO_LARGE)
                .withMessageContaining("The context's files have more than 1048576 bytes");
        assertThat(zeros.count).isLessThan(1 << 20);
    }

    @Test
    void manySmallFilesWithoutEndAreStoppedAtTheLimit() throws IOException {
        List<InputStream> files = new AbstractList<>() {
            @Override
            public InputStream get(int index) {
                byte[] tar = tar().put(TarEntry.file("f" + index, 0644, 0)).bytes();
                return new ByteArrayInputStream(tar, 0, 512);
            }

            @Override
            public int size() {
                return Integer.MAX_VALUE;
            }
        };
        InputStream names = new SequenceInputStream(Collections.enumeration(files));
        assertRefused(names, directory, new ContextLimits(1 << 30, 1 << 30, 2000, 100), TOO_LARGE)
                .withMessageContaining("\"f2000\" is one too many");
    }

    @Test
    void aCompressionBombIsStoppedAtTheLimit() throws IOException {
        for (Compression compression : new Compression[] {Compression.gzip(), Compression.zstd()}) {
            ByteArrayOutputStream bomb = new ByteArrayOutputStream();
            try (Compressor compressor = compression.compress(bomb)) {
                byte[] tar = tar().put(TarEntry.file("a", 0644, 64 << 20)).bytes();
                compressor.write(tar);
                compressor.finish();
            }
            assertThat(bomb.size()).isLessThan(1 << 20);
            // The file alone is more, and if it were not, its tar is.
            assertRefused(new ByteArrayInputStream(bomb.toByteArray()), directory, limits(1 << 20), TOO_LARGE);
            assertRefused(new ByteArrayInputStream(bomb.toByteArray()), directory, limits((64 << 20) + 512), TOO_LARGE)
                    .withMessageContaining("bytes uncompressed");
        }
    }

    /** A terabyte of holes is a kilobyte of tar. */
    @Test
    void holesCountAsBytes() throws Exception {
        Tars.bash(directory, """
                mkdir src; truncate -s 1T src/h; tar -S --format=gnu -cf sparse.tar -C src h; rm -r src
                """);
        byte[] body = Files.readAllBytes(directory.resolve("sparse.tar"));
        Files.delete(directory.resolve("sparse.tar"));
        assertRefused(new ByteArrayInputStream(body), directory, ContextLimits.ofBytes(1L << 39), TOO_LARGE)
                .withMessageContaining("The context's files have more than");
    }

    /** Each name of a file costs the index the attributes of the file, so each counts. */
    @Test
    void hardLinksDoNotMultiplyAttributesWithoutEnd() throws IOException {
        Contexts.Tar tar = tar().put(TarEntry.file("f", 0644, 0).withXattrs(Map.of("user.large", new byte[1_000_000])));
        for (int i = 0; i < 3000; i++) {
            tar.hardLink("l" + i, "f");
        }
        byte[] body = tar.bytes();
        assertThat(body.length).isLessThan(4 << 20);
        assertRefused(new ByteArrayInputStream(body), directory, ContextLimits.ofBytes(1 << 30), TOO_LARGE)
                .withMessageContaining("names and attributes");
    }

    private void refused(byte[] body, ContextLimits limits, String message) throws IOException {
        assertRefused(new ByteArrayInputStream(body), directory, limits, TOO_LARGE)
                .withMessageContaining(message);
    }

    private static ContextLimits limits(long bytes) {
        return ContextLimits.ofBytes(bytes);
    }

    private static void fixChecksum(byte[] header) {
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += header[i] & 0xff;
        }
        byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, header, 148, 8);
    }

    private static final class Endless extends InputStream {
        long count;

        @Override
        public int read() {
            count++;
            return 0;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            Arrays.fill(target, offset, offset + length, (byte) 0);
            count += length;
            return length;
        }
    }
}
