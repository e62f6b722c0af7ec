package io.slipway.image.compression;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
        PLAIN(""),
        GZIP("\u001f\u008b"),
        ZSTD("(\u00b5/\u00fd"),
        BZIP2("BZh"),
        XZ("\u00fd7zXZ\0");

        /** The first bytes, a char each. */
        private final String magic;

        Format(String magic) {
            this.magic = magic;
        }

        /**
         * The format of a file that begins with these bytes.
         *
         * @param beginning at least the first 6 bytes, or all of a shorter file
         */
        public static Format of(byte[] beginning) {
            String text = new String(beginning, StandardCharsets.ISO_8859_1);
            for (Format format : values()) {
                if (format != PLAIN && text.startsWith(format.magic)) {
                    return format;
                }
            }
            return isSkippableFrame(text) ? ZSTD : PLAIN;
        }

        /** Zstandard data may begin with a frame for other programs (RFC 8878, 3.1.2): what pzstd writes does. */
        private static boolean isSkippableFrame(String text) {
            return text.startsWith("*M\u0018", 1) && text.charAt(0) >= 0x50 && text.charAt(0) <= 0x5f;
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
