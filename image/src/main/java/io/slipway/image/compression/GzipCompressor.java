package io.slipway.image.compression;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One gzip member (RFC 1952) whose blocks are compressed side by side. The input is cut every {@link #BLOCK_BYTES}, each
 * block is compressed by itself, and the results are written in order: the same bytes whatever the threads do.
 *
 * <p>Memory: one block for each compressor, and {@code threads + 1} more for all of them together; each block has its input
 * and its output. Without another block, a write waits for the compressor's own oldest. A stream of a single block uses no
 * other thread.
 */
final class GzipCompressor extends Compressor {
    /** Large enough that the window of 32 KiB, which each block begins without, hardly costs ratio. */
    static final int BLOCK_BYTES = 512 * 1024;

    /** No name, no time, "unknown" as operating system: what Go's gzip writes. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    /** A final DEFLATE block without data, in fixed Huffman codes (RFC 1951, 3.2.6). */
    private static final byte[] FINAL_BLOCK = {3, 0};

    private static final int MAX_STORED = 0xffff;

    private final OutputStream out;
    private final BlockDeflater deflater;
    private final CompressionThreads threads;
    /** How many of {@link CompressionThreads#blocks()} are in use here. */
    private int sharedBlocks;

    private final CRC32 crc = new CRC32();
    private final ArrayDeque<Future<Block>> underWay = new ArrayDeque<>();
    private @Nullable Block filling;
    private long length;
    private boolean headerWritten;

    GzipCompressor(OutputStream out, BlockDeflater deflater, CompressionThreads threads) {
        this.out = out;
        this.deflater = deflater;
        this.threads = threads;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        crc.update(bytes, offset, count);
        length += count;
        int at = offset;
        int end = offset + count;
        while (at < end) {
            Block block = filling;
            if (block == null) {
                block = emptyBlock();
                filling = block;
            }
            int step = Math.min(end - at, BLOCK_BYTES - block.size);
            System.arraycopy(bytes, at, block.input, block.size, step);
            block.size += step;
            at += step;
            if (block.size == BLOCK_BYTES) {
                underWay.add(threads.submit(block.compressing(deflater)));
                filling = null;
            }
        }
    }

    @Override
    public void finish() throws IOException {
        writeHeader();
        while (!underWay.isEmpty()) {
            writeOldest();
        }
        Block last = filling;
        filling = null;
        if (last != null) {
            last.compress(deflater);
            last.writeTo(out);
        }
        out.write(FINAL_BLOCK);
        out.write(trailer());
    }

    /** Forgets what is under way; its threads end with their block. */
    @Override
    public void close() {
        underWay.forEach(block -> block.cancel(false));
        underWay.clear();
        filling = null;
        threads.blocks().release(sharedBlocks);
        sharedBlocks = 0;
    }

    private Block emptyBlock() throws IOException {
        Block block;
        if (underWay.isEmpty()) {
            block = new Block();
        } else if (threads.blocks().tryAcquire()) {
            sharedBlocks++;
            block = new Block();
        } else {
            block = writeOldest();
        }
        block.size = 0;
        return block;
    }

    private Block writeOldest() throws IOException {
        writeHeader();
        try {
            Block block = underWay.remove().get();
            block.writeTo(out);
            return block;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while compressing", e);
        } catch (ExecutionException e) {
            throw new IOException("compression failed", e.getCause());
        }
    }

    private void writeHeader() throws IOException {
        if (!headerWritten) {
            out.write(HEADER);
            headerWritten = true;
        }
    }

    /** CRC-32 and the length modulo 2^32, little-endian. */
    private byte[] trailer() {
        byte[] trailer = new byte[8];
        for (int i = 0; i < 4; i++) {
            trailer[i] = (byte) (crc.getValue() >> (8 * i));
            trailer[4 + i] = (byte) (length >> (8 * i));
        }
        return trailer;
    }

    /** A block's memory. One thread has it at a time: whoever fills it, then whoever compresses it, then whoever writes it. */
    private static final class Block {
        private final byte[] input = new byte[BLOCK_BYTES];
        private final byte[] output = new byte[BLOCK_BYTES];
        private int size;
        private int outputSize;

        Callable<Block> compressing(BlockDeflater deflater) {
            return () -> {
                compress(deflater);
                return this;
            };
        }

        void compress(BlockDeflater deflater) {
            outputSize = deflater.deflate(input, size, output);
        }

        void writeTo(OutputStream out) throws IOException {
            // What hardly shrinks is stored: it is then read back at the speed of a copy.
            if (outputSize == BlockDeflater.TOO_LARGE || outputSize > size - size / 64) {
                writeStored(out);
            } else {
                out.write(output, 0, outputSize);
            }
        }

        /** Stored DEFLATE blocks (RFC 1951, 3.2.4): a zero byte, the length, its complement, the data. */
        private void writeStored(OutputStream out) throws IOException {
            for (int at = 0; at < size; at += MAX_STORED) {
                int count = Math.min(MAX_STORED, size - at);
                out.write(new byte[] {0, (byte) count, (byte) (count >> 8), (byte) ~count, (byte) (~count >> 8)});
                out.write(input, at, count);
            }
        }
    }
}
