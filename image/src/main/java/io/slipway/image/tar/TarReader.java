package io.slipway.image.tar;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar as a stream, in constant memory: v7, ustar, GNU (long names, base-256 numbers, old sparse files) and pax
 * (extended and global headers, xattrs, GNU's sparse formats 0.0, 0.1 and 1.0).
 *
 * <p>What it returns is what the archive says: names may be absolute, have {@code ..}, or be links to anywhere. How many
 * entries and how many bytes are too many is for the caller to decide. An archive may end without its two zero blocks,
 * as GNU tar allows, but only where an entry ends. Not thread-safe.
 *
 * <pre>{@code
 * try (TarReader tar = new TarReader(stream)) {
 *     for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
 *         … tar.content() …
 *     }
 * }
 * }</pre>
 */
public final class TarReader implements Closeable {
    /** The largest extended header or long name, in bytes: what is held in memory of one entry. */
    public static final int MAX_METADATA_BYTES = 1 << 20;

    private static final int BLOCK = HeaderBlock.SIZE;

    private final InputStream in;
    private final byte[] buffer = new byte[64 * BLOCK];
    private int bufferStart;
    private int bufferEnd;
    /** Bytes of the archive that were handed out. */
    private long position;

    private boolean begun;
    private boolean ended;
    private boolean endMarked;
    private PaxRecords global = PaxRecords.none();
    /** The data that may be read now: the current entry's, or an extended header's. */
    private @Nullable PackedContent active;

    private PackedContent packed = new PackedContent(0);
    private InputStream content = packed;

    /**
     * A reader of an uncompressed tar. It buffers, so it reads ahead of what it returns.
     *
     * @param in closed by {@link #close()}
     */
    public TarReader(InputStream in) {
        this.in = in;
    }

    /**
     * Goes to the next entry, skipping what is left of this one's content.
     *
     * @return the entry, or null at the archive's end
     * @throws TarException if the archive is broken, or no tar
     * @throws IOException if the stream can't be read
     */
    public @Nullable TarEntry next() throws IOException {
        if (ended) {
            return null;
        }
        packed.skipToEnd();
        PaxRecords extended = PaxRecords.none();
        String longName = null;
        String longLink = null;
        boolean pending = false;
        while (true) {
            HeaderBlock header = nextHeader(pending);
            if (header == null) {
                ended = true;
                packed = new PackedContent(0);
                content = packed;
                return null;
            }
            switch (header.type()) {
                case 'x', 'X' -> extended = PaxRecords.parse(readMetadata(header), header.position());
                case 'g' -> addGlobal(PaxRecords.parse(readMetadata(header), header.position()));
                case 'L' -> longName = readLongName(header);
                case 'K' -> longLink = readLongName(header);
                case 'V' -> skipData(header);
                default -> {
                    return toEntry(header, extended.over(global), longName, longLink);
                }
            }
            pending = header.type() != 'g' && header.type() != 'V';
        }
    }

    /**
     * The current entry's content, holes included as zeros; empty for anything but files. The stream ends with the entry,
     * needs no closing, and must not be used after {@link #next()}.
     */
    public InputStream content() {
        return content;
    }

    /**
     * The current entry's data as it lies in the archive: for a sparse file its segments one behind the other, for others
     * the same as {@link #content()}. Use one or the other.
     */
    public InputStream packedContent() {
        return packed;
    }

    /** Where in the (uncompressed) archive the current entry's {@link #packedContent()} begins. */
    public long contentOffset() {
        return packed.start;
    }

    /** How many bytes the current entry's {@link #packedContent()} has. */
    public long packedSize() {
        return packed.size;
    }

    /**
     * Whether the archive's end was marked by a block of zeros, after {@link #next()} has returned null. One that ends
     * without may have been cut off between two entries.
     */
    public boolean endMarked() {
        return endMarked;
    }

    /**
     * Reads what is behind the archive's end, after {@link #next()} has returned null.
     *
     * @param limit how many bytes may be there
     * @throws TarException if there is more, or anything but zeros
     */
    public void requireOnlyZerosToEnd(long limit) throws IOException {
        long start = position;
        while (fill()) {
            for (int i = bufferStart; i < bufferEnd; i++) {
                if (buffer[i] != 0) {
                    throw TarException.malformed("There is something behind the archive's end", position);
                }
                position++;
            }
            bufferStart = bufferEnd;
            if (position - start > limit) {
                throw TarException.malformed("There is too much padding behind the archive's end", position);
            }
        }
    }

