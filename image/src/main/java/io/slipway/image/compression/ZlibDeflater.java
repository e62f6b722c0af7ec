package io.slipway.image.compression;

import java.util.zip.Deflater;

/** The JDK's zlib: everywhere, and slower than {@link IsalDeflater} by a factor of about ten. */
final class ZlibDeflater implements BlockDeflater {
    /** Where zlib's ratio is close to its best and its speed not yet down. */
    static final int DEFAULT_LEVEL = 4;

    private final int level;

    ZlibDeflater(int level) {
        this.level = level;
    }

    @Override
    public int deflate(byte[] block, int length, byte[] output) {
        try (Deflater deflater = new Deflater(level, true)) {
            deflater.setInput(block, 0, length);
            int size = deflater.deflate(output, 0, output.length, Deflater.FULL_FLUSH);
            // A full flush is complete when it leaves room in the output.
            return size < output.length && deflater.needsInput() ? size : TOO_LARGE;
        }
    }

    @Override
    public String name() {
        return "zlib-" + level;
    }
}
