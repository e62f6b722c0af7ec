package io.slipway.image.compression;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that compress: as many as there are processors, however many layers are being written. They are the
 * operating system's threads and not virtual ones, because a block keeps a processor busy for milliseconds and virtual
 * threads would wait behind it. They end after some idle seconds and never keep the JVM alive.
 */
final class CompressionThreads {
    /** Beyond this, one tar stream can't feed them. */
    private static final int MAX_THREADS = 8;

    private static final CompressionThreads SHARED =
            new CompressionThreads(Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));

    private final int count;
    private final Semaphore blocks;
    private final ThreadPoolExecutor executor;

    CompressionThreads(int count) {
        this.count = count;
        this.blocks = new Semaphore(count + 1);
        this.executor = new ThreadPoolExecutor(
                count,
                count,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("compression-", 0).factory());
        executor.allowCoreThreadTimeOut(true);
    }

    static CompressionThreads shared() {
        return SHARED;
    }

    int count() {
        return count;
    }

    /**
     * What memory all compressors together have beyond a block each: enough for one of them to keep every thread busy
     * while it fills another block. Only to be had without waiting: two that hold
     * some and wait for more would wait for ever.
     */
    Semaphore blocks() {
        return blocks;
    }

    <T> Future<T> submit(Callable<T> task) {
        return executor.submit(task);
    }
}
