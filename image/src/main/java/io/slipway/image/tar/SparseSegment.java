package io.slipway.image.tar;

/**
 * A part of a sparse file that has data; everything between segments, and behind the last, is zeros.
 *
 * @param offset where in the file it begins, in bytes
 * @param length its length in bytes, at least 0
 */
public record SparseSegment(long offset, long length) {
    /** Where in the file it ends: the offset of the first byte behind it. */
    public long end() {
        return offset + length;
    }
}
