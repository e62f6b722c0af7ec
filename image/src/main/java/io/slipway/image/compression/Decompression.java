package io.slipway.image.compression;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** Decompression by what the bytes are, not by what somebody says they are. */
public final class Decompression {
    /** More memory than the xz tool needs at its highest preset (65 MiB), and a limit for what a hostile file asks for. */
    private static final int XZ_MEMORY_KIB = 80 * 1024;

    private static final int BUFFER_BYTES = 128 * 1024;

    private Decompression() {}

    /** What a stream begins like. */
    public enum Format {
        /** Anything that is none of the others. */
        PLAIN(),
        GZIP(0x1f, 0x8b),
        ZSTD(0x28, 0xb5, 0x2f, 0xfd),
        BZIP2('B', 'Z', 'h'),
        XZ(0xfd, '7', 'z', 'X', 'Z', 0);

        private final byte[] magic;

        Format(int... magic) {
            this.magic = new byte[magic.length];
            for (int i = 0; i < magic.length; i++) {
                this.magic[i] = (byte) magic[i];
            }
        }

        /**
         * The format of a file that begins with these bytes.
         *
         * @param beginning at least the first 6 bytes, or all of a shorter file
         */
        public static Format of(byte[] beginning) {
            for (Format format : values()) {
                int length = format.magic.length;
                if (length > 0
                        && beginning.length >= length
                        && Arrays.equals(beginning, 0, length, format.magic, 0, length)) {
                    return format;
                }
            }
            return PLAIN;
        }
    }

    /**
     * Opens what {@code in} holds, decompressed: gzip (any number of members), zstd (any number of frames), bzip2, xz, or
     * anything else as it is. Data that is broken or ends early is an {@link IOException} while reading, a
     * {@link java.io.EOFException} where the library can tell. How much may come out is the reader's to limit.
     *
     * @param in needs no buffer; closed by closing the result, also if this method fails
     */
    public static InputStream open(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER_BYTES);
        try {
            buffered.mark(8);
            byte[] beginning = buffered.readNBytes(6);
            buffered.reset();
            return switch (Format.of(beginning)) {
                case PLAIN -> buffered;
                case GZIP -> new GzipDecompressor(buffered);
                case ZSTD -> new ZstdInputStreamNoFinalizer(buffered);
                case BZIP2 -> new BZip2CompressorInputStream(buffered, true);
                case XZ -> new XZInputStream(buffered, XZ_MEMORY_KIB);
            };
        } catch (IOException | RuntimeException e) {
            try (in) {
                throw e;
            }
        }
    }
}
