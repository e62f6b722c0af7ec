package io.slipway.image.context;

import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/**
 * Stores a context from entries that are made here: the tar and its index. The rules for entries are those of
 * {@link ContextArchive#receive}. Not thread-safe.
 */
public final class ContextWriter implements Closeable {
    private static final int TAR_BLOCK = 512;

    private final ArchiveFile archive;
    private final TarWriter tar;
    private final ContextTree tree;
    private final MessageDigest hash = Digest.sha256();
    /** Whether another call may follow: nothing failed, and the context is not finished. */
    private boolean open = true;

    ContextWriter(ArchiveFile archive, ContextLimits limits) {
        this.archive = archive;
        this.tar = new TarWriter(archive);
        this.tree = new ContextTree(limits);
    }

    /**
     * Adds an entry without content.
     *
     * @throws ContextException if a context must not have it
     */
    public void put(TarEntry entry) throws IOException {
        put(entry, InputStream.nullInputStream());
    }

    /**
     * Adds an entry and its content.
     *
     * @param entry named "." for the root directory; a sparse file is stored whole
     * @param content read for exactly {@code entry.size()} bytes; not closed
     * @throws ContextException if a context must not have it
     * @throws IOException if the content is shorter, or can't be read or written
     */
    public void put(TarEntry entry, InputStream content) throws IOException {
        begin();
        TarEntry whole = whole(entry);
        ContextTree.Inode inode = tree.add(whole);
        DigestInputStream hashed = new DigestInputStream(content, hash);
        tar.put(whole, hashed);
        if (whole.type() == TarEntry.Type.FILE) {
            long padded = (whole.size() + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
            inode.dataOffset = archive.size() - padded;
            inode.sha256 = hash.digest();
        }
        open = true;
    }

    private void begin() {
        if (!open) {
            throw new IllegalStateException("this context is finished, or putting something into it has failed");
        }
        open = false;
    }

    private static TarEntry whole(TarEntry entry) {
        return entry.sparse() == null
                ? entry
                : new TarEntry(
                        entry.name(),
                        entry.type(),
                        entry.mode(),
                        entry.uid(),
                        entry.gid(),
                        entry.mtime(),
                        entry.size(),
                        entry.linkName(),
                        entry.deviceMajor(),
                        entry.deviceMinor(),
                        entry.xattrs(),
                        null);
    }

    /**
     * Ends the archive and writes its index; without this, closing removes everything.
     *
     * @throws IllegalStateException if an entry could not be put
     */
    public ContextSummary finish() throws IOException {
        begin();
        tar.finish();
        return archive.finish(tree, archive.size());
    }

    /** Closes the files, and removes them unless {@link #finish()} has returned. */
    @Override
    public void close() throws IOException {
        tar.close();
    }
}
