package io.slipway.image.compression;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Every format that is read, whether it is written by the product or not. */
public enum TestCompression {
    NONE,
    GZIP,
    ZSTD,
    BZIP2,
    XZ;

    /** These bytes in this format. */
    public byte[] compress(byte[] plain) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        switch (this) {
            case NONE -> compressed.write(plain);
            case GZIP -> write(plain, Compression.gzip(), compressed);
            case ZSTD -> write(plain, Compression.zstd(), compressed);
            case BZIP2 -> {
                try (OutputStream out = new BZip2CompressorOutputStream(compressed, 1)) {
                    out.write(plain);
                }
            }
            case XZ -> {
                try (OutputStream out = new XZOutputStream(compressed, new LZMA2Options(0))) {
                    out.write(plain);
                }
            }
        }
        return compressed.toByteArray();
    }

    static void write(byte[] plain, Compression compression, OutputStream out) throws IOException {
        try (Compressor compressor = compression.compress(out)) {
            compressor.write(plain);
            compressor.finish();
        }
    }

    /** Words of which a level has to work for more. */
    static byte[] text(int size) {
        Random random = new Random(size);
        StringBuilder text = new StringBuilder(size + 20);
        while (text.length() < size) {
            text.append(Integer.toString(random.nextInt(2000), 36)).append(random.nextInt(9) == 0 ? ";\n" : " of ");
        }
        return text.substring(0, size).getBytes(StandardCharsets.US_ASCII);
    }

    /** How many bytes this thread has allocated in its life: what memory tests compare. */
    public static long allocatedByThisThread() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
