package io.slipway.image.compression;

/**
 * Compresses blocks to raw DEFLATE (RFC 1951), each independent of the others: the output begins and ends at a byte, its
 * last DEFLATE block is not marked final, and nothing in it refers to data before it. So the outputs of consecutive blocks
 * are one DEFLATE stream when written one behind the other. Thread-safe.
 */
interface BlockDeflater {
    /** More does not fit: the block is better stored. */
    int TOO_LARGE = -1;

    /**
     * Compresses one block.
     *
     * @param block the input, its first {@code length} bytes; at most {@link GzipCompressor#BLOCK_BYTES}
     * @param output where the output goes, from its beginning; at least as long as the input
     * @return the output's length, or {@link #TOO_LARGE} if {@code output} is too short for it
     */
    int deflate(byte[] block, int length, byte[] output);

    /** Library and level, for {@link Compression#fingerprint()}. */
    String name();

    /**
     * The deflater for a gzip level of 0 to 9 or {@link Compression#DEFAULT_LEVEL}. ISA-L where it is installed, for the
     * levels up to 3, which are its own; zlib otherwise.
     */
    static BlockDeflater forLevel(int level) {
        if (level == 0) {
            return new StoringDeflater();
        }
        int isalLevel = level == Compression.DEFAULT_LEVEL ? IsalDeflater.DEFAULT_LEVEL : level;
        IsalLibrary library = IsalLibrary.find();
        if (library != null && isalLevel <= IsalDeflater.MAX_LEVEL) {
            return new IsalDeflater(library, isalLevel);
        }
        return new ZlibDeflater(level == Compression.DEFAULT_LEVEL ? ZlibDeflater.DEFAULT_LEVEL : level);
    }

    /** Compresses nothing: every block is stored. */
    final class StoringDeflater implements BlockDeflater {
        @Override
        public int deflate(byte[] block, int length, byte[] output) {
            return TOO_LARGE;
        }

        @Override
        public String name() {
            return "stored";
        }
    }
}
