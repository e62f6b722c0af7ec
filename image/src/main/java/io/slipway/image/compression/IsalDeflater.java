package io.slipway.image.compression;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ArrayBlockingQueue;

/** {@link IsalLibrary}'s {@code isal_deflate}, one call for each block. */
final class IsalDeflater implements BlockDeflater {
    /** The fastest that adapts its Huffman codes to the data. */
    static final int DEFAULT_LEVEL = 1;

    static final int MAX_LEVEL = 3;

    // struct isal_zstream of igzip_lib.h 2.x on a 64-bit system
    private static final long STREAM_SIZE = 82384;
    private static final long NEXT_IN = 0;
    private static final long AVAIL_IN = 8;
    private static final long NEXT_OUT = 16;
    private static final long AVAIL_OUT = 24;
    private static final long LEVEL = 40;
    private static final long LEVEL_BUF_SIZE = 44;
    private static final long LEVEL_BUF = 48;
    private static final long END_OF_STREAM = 56;
    private static final long FLUSH = 58;
    private static final long GZIP_FLAG = 60;

    private static final short FULL_FLUSH = 2;
    private static final short RAW_DEFLATE = 0;
    /** At least ISAL_DEF_LVL3_DEFAULT, the largest of the suggested sizes of the three levels. */
    private static final int LEVEL_BUFFER_BYTES = 384 * 1024;
    /** Contexts that wait for the next layer. Each has 1.5 MiB outside the heap. */
    private static final ArrayBlockingQueue<Context> IDLE =
            new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

    private final IsalLibrary library;
    private final int level;

    IsalDeflater(IsalLibrary library, int level) {
        if (level < 1 || level > MAX_LEVEL) {
            throw new IllegalArgumentException("ISA-L has no level " + level);
        }
        this.library = library;
        this.level = level;
    }

    @Override
    public int deflate(byte[] block, int length, byte[] output) {
        Context idle = IDLE.poll();
        Context context = idle == null ? new Context() : idle;
        int size = context.deflate(library, level, block, length, output);
        if (!IDLE.offer(context)) {
            context.free();
        }
        return size;
    }

    @Override
    public String name() {
        return "isa-l-" + level;
    }

    /** The native memory of one call. */
    private static final class Context {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment stream = arena.allocate(STREAM_SIZE, 64);
        private final MemorySegment levelBuffer = arena.allocate(LEVEL_BUFFER_BYTES, 64);
        private final MemorySegment in = arena.allocate(GzipCompressor.BLOCK_BYTES, 64);
        private final MemorySegment out = arena.allocate(GzipCompressor.BLOCK_BYTES, 64);

        int deflate(IsalLibrary library, int level, byte[] block, int length, byte[] output) {
            MemorySegment.copy(block, 0, in, ValueLayout.JAVA_BYTE, 0, length);
            int capacity = Math.min(output.length, GzipCompressor.BLOCK_BYTES);
            library.deflateInit(stream);
            stream.set(ValueLayout.ADDRESS, NEXT_IN, in);
            stream.set(ValueLayout.JAVA_INT, AVAIL_IN, length);
            stream.set(ValueLayout.ADDRESS, NEXT_OUT, out);
            stream.set(ValueLayout.JAVA_INT, AVAIL_OUT, capacity);
            stream.set(ValueLayout.JAVA_INT, LEVEL, level);
            stream.set(ValueLayout.JAVA_INT, LEVEL_BUF_SIZE, LEVEL_BUFFER_BYTES);
            stream.set(ValueLayout.ADDRESS, LEVEL_BUF, levelBuffer);
            stream.set(ValueLayout.JAVA_SHORT, END_OF_STREAM, (short) 0);
            stream.set(ValueLayout.JAVA_SHORT, FLUSH, FULL_FLUSH);
            stream.set(ValueLayout.JAVA_SHORT, GZIP_FLAG, RAW_DEFLATE);
            int error = library.deflate(stream);
            if (error != 0) {
                throw new IllegalStateException("isal_deflate: error " + error);
            }
            int unused = stream.get(ValueLayout.JAVA_INT, AVAIL_OUT);
            // The flush is complete when all input is taken and there is room left in the output.
            if (stream.get(ValueLayout.JAVA_INT, AVAIL_IN) != 0 || unused == 0) {
                return TOO_LARGE;
            }
            int size = capacity - unused;
            MemorySegment.copy(out, ValueLayout.JAVA_BYTE, 0, output, 0, size);
            return size;
        }

        void free() {
            arena.close();
        }
    }
}
