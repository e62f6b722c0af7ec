package io.slipway.image.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A sparse file's whole content: the packed data with zeros between. */
final class SparseExpander extends InputStream {
    private final InputStream packed;
    private final List<SparseSegment> segments;
    private final long size;
    private int next;
    private long position;

    SparseExpander(InputStream packed, List<SparseSegment> segments, long size) {
        this.packed = packed;
        this.segments = segments;
        this.size = size;
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
        if (position >= size) {
            return -1;
        }
        while (next < segments.size() && segments.get(next).end() <= position) {
            next++;
        }
        boolean inHole =
                next == segments.size() || position < segments.get(next).offset();
        int count;
        if (inHole) {
            long end = next == segments.size() ? size : segments.get(next).offset();
            count = (int) Math.min(length, end - position);
            Arrays.fill(target, offset, offset + count, (byte) 0);
        } else {
            count = packed.read(
                    target, offset, (int) Math.min(length, segments.get(next).end() - position));
            if (count < 0) {
                throw new IOException("the packed data of a sparse file ended early");
            }
        }
        position += count;
        return count;
    }
}
