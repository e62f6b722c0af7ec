package io.slipway.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentStoreTest {
    private static final byte[] HELLO = "hello".getBytes(UTF_8);

    @TempDir
    Path root;

    private ContentStore store;

    @BeforeEach
    void openStore() throws IOException {
        store = ContentStore.at(root);
    }

    @Test
    void contentIsInvisibleUntilItIsCommitted() throws IOException {
        try (BlobWriter writer = store.create()) {
            writer.write(HELLO);
            assertThat(store.contains(Digest.of(HELLO))).isFalse();
            Descriptor committed = writer.commit("text/plain");
            assertThat(committed).isEqualTo(new Descriptor("text/plain", Digest.of(HELLO), 5));
        }
        assertThat(store.contains(Digest.of(HELLO))).isTrue();
        assertThat(store.path(Digest.of(HELLO)))
                .isEqualTo(root.toAbsolutePath()
                        .resolve("blobs/sha256/" + Digest.of(HELLO).hex()));
        assertThat(unfinishedFiles()).isEmpty();
    }

    @Test
    void closingWithoutCommitKeepsNothing() throws IOException {
        try (BlobWriter writer = store.create()) {
            writer.write(HELLO);
        }
        assertThat(store.contains(Digest.of(HELLO))).isFalse();
        assertThat(unfinishedFiles()).isEmpty();
    }

    @Test
    void writesOfAnySizeComeOutAsOneBlob() throws IOException {
        byte[] content = new byte[1_000_003];
        new Random(7).nextBytes(content);
        int[] pieces = {1, 511, 131_072, 131_071, 3, 400_000};
        Digest digest;
        try (BlobWriter writer = store.create()) {
            int at = 0;
            for (int i = 0; at < content.length; i++) {
                int length = Math.min(pieces[i % pieces.length], content.length - at);
                writer.write(content, at, length);
                at += length;
            }
            assertThat(writer.size()).isEqualTo(content.length);
            digest = writer.commit();
        }
        assertThat(digest).isEqualTo(Digest.of(content));
        try (InputStream in = store.open(digest)) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
        store.verify(digest);
    }

    @Test
    void contentThatIsNotWhatWasPromisedIsRefused() throws IOException {
        Descriptor promised = new Descriptor("x", Digest.of("other".getBytes(UTF_8)), 5);
        try (BlobWriter writer = store.create(promised)) {
            writer.write(HELLO);
            assertThatThrownBy(writer::commit)
                    .isInstanceOf(DigestMismatchException.class)
                    .hasMessage("expected " + promised.digest() + " but the content is " + Digest.of(HELLO));
        }
        try (BlobWriter writer = store.create(new Descriptor("x", Digest.of(HELLO), 6))) {
            writer.write(HELLO);
            assertThatThrownBy(writer::commit)
                    .isInstanceOf(DigestMismatchException.class)
                    .hasMessageContaining("expected 6 bytes")
                    .hasMessageContaining("only 5");
        }
        try (BlobWriter writer = store.create(new Descriptor("x", Digest.of(HELLO), 4))) {
            assertThatThrownBy(() -> writer.write(HELLO)).isInstanceOf(DigestMismatchException.class);
        }
        assertThat(unfinishedFiles()).isEmpty();
        assertThat(store.contains(Digest.of(HELLO))).isFalse();
    }

    @Test
    void puttingTwiceIsPuttingOnce() throws IOException {
        assertThat(store.put(HELLO)).isEqualTo(store.put(HELLO));
        assertThat(store.size(Digest.of(HELLO))).isEqualTo(5);
        assertThat(store.delete(Digest.of(HELLO))).isTrue();
        assertThat(store.delete(Digest.of(HELLO))).isFalse();
    }

    @Test
    void whatIsNotHereIsSaidSo() throws IOException {
        Digest digest = Digest.of(HELLO);
        assertThat(store.contains(new Descriptor("x", digest, 5))).isFalse();
        assertThatThrownBy(() -> store.open(digest).close()).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> store.size(digest)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> store.readSmall(digest, 10)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void documentsAreReadUpToALimit() throws IOException {
        Digest digest = store.put(HELLO);
        assertThat(store.readSmall(digest, 5)).isEqualTo(HELLO);
        assertThatThrownBy(() -> store.readSmall(digest, 4)).hasMessageContaining("more than 4 bytes");
    }

    @Test
    void damageIsFoundAndHealedByWritingAgain() throws IOException {
        Digest digest = store.put(HELLO);
        Files.write(store.path(digest), new byte[0]);
        assertThat(store.contains(new Descriptor("x", digest, 5))).isFalse();
        assertThatThrownBy(() -> store.readSmall(digest, 10)).isInstanceOf(DigestMismatchException.class);
        assertThatThrownBy(() -> store.verify(digest)).isInstanceOf(DigestMismatchException.class);
        store.put(HELLO);
        assertThat(store.readSmall(digest, 10)).isEqualTo(HELLO);
    }

    @Test
    void whatIsNotFinishedLiesWhereItsWriterWantsItAndNothingInTheStore() throws IOException {
        Path place = root.resolve("of-the-writer");
        Path own = root.resolve("own");
        ContentStore other = ContentStore.at(own, () -> place);
        try (BlobWriter writer = other.create()) {
            writer.write(HELLO);
            assertThat(place).exists();
            try (Stream<Path> files = Files.walk(own)) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
            assertThat(other.readSmall(writer.commit(), 10)).isEqualTo(HELLO);
        }
        assertThat(place).doesNotExist();
    }

    @Test
    void manyWritersOfOneBlobAgree() throws Exception {
        byte[] content = new byte[300_000];
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Digest>> writers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                writers.add(threads.submit(() -> {
                    try (BlobWriter writer = ContentStore.at(root).create()) {
                        writer.write(content);
                        return writer.commit();
                    }
                }));
            }
            for (Future<Digest> writer : writers) {
                assertThat(writer.get()).isEqualTo(Digest.of(content));
            }
        }
        store.verify(Digest.of(content));
        assertThat(unfinishedFiles()).isEmpty();
    }

    private List<Path> unfinishedFiles() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("ingest"))) {
            return files.toList();
        }
    }

    @Test
    void whatIsUsedIsMarkedForTheGarbageCollector() throws IOException {
        Descriptor blob = store.put("text/plain", HELLO);
        Instant before = Instant.now().minusSeconds(60);
        Files.setLastModifiedTime(store.path(blob.digest()), FileTime.from(before));
        assertThat(store.contains(blob)).isTrue();
        assertThat(Files.getLastModifiedTime(store.path(blob.digest())).toInstant())
                .as("looking is no use")
                .isBefore(before.plusSeconds(1));
        assertThat(store.use(blob)).isTrue();
        assertThat(Files.getLastModifiedTime(store.path(blob.digest())).toInstant())
                .isAfter(before.plusSeconds(30));
        assertThat(store.use(new Descriptor("text/plain", blob.digest(), 4)))
                .as("of another size")
                .isFalse();
        store.delete(blob.digest());
        assertThat(store.use(blob)).isFalse();
    }
}
