package io.slipway.image.context;

import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A context whose contents are named but lie elsewhere: an index file (docs/decisions/0006-context-index.md) in which no file has a
 * place yet. Its entries obey the rules of {@link ContextArchive#receive}.
 */
public final class ContextManifest {
    private static final int COPY_BYTES = 64 * 1024;

    private ContextManifest() {}

    /** Collects the entries of a manifest. Not thread-safe. */
    public static final class Writer {
        private final ContextLimits limits;
        private final ContextTree tree;
        private final Map<ContentId, Long> sizes = new HashMap<>();
        private long contentBytes;

        /** Of a manifest with no entry yet. */
        public Writer(ContextLimits limits) {
            this.limits = limits;
            this.tree = new ContextTree(limits);
        }

        /**
         * Adds an entry.
         *
         * @param content what the file has in it; null for all but files
         * @throws ContextException if a context must not have it
         */
        public void put(TarEntry entry, @Nullable ContentId content) throws ContextException {
            ContextTree.Inode inode = tree.add(entry);
            if (entry.type() != TarEntry.Type.FILE) {
                return;
            }
            if (content == null) {
                throw new IllegalArgumentException("a file without content: " + ContextPath.quoted(entry.name()));
            }
            if (entry.size() > limits.bytes() - contentBytes) {
                throw ContextException.tooLarge("The context's files have more than " + limits.bytes() + " bytes.");
            }
            contentBytes += entry.size();
            Long other = sizes.putIfAbsent(content, entry.size());
            boolean empty = content.equals(ContentId.EMPTY);
            if ((other != null && other != entry.size()) || empty != (entry.size() == 0)) {
                throw ContextException.invalid("The entry " + ContextPath.quoted(entry.name()) + " has "
                        + entry.size() + " bytes, which the content " + content + " can't have"
                        + (other == null ? "." : ": an entry before has it with " + other + "."));
            }
            inode.sha256 = content.bytes();
        }

        /** How many entries there are. */
        public int entries() {
            return tree.size();
        }

        /**
         * Writes the manifest.
         *
         * @param file made, must not exist
         * @param digest SHA-256 of the manifest as it came
         */
        public void write(Path file, Digest digest) throws IOException {
            try (FileChannel channel = ArchiveFile.createFile(file);
                    OutputStream out = Channels.newOutputStream(channel)) {
                IndexWriter.write(tree, contentBytes, digest, out);
            }
        }
    }

    /** What a manifest is: the bytes of all its files, how many entries it has, and its SHA-256 as it came. */
    public static ContextSummary summary(Path manifest) throws IOException {
        try (Records records = Records.open(manifest)) {
            ByteBuffer header = ByteBuffer.wrap(records.header);
            long bytes = header.getLong(IndexFormat.TAR_BYTES);
            return new ContextSummary(
                    bytes,
                    bytes,
                    header.getInt(IndexFormat.RECORDS) - 1,
                    new Digest(ContentId.read(header.position(IndexFormat.TAR_SHA256))
                            .toString()));
        }
    }

    /** Is told of contents. */
    @FunctionalInterface
    public interface ContentVisitor {
        /** A content of that many bytes, of a file that has some. */
        void visit(ContentId content, long bytes) throws IOException;
    }

    /** Tells where contents lie. */
    @FunctionalInterface
    public interface ContentPlaces {
        /** Where this content begins in the files behind one another. */
        long offset(ContentId content) throws IOException;
    }

    /**
     * Goes through the contents that a manifest names, empty ones left out. One that several files have comes several times.
     *
     * @throws IOException if it is no manifest, or as {@code visitor} says
     */
    public static void contents(Path manifest, ContentVisitor visitor) throws IOException {
        try (Records records = Records.open(manifest)) {
            for (ByteBuffer record = records.next(); record != null; record = records.next()) {
                ContentId content = content(record);
                if (content != null) {
                    visitor.visit(content, record.getLong(IndexFormat.SIZE));
                }
            }
        }
    }

    /**
     * Makes a context, which {@link BuildContext} reads, of a manifest and the files that its contents lie in. The files are linked, not
     * copied, so they may be removed where they were.
     *
     * @param packs the files
     * @param places where each content lies, as if the packs lay one behind the other
     * @param tarFile what takes the place of the context's tar: a directory, made here, must not exist; on any failure neither it nor
     *     its index is left
     */
    public static void place(Path manifest, List<Path> packs, ContentPlaces places, Path tarFile) throws IOException {
        Files.createDirectory(tarFile);
        boolean done = false;
        try {
            long start = 0;
            for (Path pack : packs) {
                long bytes = Files.size(pack);
                Files.createLink(tarFile.resolve(PackFiles.name(start, bytes)), pack);
                start += bytes;
            }
            try (Records records = Records.open(manifest);
                    FileChannel channel = ArchiveFile.createFile(IndexFormat.indexOf(tarFile));
                    OutputStream out = Channels.newOutputStream(channel)) {
                write(records, places, out);
            }
            done = true;
        } finally {
            if (!done) {
                ContextArchive.delete(tarFile);
            }
        }
    }

    private static void write(Records records, ContentPlaces places, OutputStream out) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(new BufferedOutputStream(out, COPY_BYTES), new CRC32());
        checked.write(records.header);
        for (ByteBuffer record = records.next(); record != null; record = records.next()) {
            ContentId content = content(record);
            if (content != null) {
                record.putLong(IndexFormat.DATA_OFFSET, places.offset(content));
            }
            checked.write(records.bytes);
        }
        records.copyRest(checked);
        DataOutputStream end = new DataOutputStream(checked);
        end.writeLong(checked.getChecksum().getValue());
        end.flush();
    }

    /** The content that a record's file has; null if it is no file, or an empty one. */
    private static @Nullable ContentId content(ByteBuffer record) {
        TarEntry.Type type = IndexFormat.TYPES.get(record.getInt(IndexFormat.TYPE));
        boolean file = type == TarEntry.Type.FILE || type == TarEntry.Type.HARD_LINK;
        return file && record.getLong(IndexFormat.SIZE) > 0
                ? ContentId.read(record.duplicate().position(IndexFormat.SHA256))
                : null;
    }

    /** The records of an index file, one after the other. */
    private static final class Records implements AutoCloseable {
        final byte[] header;
        private final InputStream in;
        /** Those of the record that {@link #next} returned. */
        final byte[] bytes = new byte[IndexFormat.RECORD_BYTES];

        private final ByteBuffer record = ByteBuffer.wrap(bytes);
        private int left;
        private long rest;

        private Records(InputStream in, byte[] header, long fileBytes) {
            this.in = in;
            this.header = header;
            this.left = ByteBuffer.wrap(header).getInt(IndexFormat.RECORDS);
            this.rest = fileBytes
                    - IndexFormat.HEADER_BYTES
                    - (long) left * IndexFormat.RECORD_BYTES
                    - IndexFormat.CHECKSUM_BYTES;
        }

        static Records open(Path file) throws IOException {
            InputStream in = new BufferedInputStream(Files.newInputStream(file), COPY_BYTES);
            try {
                byte[] header = in.readNBytes(IndexFormat.HEADER_BYTES);
                if (header.length < IndexFormat.HEADER_BYTES
                        || ByteBuffer.wrap(header).getLong() != IndexFormat.MAGIC) {
                    throw new IOException("the manifest of a build context is broken: " + file);
                }
                return new Records(in, header, Files.size(file));
            } catch (IOException | RuntimeException e) {
                try (in) {
                    throw e;
                }
            }
        }

        /** The next record, in the same buffer; null behind the last. */
        @Nullable
        ByteBuffer next() throws IOException {
            if (left == 0) {
                return null;
            }
            left--;
            if (in.readNBytes(bytes, 0, IndexFormat.RECORD_BYTES) < IndexFormat.RECORD_BYTES) {
                throw new EOFException("the manifest of a build context is cut off");
            }
            return record.clear();
        }

        /** Copies what is behind the records, without the checksum. */
        void copyRest(OutputStream out) throws IOException {
            byte[] buffer = new byte[COPY_BYTES];
            while (rest > 0) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, rest));
                if (count < 0) {
                    throw new EOFException("the manifest of a build context is cut off");
                }
                out.write(buffer, 0, count);
                rest -= count;
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
