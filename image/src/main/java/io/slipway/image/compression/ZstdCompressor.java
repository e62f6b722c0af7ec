package io.slipway.image.compression;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * One Zstandard frame (RFC 8878) with a content checksum. Always the library's multi-threaded mode, even for one thread:
 * its output depends on the size of its jobs, which is fixed here, and not on how many threads work on them.
 */
final class ZstdCompressor extends Compressor {
    private static final int JOB_BYTES = 2 << 20;

    private final ZstdOutputStreamNoFinalizer zstd;

    ZstdCompressor(OutputStream out, int level, CompressionThreads threads) throws IOException {
        this.zstd = new ZstdOutputStreamNoFinalizer(new NotClosed(out), level);
        zstd.setWorkers(threads.count());
        zstd.setJobSize(JOB_BYTES);
        zstd.setChecksum(true);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        zstd.write(bytes, offset, length);
    }

    @Override
    public void finish() throws IOException {
        zstd.close();
    }

    @Override
    public void close() throws IOException {
        // After finish() this does nothing; without it, it frees the native context.
        zstd.close();
    }

    private static final class NotClosed extends FilterOutputStream {
        NotClosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() {}
    }
}
