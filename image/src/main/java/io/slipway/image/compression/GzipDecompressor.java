package io.slipway.image.compression;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Reads gzip members one behind the other (RFC 1952, 2.2) until the stream ends; each member's CRC-32 and length are
 * checked. {@code java.util.zip.GZIPInputStream} decides by {@code available()} whether another member follows, which on a
 * network stream drops data in silence. Behind the last member only zeros may follow, as gzip itself allows.
 */
final class GzipDecompressor extends InputStream {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int start;
    private int end;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private boolean inMember;
    private boolean ended;

    GzipDecompressor(BufferedInputStream in) throws IOException {
        this.in = in;
        readHeader(nextByte());
        inMember = true;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        try {
            while (!ended) {
                if (!inMember && !beginMember()) {
                    break;
                }
                int count = inflater.inflate(target, offset, length);
                if (count > 0) {
                    crc.update(target, offset, count);
                    return count;
                }
                if (inflater.finished()) {
                    endMember();
                } else if (inflater.needsDictionary()) {
                    throw new ZipException("gzip data that needs a dictionary");
                } else if (inflater.needsInput()) {
                    if (!fill()) {
                        throw endsEarly();
                    }
                    inflater.setInput(buffer, start, end - start);
                    start = end;
                }
            }
        } catch (DataFormatException e) {
            ZipException broken = new ZipException("broken gzip data: " + e.getMessage());
            broken.initCause(e);
            throw broken;
        }
        return -1;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }

    /** Begins another member, or finds that there is none. */
    private boolean beginMember() throws IOException {
        if (!fill()) {
            ended = true;
            return false;
        }
        int first = nextByte();
        if (first == 0) {
            requireZeros();
            ended = true;
            return false;
        }
        readHeader(first);
        inflater.reset();
        crc.reset();
        inMember = true;
        return true;
    }

    private void requireZeros() throws IOException {
        while (fill()) {
            if (nextByte() != 0) {
                throw new ZipException("there is something behind the gzip data");
            }
        }
    }

    private void endMember() throws IOException {
        start = end - inflater.getRemaining();
        long statedCrc = nextInt();
        long statedLength = nextInt();
        if (statedCrc != crc.getValue() || statedLength != (inflater.getBytesWritten() & 0xffffffffL)) {
            throw new ZipException("broken gzip data: the checksum is wrong");
        }
        inMember = false;
    }

    /** Reads a member's header (RFC 1952, 2.3), of which nothing is of use here. */
    private void readHeader(int first) throws IOException {
        if (first != 0x1f || nextByte() != 0x8b) {
            throw new ZipException("there is something behind the gzip data");
        }
        if (nextByte() != 8) {
            throw new ZipException("gzip data of an unknown method");
        }
        int flags = nextByte();
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip(nextByte() | (nextByte() << 8));
        }
        if ((flags & NAME) != 0) {
            skipString();
        }
        if ((flags & COMMENT) != 0) {
            skipString();
        }
        if ((flags & HEADER_CRC) != 0) {
            skip(2);
        }
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            nextByte();
        }
    }

    private void skipString() throws IOException {
        int c = nextByte();
        while (c != 0) {
            c = nextByte();
        }
    }

    private long nextInt() throws IOException {
        return nextByte() | (nextByte() << 8) | (nextByte() << 16) | ((long) nextByte() << 24);
    }

    private int nextByte() throws IOException {
        if (!fill()) {
            throw endsEarly();
        }
        return buffer[start++] & 0xff;
    }

    private boolean fill() throws IOException {
        if (start == end) {
            start = 0;
            end = Math.max(0, in.read(buffer));
        }
        return end > start;
    }

    private static EOFException endsEarly() {
        return new EOFException("the gzip data ends early");
    }
}
