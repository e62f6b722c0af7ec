package io.slipway.image.registry;

import java.time.Duration;

/** Does something to a transfer that has made no progress for a while; ends with it. */
final class StallGuard implements AutoCloseable {
    private final Thread watcher;
    private volatile long lastProgressNanos = System.nanoTime();

    StallGuard(Duration limit, Runnable whenStalled) {
        watcher = Thread.ofVirtual().start(() -> watch(limit, whenStalled));
    }

    void progress() {
        lastProgressNanos = System.nanoTime();
    }

    @Override
    public void close() {
        watcher.interrupt();
    }

    private void watch(Duration limit, Runnable whenStalled) {
        try {
            for (long left = limit.toNanos(); left > 0; ) {
                Thread.sleep(Duration.ofNanos(left));
                left = limit.toNanos() - (System.nanoTime() - lastProgressNanos);
            }
            whenStalled.run();
        } catch (InterruptedException e) {
            // The transfer has ended: nothing is left to watch.
        }
    }
}
