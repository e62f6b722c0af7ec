package io.slipway.image.layer;

import io.slipway.image.Digest;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Reads a layer's entries from its blob, compressed in whichever way: the bytes tell, media types are not believed.
 * Entries come as the archive has them and are hostile until resolved beneath a root. Not thread-safe.
 */
public final class LayerReader implements Closeable {
    /** What is enough for any image and stops an archive that expands without end. */
    public static final Limits DEFAULT_LIMITS = new Limits(1L << 40, 20_000_000);

    private static final int DRAIN_BYTES = 64 * 1024;

    private final @Nullable Digest diffId;
    private final Limits limits;
    private final @Nullable MessageDigest hash;
    /** The uncompressed tar, hashed. */
    private final InputStream stream;

    private final TarReader tar;
    private long entries;
    private long fileBytes;
    private boolean verified;

    /**
     * How much a layer may have.
     *
     * @param bytes of uncompressed tar, and of all its files together with the holes of sparse ones
     * @param entries in the tar
     */
    public record Limits(long bytes, long entries) {}

    private LayerReader(InputStream plain, @Nullable Digest diffId, Limits limits) {
        this.diffId = diffId;
        this.limits = limits;
        this.hash = diffId == null ? null : Digest.sha256();
        this.stream = hash == null ? plain : new DigestInputStream(plain, hash);
        this.tar = new TarReader(stream);
    }

    /**
     * Opens a layer of the content store, with {@link #DEFAULT_LIMITS}.
     *
     * @param blob the digest of the layer's blob
     * @param diffId what the uncompressed tar's digest must turn out to be, or null not to check
     * @throws java.nio.file.NoSuchFileException if the store doesn't have the blob
     */
    public static LayerReader open(ContentStore store, Digest blob, @Nullable Digest diffId) throws IOException {
        return open(store.open(blob), diffId, DEFAULT_LIMITS);
    }

    /**
     * A reader of the layer {@code blob}.
     *
     * @param blob closed by {@link #close}, also if this method fails
     * @param diffId what the uncompressed tar's digest must turn out to be, or null not to check
     * @throws LayerException if the blob can't be decompressed
     */
    public static LayerReader open(InputStream blob, @Nullable Digest diffId, Limits limits) throws IOException {
        return new LayerReader(UnpackedBlob.open(blob, limits.bytes()), diffId, limits);
    }

    /**
     * Goes to the next entry. At the end, {@link #verify} is called: what was read is to be believed only when this has
     * returned null.
     *
     * @return the entry, or null at the end
     * @throws io.slipway.image.tar.TarException if the tar is broken
     * @throws DiffIdMismatchException at the end, if the layer has another diff ID
     * @throws LayerException if the blob can't be decompressed, or is beyond the limits
     * @throws IOException if the blob can't be read
     */
    public @Nullable TarEntry next() throws IOException {
        TarEntry entry = tar.next();
        if (entry == null) {
            verify();
        } else if (++entries > limits.entries()) {
            throw new LayerException("the layer has more than %d entries: stopped at %s"
                    .formatted(limits.entries(), FileName.display(entry.name())));
        } else if (entry.size() > limits.bytes() - fileBytes) {
            // The holes of a sparse file are not in the tar.
            throw new LayerException("the layer's files have more than %d bytes: stopped at %s"
                    .formatted(limits.bytes(), FileName.display(entry.name())));
        } else {
            fileBytes += entry.size();
        }
        return entry;
    }

    /**
     * Reads the rest of the blob, entries that were not asked for included, and checks the diff ID. For who stops before
     * the last entry; {@link #next} does it at the end. Idempotent.
     *
     * @throws DiffIdMismatchException if the layer has another diff ID
     * @throws LayerException if the blob can't be decompressed, or is beyond the limits
     * @throws IOException if the blob can't be read
     */
    public void verify() throws IOException {
        if (verified) {
            return;
        }
        byte[] buffer = new byte[DRAIN_BYTES];
        while (stream.read(buffer, 0, buffer.length) >= 0) {
            // The diff ID is of everything, whatever stands behind the archive's end.
        }
        if (diffId != null && hash != null) {
            Digest actual = Digest.of(hash);
            if (!actual.equals(diffId)) {
                throw new DiffIdMismatchException(diffId, actual);
            }
        }
        verified = true;
    }

    /** The current entry's content, holes included; see {@link TarReader#content()}. */
    public InputStream content() {
        return tar.content();
    }

    /** The current entry's data without holes; see {@link TarReader#packedContent()}. */
    public InputStream packedContent() {
        return tar.packedContent();
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