    /** Closes the stream. */
    @Override
    public void close() throws IOException {
        in.close();
    }

    /**
     * The next header, its checksum verified, or null at the end of the archive.
     *
     * @param pending whether an extended header or a long name is waiting for its entry
     */
    private @Nullable HeaderBlock nextHeader(boolean pending) throws IOException {
        HeaderBlock header = readBlock();
        if (header == null) {
            if (!begun) {
                throw TarException.notATar("This is not a tar: it is empty");
            }
            requireNothingPending(pending);
            return null;
        }
        if (header.isZero()) {
            requireNothingPending(pending);
            HeaderBlock second = readBlock();
            if (second != null && !second.isZero()) {
                throw TarException.malformed("A single block of zeros is followed by something", second.position());
            }
            begun = true;
            endMarked = true;
            return null;
        }
        if (!header.checksumMatches()) {
            throw begun
                    ? TarException.malformed("The checksum of a header is wrong", header.position())
                    : TarException.notATar("This is not a tar: it does not begin with a tar header");
        }
        begun = true;
        return header;
    }

    private void requireNothingPending(boolean pending) throws TarException {
        if (pending) {
            throw TarException.malformed("The archive ends after an extended header", position);
        }
    }

    private @Nullable HeaderBlock readBlock() throws IOException {
        long start = position;
        byte[] block = new byte[BLOCK];
        int count = 0;
        while (count < BLOCK) {
            int more = readSome(block, count, BLOCK - count);
            if (more < 0) {
                if (count == 0) {
                    return null;
                }
                throw begun
                        ? TarException.malformed("The archive ends in the middle of a header", position)
                        : TarException.notATar("This is not a tar: it is shorter than a tar header");
            }
            count += more;
        }
        return new HeaderBlock(block, start);
    }

    private byte[] readMetadata(HeaderBlock header) throws IOException {
        long size = size(header);
        if (size > MAX_METADATA_BYTES) {
            throw TarException.malformed(
                    "An extended header or long name has %d bytes, more than the %d that are allowed"
                            .formatted(size, MAX_METADATA_BYTES),
                    header.position());
        }
        PackedContent data = new PackedContent(size);
        // Grows with what really arrives: a header that lies about its size costs no memory.
        byte[] bytes = data.readAllBytes();
        data.skipToEnd();
        return bytes;
    }

    private String readLongName(HeaderBlock header) throws IOException {
        byte[] bytes = readMetadata(header);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return FileName.decode(bytes, 0, length);
    }

    private void skipData(HeaderBlock header) throws IOException {
        long size = size(header);
        new PackedContent(size).skipToEnd();
    }

    private void addGlobal(PaxRecords records) throws TarException {
        global = records.over(global);
        if (global.weight() > MAX_METADATA_BYTES) {
            throw TarException.malformed("The global extended headers are too large", position);
        }
    }

    private static long size(HeaderBlock header) throws TarException {
        return notNegative(header.number(HeaderBlock.FILE_SIZE, "size"), "size", header);
    }

    private static long notNegative(long value, String what, HeaderBlock header) throws TarException {
        if (value < 0) {
            throw TarException.malformed("The " + what + " is negative", header.position());
        }
        return value;
    }

