package io.slipway.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Digest;
import io.slipway.image.compression.TestCompression;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarException;
import io.slipway.image.tar.TarWriter;
import io.slipway.image.tar.Tars;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A layer that is not what its image says is never read in silence. */
class DamagedLayerTest {
    private static final LayerReader.Limits LIMITS = new LayerReader.Limits(1 << 20, 1000);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(TestCompression.class)
    void atEveryByteThatItIsCutOffItIsRefused(TestCompression compression) throws IOException {
        byte[] tar = tar();
        byte[] blob = compression.compress(tar);
        read(blob, Digest.of(tar), LIMITS);
        int step = Math.max(1, blob.length / 200);
        for (int length = 0; length < blob.length; length += step) {
            assertRefused(Arrays.copyOf(blob, length), Digest.of(tar), LIMITS);
        }
        byte[] followed = Arrays.copyOf(blob, blob.length + 1);
        followed[blob.length] = 'x';
        assertRefused(followed, Digest.of(tar), LIMITS);
    }

    @ParameterizedTest
    @EnumSource(TestCompression.class)
    void anyDamageIsRefusedOrMeansNothing(TestCompression compression) throws IOException {
        byte[] tar = tar();
        byte[] whole = compression.compress(tar);
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            byte[] blob = whole.clone();
            blob[random.nextInt(blob.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                // The diff ID decides: what reads with it is what was written, a flipped bit in a header's time say.
                read(blob, Digest.of(tar), LIMITS);
            } catch (LayerException | TarException | DiffIdMismatchException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(250);
    }

    /** Without a diff ID to hold it to, the checksums of the compression are what is left. */
    @ParameterizedTest
    @EnumSource(
            value = TestCompression.class,
            names = {"GZIP", "ZSTD", "BZIP2", "XZ"})
    void withoutADiffIdDamageOfCompressedDataIsStillFound(TestCompression compression) throws IOException {
        byte[] blob = compression.compress(tar());
        for (int at = blob.length / 4; at < blob.length * 3 / 4; at += 29) {
            byte[] damaged = blob.clone();
            damaged[at] ^= 0x10;
            assertRefused(damaged, null, LIMITS);
        }
    }

    @Test
    void anotherDiffIdIsAMismatchAtTheEndOnly() throws IOException {
        byte[] tar = tar();
        try (LayerReader reader = LayerReader.open(
                new ByteArrayInputStream(TestCompression.GZIP.compress(tar)), Digest.of(new byte[1]), LIMITS)) {
            assertThat(reader.next()).isNotNull();
            assertThatThrownBy(reader::verify)
                    .isInstanceOf(DiffIdMismatchException.class)
                    .hasMessageContaining(Digest.of(tar).toString());
            assertThatThrownBy(reader::verify).isInstanceOf(DiffIdMismatchException.class);
        }
    }

    /** The diff ID is of the whole stream, also of what no tar reader looks at. */
    @Test
    void whatStandsBehindTheEndCounts() throws IOException {
        byte[] tar = tar();
        byte[] padded = Arrays.copyOf(tar, tar.length + 10_000);
        padded[padded.length - 1] = 1;
        read(TestCompression.ZSTD.compress(padded), Digest.of(padded), LIMITS);
        assertThatThrownBy(() -> read(TestCompression.ZSTD.compress(padded), Digest.of(tar), LIMITS))
                .isInstanceOf(DiffIdMismatchException.class);
    }

    @ParameterizedTest
    @EnumSource(TestCompression.class)
    void moreThanTheLimitsIsRefused(TestCompression compression) throws IOException {
        byte[] tar = tar();
        byte[] blob = compression.compress(tar);
        read(blob, null, new LayerReader.Limits(tar.length, 3));
        assertThatThrownBy(() -> read(blob, null, new LayerReader.Limits(tar.length - 1, 3)))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("bytes when decompressed");
        assertThatThrownBy(() -> read(blob, null, new LayerReader.Limits(tar.length, 2)))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("more than 2 entries: stopped at link");
        byte[] bomb = compression.compress(new byte[4 << 20]);
        assertThatThrownBy(() -> read(bomb, null, LIMITS))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("bytes when decompressed");
    }

    /** A terabyte of holes is a kilobyte of tar, and would be written out by whoever exports it. */
    @Test
    void holesAreWithinTheLimitToo() throws Exception {
        Tars.bash(directory, "truncate -s 1T h; tar -S --format=posix -cf h.tar h; rm h");
        byte[] tar = Files.readAllBytes(directory.resolve("h.tar"));
        try (LayerReader reader = LayerReader.open(new ByteArrayInputStream(tar), null, LIMITS)) {
            assertThatThrownBy(reader::next)
                    .isInstanceOf(LayerException.class)
                    .hasMessageContaining("the layer's files have more than 1048576 bytes: stopped at h");
        }
    }

    @Test
    void whatIsNoTarIsSaidToBeNone() throws IOException {
        for (TestCompression compression : TestCompression.values()) {
            byte[] blob = compression.compress("{\"layers\": []}".getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> read(blob, null, LIMITS)).isInstanceOf(TarException.class);
        }
    }

    /** A disk that fails is not the layer's fault. */
    @Test
    void aBlobThatCannotBeReadFailsWithItsOwnException() throws IOException {
        byte[] tar = tar();
        for (TestCompression compression : TestCompression.values()) {
            byte[] blob = compression.compress(tar);
            for (int length : new int[] {0, 10, blob.length / 2}) {
                Broken broken = new Broken();
                InputStream cut = new SequenceInputStream(new ByteArrayInputStream(blob, 0, length), broken);
                assertThatThrownBy(() -> read(cut, null, LIMITS)).isSameAs(broken.failure);
            }
        }
        ContentStore store = ContentStore.at(directory.resolve("store"));
        assertThatThrownBy(() -> LayerReader.open(store, Digest.of(tar), null)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void theBlobIsClosedAlsoWhenItCannotBeOpened() throws IOException {
        for (byte[] content : new byte[][] {tar(), {0x1f, (byte) 0x8b, 9}, {'B', 'Z', 'h', '9', 'x', 'x'}}) {
            int[] closed = new int[1];
            InputStream blob = new ByteArrayInputStream(content) {
                @Override
                public void close() {
                    closed[0]++;
                }
            };
            try (LayerReader reader = LayerReader.open(blob, null, LIMITS)) {
                assertThat(reader.next()).isNotNull();
            } catch (LayerException refused) {
                assertThat(refused).hasMessageContaining("the layer can't be decompressed");
            }
            assertThat(closed[0]).isPositive();
        }
    }

    private static void assertRefused(byte[] blob, @Nullable Digest diffId, LayerReader.Limits limits) {
        assertThatThrownBy(() -> read(blob, diffId, limits))
                .isInstanceOfAny(LayerException.class, TarException.class, DiffIdMismatchException.class);
    }

    private static void read(byte[] blob, @Nullable Digest diffId, LayerReader.Limits limits) throws IOException {
        read(new ByteArrayInputStream(blob), diffId, limits);
    }

    private static void read(InputStream blob, @Nullable Digest diffId, LayerReader.Limits limits) throws IOException {
        try (LayerReader reader = LayerReader.open(blob, diffId, limits)) {
            while (reader.next() != null) {
                reader.content().transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    private static byte[] tar() throws IOException {
        byte[] content = new byte[5000];
        new Random(3).nextBytes(content);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter writer = new TarWriter(out)) {
            writer.put(TarEntry.directory("d", 0755));
            writer.put(TarEntry.file("d/" + "n".repeat(180), 0644, 5000), new ByteArrayInputStream(content));
            writer.put(TarEntry.symlink("link", "d"));
            writer.finish();
        }
        return out.toByteArray();
    }

    private static final class Broken extends InputStream {
        final IOException failure = new IOException("the disk has failed");

        @Override
        public int read() throws IOException {
            throw failure;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            throw failure;
        }
    }
}
