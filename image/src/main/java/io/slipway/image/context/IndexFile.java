package io.slipway.image.context;

import io.slipway.image.Digest;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.SparseSegment;
import io.slipway.image.tar.TarEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** An index file in memory; entries are decoded when they are asked for. Immutable, thread-safe. */
final class IndexFile {
    static final int ROOT = 0;

    /** Up to this size an index is read: the first mapping of a file costs a JVM 50 ms, reading as much less than 10. */
    private static final int MOST_HEAP_BYTES = 32 << 20;

    private static final int PIECE_BYTES = 64 * 1024;

    private final ByteBuffer bytes;
    private final int heap;

    private IndexFile(ByteBuffer bytes) {
        this.bytes = bytes;
        this.heap = IndexFormat.HEADER_BYTES + bytes.getInt(IndexFormat.RECORDS) * IndexFormat.RECORD_BYTES;
    }

    /**
     * Opens an index.
     *
     * @throws IOException if it can't be read, is another version's, or not as it was written
     */
    static IndexFile open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw broken(file);
            }
            ByteBuffer bytes = channel.size() <= MOST_HEAP_BYTES
                    ? read(channel, file)
                    : channel.map(MapMode.READ_ONLY, 0, channel.size());
            requireWhole(bytes, file);
            return new IndexFile(bytes);
        }
    }

    private static ByteBuffer read(FileChannel channel, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
        // Piece by piece: a channel reads through a buffer outside the heap that is as large as what it is to fill.
        while (bytes.position() < bytes.capacity()) {
            bytes.limit(Math.min(bytes.capacity(), bytes.position() + PIECE_BYTES));
            if (channel.read(bytes) < 0) {
                throw broken(file);
            }
        }
        return bytes.flip();
    }

    /** With the right checksum everything else is right: nobody but {@link IndexWriter} writes these files. */
    private static void requireWhole(ByteBuffer bytes, Path file) throws IOException {
        int end = bytes.limit() - IndexFormat.CHECKSUM_BYTES;
        if (end < IndexFormat.HEADER_BYTES || bytes.getLong(0) != IndexFormat.MAGIC) {
            throw broken(file);
        }
        long length = IndexFormat.HEADER_BYTES
                + (long) bytes.getInt(IndexFormat.RECORDS) * IndexFormat.RECORD_BYTES
                + bytes.getInt(IndexFormat.HEAP_BYTES);
        CRC32 checksum = new CRC32();
        checksum.update(bytes.slice(0, end));
        if (length != end || checksum.getValue() != bytes.getLong(end)) {
            throw broken(file);
        }
    }

    private static IOException broken(Path file) {
        return new IOException("the index of the build context is broken or of another version: " + file);
    }

    long tarBytes() {
        return bytes.getLong(IndexFormat.TAR_BYTES);
    }

    Digest tarDigest() {
        return digest(IndexFormat.TAR_SHA256);
    }

    /** How many entries there are, without the root. */
    int size() {
        return bytes.getInt(IndexFormat.RECORDS) - 1;
    }

    /** The record of a path, or -1. */
    int find(String path) {
        int record = ROOT;
        int start = 0;
        while (record >= 0 && start < path.length()) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            record = child(record, path.substring(start, end));
            start = end + 1;
        }
        return path.endsWith("/") ? -1 : record;
    }

    private int child(int directory, String name) {
        byte[] wanted;
        try {
            wanted = FileName.encode(name);
        } catch (IllegalArgumentException e) {
            return -1;
        }
        int low = firstChild(directory);
        int high = low + children(directory) - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compareName(middle, wanted);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    private int compareName(int record, byte[] other) {
        int at = heap + getInt(record, IndexFormat.NAME);
        int length = getInt(record, IndexFormat.NAME + 4);
        int common = Math.min(length, other.length);
        for (int i = 0; i < common; i++) {
            int order = Byte.compareUnsigned(bytes.get(at + i), other[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(length, other.length);
    }

    /** The children of the root, in their order, each with what lies below. */
    List<ContextShare> shares() {
        long[] sizes = new long[size() + 1];
        int[] files = new int[size() + 1];
        // A directory's record comes before those of what is in it.
        for (int record = size(); record > ROOT; record--) {
            TarEntry.Type type = IndexFormat.TYPES.get(getInt(record, IndexFormat.TYPE));
            if (type == TarEntry.Type.FILE) {
                sizes[record] += getLong(record, IndexFormat.SIZE);
            }
            if (type == TarEntry.Type.FILE || type == TarEntry.Type.HARD_LINK) {
                files[record]++;
            }
            int parent = getInt(record, IndexFormat.PARENT);
            sizes[parent] += sizes[record];
            files[parent] += files[record];
        }
        List<ContextShare> shares = new ArrayList<>();
        for (int record = firstChild(ROOT); record < firstChild(ROOT) + children(ROOT); record++) {
            shares.add(new ContextShare(name(record), sizes[record], files[record]));
        }
        return shares;
    }

    int firstChild(int record) {
        return getInt(record, IndexFormat.FIRST_CHILD);
    }

    int children(int record) {
        return getInt(record, IndexFormat.CHILDREN);
    }

    String name(int record) {
        return FileName.decode(heapBytes(record, IndexFormat.NAME));
    }

    private String path(int record) {
        StringBuilder path = new StringBuilder(name(record));
        for (int up = getInt(record, IndexFormat.PARENT); up != ROOT; up = getInt(up, IndexFormat.PARENT)) {
            path.insert(0, '/').insert(0, name(up));
        }
        return path.toString();
    }

    /**
     * Decodes a record.
     *
     * @param path the record's path, which the caller knows
     */
    ContextEntry entry(int record, String path) {
        TarEntry.Type type = IndexFormat.TYPES.get(getInt(record, IndexFormat.TYPE));
        int shared = getInt(record, IndexFormat.SHARED);
        boolean content = type == TarEntry.Type.FILE || type == TarEntry.Type.HARD_LINK;
        String linkName = switch (type) {
            case SYMLINK -> FileName.decode(heapBytes(record, IndexFormat.SYMLINK_TARGET));
            case HARD_LINK -> path(shared);
            case FILE, DIRECTORY, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> "";
        };
        long size = getLong(record, IndexFormat.SIZE);
        Extras extras = extras(record);
        TarEntry entry = new TarEntry(
                path,
                type,
                getInt(record, IndexFormat.MODE),
                getLong(record, IndexFormat.UID),
                getLong(record, IndexFormat.GID),
                Instant.ofEpochSecond(
                        getLong(record, IndexFormat.MTIME_SECONDS), getInt(record, IndexFormat.MTIME_NANOS)),
                type == TarEntry.Type.FILE ? size : 0,
                linkName,
                0,
                0,
                extras.xattrs,
                extras.sparse);
        return new ContextEntry(
                path,
                entry,
                content ? digest(at(record, IndexFormat.SHA256)) : null,
                size,
                getLong(record, IndexFormat.DATA_OFFSET));
    }

    /** What few entries have. */
    private record Extras(
            SortedMap<String, byte[]> xattrs, @Nullable List<SparseSegment> sparse) {
        static final Extras NONE = new Extras(Collections.emptySortedMap(), null);
    }

    private Extras extras(int record) {
        if (getInt(record, IndexFormat.XATTRS_AND_SPARSE + 4) == 0) {
            return Extras.NONE;
        }
        ByteBuffer data = ByteBuffer.wrap(heapBytes(record, IndexFormat.XATTRS_AND_SPARSE));
        SortedMap<String, byte[]> xattrs = new TreeMap<>();
        for (int left = data.getInt(); left > 0; left--) {
            xattrs.put(FileName.decode(counted(data)), counted(data));
        }
        int segments = data.getInt();
        if (segments < 0) {
            return new Extras(xattrs, null);
        }
        List<SparseSegment> sparse = new ArrayList<>(segments);
        for (int i = 0; i < segments; i++) {
            sparse.add(new SparseSegment(data.getLong(), data.getLong()));
        }
        return new Extras(xattrs, sparse);
    }

    private static byte[] counted(ByteBuffer data) {
        byte[] value = new byte[data.getInt()];
        data.get(value);
        return value;
    }

    private Digest digest(int at) {
        byte[] sha256 = new byte[IndexFormat.SHA256_BYTES];
        bytes.get(at, sha256);
        return new Digest(HexFormat.of().formatHex(sha256));
    }

    private byte[] heapBytes(int record, int field) {
        byte[] value = new byte[getInt(record, field + 4)];
        bytes.get(heap + getInt(record, field), value);
        return value;
    }

    private int getInt(int record, int field) {
        return bytes.getInt(at(record, field));
    }

    private long getLong(int record, int field) {
        return bytes.getLong(at(record, field));
    }

    private static int at(int record, int field) {
        return IndexFormat.HEADER_BYTES + record * IndexFormat.RECORD_BYTES + field;
    }
}