    private TarEntry toEntry(HeaderBlock header, PaxRecords pax, @Nullable String longName, @Nullable String longLink)
            throws IOException {
        String name = pax.name(PaxRecords.SPARSE_NAME, pax.name(PaxRecords.PATH, header.name()));
        name = longName == null ? name : longName;
        TarEntry.Type type = type(header, name);
        if (type == TarEntry.Type.DIRECTORY) {
            name = withoutTrailingSlashes(name);
        }
        String link = "";
        if (type == TarEntry.Type.SYMLINK || type == TarEntry.Type.HARD_LINK) {
            link = pax.name(PaxRecords.LINK_PATH, header.string(HeaderBlock.LINK_NAME));
            link = longLink == null ? link : longLink;
        }
        boolean device = type == TarEntry.Type.CHARACTER_DEVICE || type == TarEntry.Type.BLOCK_DEVICE;

        long packedSize = pax.has(PaxRecords.SIZE) ? pax.number(PaxRecords.SIZE, 0) : size(header);
        // Links, devices and directories have no data, whatever their size says (POSIX, "typeflag"); a GNU dump
        // directory has its list of names there.
        long dataSize = type == TarEntry.Type.FILE || header.type() == 'D' ? packedSize : 0;
        if (dataSize > Long.MAX_VALUE - BLOCK - position) {
            throw TarException.malformed("The size is out of range", header.position());
        }
        packed = new PackedContent(dataSize);
        content = packed;
        long fileSize = type == TarEntry.Type.FILE ? dataSize : 0;
        List<SparseSegment> sparse = null;
        if (type == TarEntry.Type.FILE) {
            Sparse found = readSparse(header, pax, dataSize);
            if (found != null) {
                fileSize = found.realSize;
                sparse = found.segments;
                content = new SparseExpander(packed, sparse, fileSize);
            }
        }
        return new TarEntry(
                name,
                type,
                (int) (header.number(HeaderBlock.MODE, "mode") & 07777),
                notNegative(pax.number(PaxRecords.UID, header.number(HeaderBlock.UID, "uid")), "uid", header),
                notNegative(pax.number(PaxRecords.GID, header.number(HeaderBlock.GID, "gid")), "gid", header),
                pax.has(PaxRecords.MTIME) ? pax.time(PaxRecords.MTIME, Instant.EPOCH) : mtime(header),
                fileSize,
                link,
                device ? deviceNumber(header, HeaderBlock.DEVICE_MAJOR) : 0,
                device ? deviceNumber(header, HeaderBlock.DEVICE_MINOR) : 0,
                pax.xattrs(),
                sparse);
    }

    private static TarEntry.Type type(HeaderBlock header, String name) throws TarException {
        return switch (header.type()) {
            // v7 has no type for directories: their names end with a slash.
            case '0', 0 -> name.endsWith("/") && size(header) == 0 ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
            case '7', 'S' -> TarEntry.Type.FILE;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMLINK;
            case '3' -> TarEntry.Type.CHARACTER_DEVICE;
            case '4' -> TarEntry.Type.BLOCK_DEVICE;
            case '5', 'D' -> TarEntry.Type.DIRECTORY;
            case '6' -> TarEntry.Type.FIFO;
            default ->
                throw TarException.malformed(
                        "The entry %s has the unknown type '%s'"
                                .formatted(FileName.display(name), FileName.display(Character.toString(header.type()))),
                        header.position());
        };
    }

    private static String withoutTrailingSlashes(String name) {
        int end = name.length();
        while (end > 1 && name.charAt(end - 1) == '/') {
            end--;
        }
        return name.substring(0, end);
    }

    private static Instant mtime(HeaderBlock header) throws TarException {
        try {
            return Instant.ofEpochSecond(header.number(HeaderBlock.MTIME, "mtime"));
        } catch (DateTimeException e) {
            throw TarException.malformed("The mtime is out of range", header.position());
        }
    }

