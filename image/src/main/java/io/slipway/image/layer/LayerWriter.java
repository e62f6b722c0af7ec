package io.slipway.image.layer;

import io.slipway.image.Digest;
import io.slipway.image.compression.Compression;
import io.slipway.image.compression.Compressor;
import io.slipway.image.store.BlobWriter;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * Writes a layer into the content store in one pass: entries → tar → diff ID → compression → digest → store. Memory is
 * constant, whatever the layer's size: some MiB of blocks that are being hashed and compressed beside the writing.
 *
 * <p>The caller must close it. Closing without {@link #finish} leaves nothing in the store. Any exception leaves only
 * {@link #close} to be called. Not thread-safe; many writers may work side by side.
 *
 * <pre>{@code
 * try (LayerWriter writer = new LayerWriter(store, Compression.gzip(), false)) {
 *     writer.add(TarEntry.directory("etc", 0755));
 *     Layer layer = writer.finish();
 * }
 * }</pre>
 */
public final class LayerWriter implements Closeable {
    private static final int SMALL_WRITES = 32 * 1024;

    private final String mediaType;
    private final ContentStore store;
    private final BlobWriter blob;
    private final Compressor compressor;
    private final TarDigest tarDigest;
    private final Batching batching;
    private final TarWriter tar;
    private long entries;
    /** Whether another call may follow: nothing failed, and the layer is not finished. */
    private boolean open = true;

    /**
     * Starts a layer.
     *
     * @param dockerMediaTypes whether the descriptor gets Docker's media type or OCI's; the bytes are the same
     * @throws IllegalArgumentException for zstd with Docker's media types
     */
    public LayerWriter(ContentStore store, Compression compression, boolean dockerMediaTypes) throws IOException {
        this.mediaType = compression.algorithm().mediaType(dockerMediaTypes);
        this.store = store;
        this.blob = store.create();
        try {
            this.compressor = compression.compress(blob);
        } catch (IOException | RuntimeException e) {
            try (blob) {
                throw e;
            }
        }
        this.tarDigest = new TarDigest(compressor);
        this.batching = new Batching(tarDigest, SMALL_WRITES);
        this.tar = new TarWriter(batching);
    }

    /** Adds an entry without content. */
    public void add(TarEntry entry) throws IOException {
        begin();
        tar.put(entry);
        added();
    }

    /**
     * Adds an entry.
     *
     * @param content read for exactly {@code entry.size()} bytes; not closed
     * @throws IOException if the content is shorter or can't be read, or the store can't be written
     */
    public void add(TarEntry entry, InputStream content) throws IOException {
        begin();
        tar.put(entry, content);
        added();
    }

    /** Adds an entry, opening and closing its content. */
    public void add(LayerEntry entry) throws IOException {
        LayerEntry.Content content = entry.content();
        if (content == null) {
            add(entry.header());
            return;
        }
        begin();
        try (InputStream in = content.open()) {
            tar.put(entry.header(), in);
        }
        added();
    }

    private void begin() {
        if (!open) {
            throw new IllegalStateException("this layer is finished, or adding to it has failed");
        }
        open = false;
    }

    private void added() {
        entries++;
        open = true;
    }

    /** How many entries were added. */
    public long entries() {
        return entries;
    }

    /** How many bytes of tar were written so far. */
    public long uncompressedSize() {
        return tarDigest.size() + batching.pending();
    }

    /**
     * Ends the tar and puts the layer into the store.
     *
     * @throws IllegalStateException if an entry could not be added, so that a caller that has missed it does not commit
     *     half a layer
     */
    public Layer finish() throws IOException {
        begin();
        tar.finish();
        batching.flush();
        compressor.finish();
        Digest diffId = tarDigest.digest();
        Layer layer = new Layer(diffId, blob.commit(mediaType));
        store.noteDiffId(layer.descriptor().digest(), diffId);
        return layer;
    }

    /** Gives back threads and memory, and discards the layer unless it is finished. Idempotent. */
    @Override
    public void close() throws IOException {
        try (blob;
                compressor;
                tarDigest) {
            // Closed in reverse order, all of them whatever the others do.
        }
    }
}
