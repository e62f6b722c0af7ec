package io.slipway.image.store;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way into a {@link ContentStore}: bytes are hashed as they are written, and nothing is visible in the
 * store before {@link #commit()}.
 *
 * <p>The caller must close it. Closing without a commit discards what was written, unless the writer is one that {@link ContentStore#resume} gave:
 * then the next one goes on there. Closing after a commit does nothing.
 * Any exception of a method leaves only {@link #close()} to be called. Not thread-safe.
 */
public final class BlobWriter extends OutputStream {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final ContentStore store;
    private final Path unfinished;
    private final @Nullable Descriptor expected;
    private final FileChannel file;
    private final MessageDigest hash = Digest.sha256();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final Arrival arrival = new Arrival();
    private long size;
    private boolean resumable;
    private boolean closed;

    private BlobWriter(ContentStore store, Path unfinished, @Nullable Descriptor expected, FileChannel file) {
        this.store = store;
        this.unfinished = unfinished;
        this.expected = expected;
        this.file = file;
    }

    static BlobWriter create(ContentStore store, Path unfinished, @Nullable Descriptor expected) throws IOException {
        return new BlobWriter(
                store,
                unfinished,
                expected,
                FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** Goes on with what is in the file {@code unfinished}, where it stays unless it turns out to be wrong. */
    static BlobWriter resume(ContentStore store, Path unfinished, Descriptor expected) throws IOException {
        try {
            // In this order: what is here after it was marked, a garbage collector finds marked when it looks once
            // more.
            Files.setLastModifiedTime(unfinished, FileTime.from(Instant.now()));
        } catch (NoSuchFileException e) {
            // It is begun.
        }
        BlobWriter writer = new BlobWriter(
                store,
                unfinished,
                expected,
                FileChannel.open(
                        unfinished, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        try {
            writer.readWhatIsThere(expected.size());
            writer.resumable = true;
            return writer;
        } catch (IOException | RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    private void readWhatIsThere(long most) throws IOException {
        if (file.size() > most) {
            file.truncate(0);
        }
        while (file.read(buffer) >= 0) {
            buffer.flip();
            hash.update(buffer.array(), 0, buffer.limit());
            size += buffer.limit();
            arrival.add(buffer.limit());
            buffer.clear();
        }
    }

    /**
     * Opens what is being written, for another thread that reads it at the same time: it waits for bytes that have not come yet. Its end is
     * reached after {@link #commit()} only, so whoever has read to the end has read what was expected; without a commit it ends with a
     * {@link BrokenOffException}. The caller must close the stream.
     */
    public InputStream openArriving() throws IOException {
        return new ArrivingBlob(FileChannel.open(unfinished, StandardOpenOption.READ), arrival);
    }

    /** The number of bytes written so far: where a download that was cut goes on. */
    public long size() {
        return size;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /**
     * Writes and hashes {@code length} bytes.
     *
     * @throws DigestMismatchException as soon as there is more than the expected size
     */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireOpen();
        if (expected != null && size + length > expected.size()) {
            resumable = false;
            throw DigestMismatchException.size(expected.digest(), expected.size(), size + length);
        }
        size += length;
        if (length > buffer.remaining()) {
            drain();
        }
        if (length >= buffer.capacity()) {
            hash.update(bytes, offset, length);
            writeFully(ByteBuffer.wrap(bytes, offset, length));
        } else {
            buffer.put(bytes, offset, length);
        }
    }

    /**
     * Checks the content against what was expected, if anything was, and puts it into the store under its digest: atomic,
     * and idempotent when the store has the blob already. Closes this writer.
     *
     * @return the content's digest
     * @throws DigestMismatchException if digest or size is not the expected one; nothing is kept
     */
    public Digest commit() throws IOException {
        requireOpen();
        try (this) {
            drain();
            Digest actual = Digest.of(hash);
            resumable = false;
            if (expected != null) {
                if (size != expected.size()) {
                    throw DigestMismatchException.size(expected.digest(), expected.size(), size);
                }
                if (!actual.equals(expected.digest())) {
                    throw DigestMismatchException.digest(expected.digest(), actual);
                }
            }
            file.close();
            // Replacing a blob of the same name is what heals one that a power cut has damaged.
            // In this order: what is here and held by nobody is everybody's.
            store.hold(actual);
            moveInto(store.path(actual));
            arrival.end(true);
            return actual;
        }
    }

    /** {@link #commit()}, described. */
    public Descriptor commit(String mediaType) throws IOException {
        return new Descriptor(mediaType, commit(), size);
    }

    /** Discards what was written unless it was committed, or the next one may go on with it. Idempotent. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            arrival.end(false);
            file.close();
            if (!resumable) {
                Files.deleteIfExists(unfinished);
            }
        }
    }

    private void moveInto(Path target) throws IOException {
        try {
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the content store must be one file system: " + store.root(), e);
        }
    }

    private void drain() throws IOException {
        buffer.flip();
        hash.update(buffer.array(), 0, buffer.limit());
        writeFully(buffer);
        buffer.clear();
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        boolean wasResumable = resumable;
        // What a full disk is left with is better given back.
        resumable = false;
        while (bytes.hasRemaining()) {
            arrival.add(file.write(bytes));
        }
        resumable = wasResumable;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the blob writer is closed");
        }
    }
}