    private static int deviceNumber(HeaderBlock header, HeaderBlock.Field field) throws TarException {
        long number = header.number(field, "device number");
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw TarException.malformed("The device number is out of range", header.position());
        }
        return (int) number;
    }

    private record Sparse(long realSize, List<SparseSegment> segments) {}

    /** Reads a sparse file's map, if it is one, up to the first byte of its data. */
    private @Nullable Sparse readSparse(HeaderBlock header, PaxRecords pax, long dataSize) throws IOException {
        SparseMap map = new SparseMap(header.position());
        long realSize;
        if (header.type() == 'S') {
            realSize = notNegative(header.number(SparseMap.REAL_SIZE, "real size"), "real size", header);
            // Extension blocks stand between header and data and are not part of the size.
            boolean more = map.addOldHeader(header);
            while (more) {
                HeaderBlock extension = readBlock();
                if (extension == null) {
                    throw TarException.malformed("The archive ends in the middle of a sparse map", position);
                }
                more = map.addOldExtension(extension);
            }
            packed = new PackedContent(dataSize);
        } else if (pax.has(PaxRecords.SPARSE_MAJOR)) {
            if (pax.number(PaxRecords.SPARSE_MAJOR, 0) != 1 || pax.number(PaxRecords.SPARSE_MINOR, 0) != 0) {
                throw TarException.malformed("The sparse file's format is unknown", header.position());
            }
            realSize = pax.number(PaxRecords.SPARSE_REAL_SIZE, dataSize);
            map.addLines(new MapLines(header.position()));
            // The map is padded to a block, and its blocks count as data in the header.
            packed.skipBlock();
            packed = new PackedContent(packed.remaining);
        } else if (pax.has(PaxRecords.SPARSE_MAP)) {
            realSize = pax.number(PaxRecords.SPARSE_SIZE, pax.number(PaxRecords.SPARSE_REAL_SIZE, dataSize));
            map.addList(pax.name(PaxRecords.SPARSE_MAP, ""));
        } else {
            return null;
        }
        return new Sparse(realSize, map.toSegments(realSize, packed.size));
    }

    /** The lines of a 1.0 map, read from the beginning of the entry's data. */
    private final class MapLines implements SparseMap.NumberLines {
        private static final int MAX_DIGITS = 20;
        private final long headerPosition;

        MapLines(long headerPosition) {
            this.headerPosition = headerPosition;
        }

        @Override
        public long next() throws IOException {
            StringBuilder digits = new StringBuilder();
            int c = packed.read();
            while (c != '\n') {
                if (c < 0 || digits.length() == MAX_DIGITS) {
                    throw TarException.malformed("The sparse map is not lines of numbers", headerPosition);
                }
                digits.append((char) c);
                c = packed.read();
            }
            return PaxRecords.parseNumber(digits.toString(), "sparse map", headerPosition);
        }
    }

    /** Bytes of the archive, as many as are there: at least one, or -1 at the end. */
    private int readSome(byte[] target, int offset, int length) throws IOException {
        int count;
        if (bufferStart == bufferEnd && length >= buffer.length) {
            // The caller's buffer is as large as ours: no need to copy twice.
            try {
                count = in.read(target, offset, length);
            } catch (EOFException e) {
                throw endsEarly(e);
            }
        } else {
            count = fill() ? Math.min(length, bufferEnd - bufferStart) : -1;
            if (count > 0) {
                System.arraycopy(buffer, bufferStart, target, offset, count);
                bufferStart += count;
            }
        }
        if (count > 0) {
            position += count;
        }
        return count;
    }

    /** Makes sure that the buffer has a byte, or returns false at the end. */
    private boolean fill() throws IOException {
        if (bufferStart == bufferEnd) {
            bufferStart = 0;
            try {
                bufferEnd = Math.max(0, in.read(buffer, 0, buffer.length));
            } catch (EOFException e) {
                bufferEnd = 0;
                throw endsEarly(e);
            }
        }
        return bufferEnd > bufferStart;
    }

    /** A decompressor that runs out of input says so with this exception; it is an archive that ends early. */
    private TarException endsEarly(EOFException cause) {
        TarException malformed = TarException.malformed("The compressed stream ends early", position);
        malformed.initCause(cause);
        return malformed;
    }

    /** An entry's data in the archive. Making one ends the one before. */
    private final class PackedContent extends InputStream {
        private final long start = position;
        private final long size;
        private long remaining;

        PackedContent(long size) {
            this.size = size;
            this.remaining = size;
            active = this;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (active != this) {
                throw new IOException("the archive has moved on to another entry");
            }
            if (length == 0) {
                return 0;
            }
            if (remaining == 0) {
                return -1;
            }
            int count = readSome(target, offset, (int) Math.min(length, remaining));
            if (count < 0) {
                throw endsInEntry();
            }
            remaining -= count;
            return count;
        }

        /** Skips to where the block ends, or to the data's end if that comes first. */
        void skipBlock() throws IOException {
            skipFully(Math.min(remaining, padding()));
        }

        void skipToEnd() throws IOException {
            skipFully(remaining);
            discard(padding());
        }

        private void skipFully(long count) throws IOException {
            discard(count);
            remaining -= count;
        }
    }

    /** How many bytes are missing to the end of the block: headers and data begin at multiples of the block size. */
    private long padding() {
        return -position & (BLOCK - 1);
    }

    private void discard(long count) throws IOException {
        long left = count;
        while (left > 0) {
            if (!fill()) {
                throw endsInEntry();
            }
            int step = (int) Math.min(left, bufferEnd - bufferStart);
            bufferStart += step;
            position += step;
            left -= step;
        }
    }

    private TarException endsInEntry() {
        return TarException.malformed("The archive ends in the middle of an entry", position);
    }
}
