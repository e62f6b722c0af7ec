package io.slipway.image.compression;

import java.util.zip.Deflater;

/**
 * The JDK's zlib: everywhere, and slower than {@link IsalDeflater} by a factor of about five. On data that does not
 * shrink zlib is at its slowest, so a block is sampled first and given up if its samples do not shrink.
 */
final class ZlibDeflater implements BlockDeflater {
    /** Where zlib's ratio is close to its best and its speed not yet down. */
    static final int DEFAULT_LEVEL = 4;

    private static final int SAMPLES = 4;
    private static final int SAMPLE_BYTES = 8 * 1024;
    /** Shorter blocks cost little whatever they are. */
    private static final int MIN_SAMPLED_BYTES = 4 * SAMPLES * SAMPLE_BYTES;

    private final int level;

    ZlibDeflater(int level) {
        this.level = level;
    }

    @Override
    public int deflate(byte[] block, int length, byte[] output) {
        if (length >= MIN_SAMPLED_BYTES && !samplesShrink(block, length, output)) {
            return TOO_LARGE;
        }
        try (Deflater deflater = new Deflater(level, true)) {
            deflater.setInput(block, 0, length);
            int size = deflater.deflate(output, 0, output.length, Deflater.FULL_FLUSH);
            // A full flush is complete when it leaves room in the output.
            return size < output.length && deflater.needsInput() ? size : TOO_LARGE;
        }
    }

    /** Whether parts from all over the block shrink by a 64th: what {@link GzipCompressor} asks of a whole block. */
    private static boolean samplesShrink(byte[] block, int length, byte[] scratch) {
        int size = 0;
        try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
            for (int i = 0; i < SAMPLES; i++) {
                int at = (int) ((long) i * (length - SAMPLE_BYTES) / (SAMPLES - 1));
                deflater.setInput(block, at, SAMPLE_BYTES);
                size += deflater.deflate(scratch, 0, scratch.length, Deflater.FULL_FLUSH);
            }
        }
        return size <= SAMPLES * (SAMPLE_BYTES - SAMPLE_BYTES / 64);
    }

    @Override
    public String name() {
        return "zlib-" + level;
    }
}
