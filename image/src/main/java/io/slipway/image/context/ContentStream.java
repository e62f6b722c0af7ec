package io.slipway.image.context;

import io.slipway.image.tar.SparseSegment;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The content of one file, read from the tar at its own positions. Holes cost no reading. */
final class ContentStream extends InputStream {
    private final ContentFiles tar;
    private final long size;
    /** The parts that have data; the whole file if it is not sparse. */
    private final List<SparseSegment> segments;

    private int segment;
    /** Where the data of {@link #segment} begins in the tar. */
    private long segmentData;
    /** Position in the content. */
    private long position;

    ContentStream(ContentFiles tar, ContextEntry file) {
        this.tar = tar;
        this.size = file.contentSize();
        List<SparseSegment> sparse = file.entry().sparse();
        this.segments = sparse == null ? List.of(new SparseSegment(0, size)) : sparse;
        this.segmentData = file.dataOffset();
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
        skipReadSegments();
        long dataStart =
                segment == segments.size() ? size : segments.get(segment).offset();
        int count;
        if (position < dataStart) {
            count = (int) Math.min(length, dataStart - position);
            Arrays.fill(target, offset, offset + count, (byte) 0);
        } else {
            int most = (int) Math.min(length, segments.get(segment).end() - position);
            count = tar.read(ByteBuffer.wrap(target, offset, most), segmentData + (position - dataStart));
            if (count < 0) {
                throw new EOFException("the build context's tar has become shorter");
            }
        }
        position += count;
        return count;
    }

    private void skipReadSegments() {
        while (segment < segments.size() && segments.get(segment).end() <= position) {
            segmentData += segments.get(segment).length();
            segment++;
        }
    }

    /** Skips without reading. */
    @Override
    public long skip(long count) {
        long skipped = Math.clamp(count, 0, size - position);
        position += skipped;
        return skipped;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, size - position);
    }
}
