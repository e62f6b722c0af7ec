package io.slipway.image.tar;

import io.slipway.image.tar.HeaderBlock.Field;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a tar as a stream: ustar headers, and pax extended headers for what does not fit them (POSIX.1-2024 pax). The
 * same entries are the same bytes. Sparse files are written whole, their holes as zeros, so that anything that reads tar
 * can read it. Not thread-safe.
 *
 * <p>What goes into an extended header: a name over the ustar limits or with other characters than ASCII (the exact
 * bytes, whether UTF-8 or not), a size from 8 GiB, an owner above 2097151, an mtime before 1970 or with a fraction,
 * and the extended attributes.
 */
public final class TarWriter implements Closeable {
    private static final int BLOCK = HeaderBlock.SIZE;
    /** Old readers unpack an extended header as a file of this name. */
    private static final byte[] PAX_NAME = "PaxHeaders.0/pax".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] ZEROS = new byte[2 * BLOCK];
    private static final InputStream NO_CONTENT = new ByteArrayInputStream(new byte[0]);

    private final OutputStream out;
    private final byte[] buffer = new byte[64 * 1024];

    /**
     * A writer of an uncompressed tar.
     *
     * @param out gets few and mostly large writes; closed by {@link #close()}
     */
    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes an entry that has no content: anything but a file, or an empty one. */
    public void put(TarEntry entry) throws IOException {
        put(entry, NO_CONTENT);
    }

    /**
     * Writes an entry and its content.
     *
     * @param content read for exactly {@code entry.size()} bytes; not closed
     * @throws IOException if the content is shorter, or can't be read or written: then the archive is of no use
     * @throws IllegalArgumentException if no tar can say what the entry says, a device number above 2097151 for example
     */
    public void put(TarEntry entry, InputStream content) throws IOException {
        putHeader(entry);
        long remaining = entry.size();
        while (remaining > 0) {
            int count = content.read(buffer, 0, (int) Math.min(buffer.length, remaining));
            if (count < 0) {
                throw new IOException("%s is shorter than the %d bytes it had when it was listed"
                        .formatted(FileName.display(entry.name()), entry.size()));
            }
            out.write(buffer, 0, count);
            remaining -= count;
        }
        pad(entry.size());
    }

    /** Writes the two blocks of zeros that end an archive. Does not close or flush. */
    public void finish() throws IOException {
        out.write(ZEROS);
    }

    /** Closes the stream, whether the archive is finished or not. */
    @Override
    public void close() throws IOException {
        out.close();
    }

    private void putHeader(TarEntry entry) throws IOException {
        byte[] name = FileName.encode(entry.type() == TarEntry.Type.DIRECTORY ? entry.name() + "/" : entry.name());
        byte[] linkName = FileName.encode(entry.linkName());
        SortedMap<String, byte[]> pax = new TreeMap<>();
        HeaderBlock header = new HeaderBlock(new byte[BLOCK], 0);

        putName(header, pax, name);
        if (linkName.length > HeaderBlock.LINK_NAME.length() || !isAscii(linkName)) {
            pax.put(PaxRecords.LINK_PATH, linkName);
        }
        header.putBytes(HeaderBlock.LINK_NAME, truncated(linkName, HeaderBlock.LINK_NAME));
        header.putNumber(HeaderBlock.MODE, entry.mode());
        putNumber(header, pax, HeaderBlock.UID, PaxRecords.UID, entry.uid());
        putNumber(header, pax, HeaderBlock.GID, PaxRecords.GID, entry.gid());
        putNumber(header, pax, HeaderBlock.FILE_SIZE, PaxRecords.SIZE, entry.size());
        putTime(header, pax, entry.mtime());
        if (entry.type() == TarEntry.Type.CHARACTER_DEVICE || entry.type() == TarEntry.Type.BLOCK_DEVICE) {
            putDeviceNumber(header, HeaderBlock.DEVICE_MAJOR, entry.deviceMajor());
            putDeviceNumber(header, HeaderBlock.DEVICE_MINOR, entry.deviceMinor());
        }
        entry.xattrs().forEach((xattr, value) -> pax.put(PaxRecords.xattrKey(xattr), value));

        if (!pax.isEmpty()) {
            putPaxHeader(PaxRecords.format(pax));
        }
        finishHeader(header, typeFlag(entry.type()));
    }

    private void putPaxHeader(byte[] records) throws IOException {
        HeaderBlock header = new HeaderBlock(new byte[BLOCK], 0);
        header.putBytes(HeaderBlock.NAME, PAX_NAME);
        header.putNumber(HeaderBlock.MODE, 0644);
        header.putNumber(HeaderBlock.UID, 0);
        header.putNumber(HeaderBlock.GID, 0);
        header.putNumber(HeaderBlock.FILE_SIZE, records.length);
        header.putNumber(HeaderBlock.MTIME, 0);
        finishHeader(header, 'x');
        out.write(records);
        pad(records.length);
    }

    private void finishHeader(HeaderBlock header, char type) throws IOException {
        header.bytes()[HeaderBlock.TYPE] = (byte) type;
        header.putBytes(HeaderBlock.MAGIC, HeaderBlock.USTAR);
        header.putChecksum();
        out.write(header.bytes());
    }

    private static char typeFlag(TarEntry.Type type) {
        return switch (type) {
            case FILE -> '0';
            case HARD_LINK -> '1';
            case SYMLINK -> '2';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    /** Puts the name into the name field, into prefix and name, or into the extended header. */
    private static void putName(HeaderBlock header, SortedMap<String, byte[]> pax, byte[] name) {
        if (isAscii(name)) {
            if (name.length <= HeaderBlock.NAME.length()) {
                header.putBytes(HeaderBlock.NAME, name);
                return;
            }
            int slash = prefixLength(name);
            if (slash > 0) {
                header.putBytes(HeaderBlock.PREFIX, Arrays.copyOf(name, slash));
                header.putBytes(HeaderBlock.NAME, Arrays.copyOfRange(name, slash + 1, name.length));
                return;
            }
        }
        pax.put(PaxRecords.PATH, name);
        header.putBytes(HeaderBlock.NAME, truncated(name, HeaderBlock.NAME));
    }

    /** Where to cut a name into prefix and name: at the last slash that leaves both short enough, or -1. */
    private static int prefixLength(byte[] name) {
        int last = Math.min(HeaderBlock.PREFIX.length(), name.length - 2);
        for (int i = last; i > 0 && name.length - i - 1 <= HeaderBlock.NAME.length(); i--) {
            if (name[i] == '/') {
                return i;
            }
        }
        return -1;
    }

    private static void putNumber(
            HeaderBlock header, SortedMap<String, byte[]> pax, Field field, String key, long value) {
        boolean fits = HeaderBlock.fits(field, value);
        header.putNumber(field, fits ? value : 0);
        if (!fits) {
            pax.put(key, ascii(Long.toString(value)));
        }
    }

    private static void putTime(HeaderBlock header, SortedMap<String, byte[]> pax, Instant mtime) {
        long seconds = mtime.getEpochSecond();
        int nanos = mtime.getNano();
        boolean fits = HeaderBlock.fits(HeaderBlock.MTIME, seconds);
        header.putNumber(HeaderBlock.MTIME, fits ? seconds : 0);
        if (!fits || nanos != 0) {
            pax.put(PaxRecords.MTIME, ascii(PaxRecords.formatTime(mtime)));
        }
    }

    private static void putDeviceNumber(HeaderBlock header, Field field, int number) {
        if (!HeaderBlock.fits(field, number)) {
            throw new IllegalArgumentException("a tar can't have the device number " + number);
        }
        header.putNumber(field, number);
    }

    private void pad(long size) throws IOException {
        out.write(ZEROS, 0, (int) (-size & (BLOCK - 1)));
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] truncated(byte[] bytes, Field field) {
        return bytes.length <= field.length() ? bytes : Arrays.copyOf(bytes, field.length());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
