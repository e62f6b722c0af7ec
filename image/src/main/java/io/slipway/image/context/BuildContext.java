package io.slipway.image.context;

import io.slipway.image.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.AbstractList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stored build context, read in place. Opening it costs the same however large it is; entries are decoded when they are
 * asked for. Thread-safe; a thread that is interrupted while it reads disturbs no other.
 *
 * <p>Symbolic links are data here: no method follows them.
 */
public final class BuildContext implements Closeable {
    private final IndexFile index;
    private final ContentFiles tar;

    private BuildContext(IndexFile index, ContentFiles tar) {
        this.index = index;
        this.tar = tar;
    }

    /**
     * Opens what {@link ContextArchive} or {@link ContextManifest} stored.
     *
     * @param tarFile the tar; its index lies beside it
     * @throws IOException if tar or index are missing, or are not as they were written
     */
    public static BuildContext open(Path tarFile) throws IOException {
        IndexFile index = IndexFile.open(IndexFormat.indexOf(tarFile));
        boolean packs = Files.isDirectory(tarFile);
        ContentFiles tar = packs ? PackFiles.open(tarFile) : SharedFile.open(tarFile);
        try {
            if (!packs && tar.size() != index.tarBytes()) {
                throw new IOException("the build context is not as large as it was when it was stored: " + tarFile);
            }
            return new BuildContext(index, tar);
        } catch (IOException | RuntimeException e) {
            try (tar) {
                throw e;
            }
        }
    }

    /** Whether a context is stored at this path, as far as its index tells. */
    public static boolean isStored(Path tarFile) {
        return Files.isRegularFile(IndexFormat.indexOf(tarFile));
    }

    /** SHA-256 of the uncompressed tar; of the manifest if the context was sent as one. */
    public Digest digest() {
        return index.tarDigest();
    }

    /** Size of the uncompressed tar in bytes; of all files if the context was sent as a manifest. */
    public long bytes() {
        return index.tarBytes();
    }

    /** How many files, directories and links there are, without the root. */
    public int entries() {
        return index.size();
    }

    /** When the newest file was last changed; null if there is none. Decodes all entries. */
    public @Nullable Instant newestFile() {
        Instant newest = null;
        for (int record = IndexFile.ROOT + 1; record <= index.size(); record++) {
            ContextEntry entry = index.entry(record, "");
            if (entry.hasContent() && (newest == null || entry.entry().mtime().isAfter(newest))) {
                newest = entry.entry().mtime();
            }
        }
        return newest;
    }

    /** What is at its top, each with all that lies below, the largest first. */
    public List<ContextShare> shares() {
        return index.shares().stream()
                .sorted(Comparator.comparingLong(ContextShare::bytes).reversed().thenComparing(ContextShare::name))
                .toList();
    }

    /** The root directory. */
    public ContextEntry root() {
        return index.entry(IndexFile.ROOT, "");
    }

    /**
     * The entry at a path, or null if there is none.
     *
     * @param cleanPath without leading or trailing slash, {@code .} or {@code ..}: other paths have no entry; "" is the
     *     root directory
     */
    public @Nullable ContextEntry find(String cleanPath) {
        int record = index.find(cleanPath);
        return record < 0 ? null : index.entry(record, cleanPath);
    }

    /**
     * What a directory has in it, ordered by the bytes of the names; empty for anything but a directory. The list is
     * immutable; its elements are decoded each time they are got.
     */
    public List<ContextEntry> children(ContextEntry directory) {
        int record = index.find(directory.path());
        return record < 0 ? List.of() : new Children(record, directory.path());
    }

    private final class Children extends AbstractList<ContextEntry> {
        private final int first;
        private final int count;
        private final String prefix;

        Children(int directory, String path) {
            this.first = index.firstChild(directory);
            this.count = index.children(directory);
            this.prefix = path.isEmpty() ? "" : path.concat("/");
        }

        @Override
        public ContextEntry get(int position) {
            Objects.checkIndex(position, count);
            int record = first + position;
            return index.entry(record, prefix.concat(index.name(record)));
        }

        @Override
        public int size() {
            return count;
        }
    }

    /**
     * Opens the content of a file or hard link, holes included as zeros.
     *
     * @param file an entry of this context
     * @return ends when {@link #close()} is called; not thread-safe itself
     * @throws IllegalArgumentException if it has no content
     */
    public InputStream open(ContextEntry file) {
        if (!file.hasContent()) {
            throw new IllegalArgumentException("no file: " + ContextPath.quoted(file.path()));
        }
        return new ContentStream(tar, file);
    }

    /**
     * Where a file's content lies on this machine, for copying it without reading it; null for a sparse file, which does
     * not lie in one piece, and for what has no content, or an empty one.
     */
    public @Nullable FileRange range(ContextEntry file) {
        return file.contentSize() > 0 && file.entry().sparse() == null
                ? tar.range(file.dataOffset(), file.contentSize())
                : null;
    }

    /** Closes the files; streams that are still open fail. */
    @Override
    public void close() throws IOException {
        tar.close();
    }
}
