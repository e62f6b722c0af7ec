package io.slipway.worker.build;

import io.slipway.worker.collect.DiskUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Looks from time to time how much a build has on the disk that is not finished yet. It takes a look at every file, so it is seldom done where there are
 * many, and for a moment there can be more.
 */
final class DiskWatch implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** The share of its time in which it looks is one of so many. */
    private static final int SHARE = 20;

    private final Path directory;
    private final long most;
    private final Runnable overrun;
    private final Thread thread;

    /**
     * Begins.
     *
     * @param most bytes
     * @param overrun is run once if there is more
     */
    DiskWatch(Path directory, long most, Runnable overrun) {
        this.directory = directory;
        this.most = most;
        this.overrun = overrun;
        this.thread = Thread.ofVirtual().name("disk-watch").start(this::watch);
    }

    private void watch() {
        Duration pause = PAUSE;
        try {
            while (true) {
                Thread.sleep(pause);
                Instant begun = Instant.now();
                if (DiskUsage.of(List.of(directory)).getOrDefault(directory, 0L) > most) {
                    overrun.run();
                    return;
                }
                Duration wanted = Duration.between(begun, Instant.now()).multipliedBy(SHARE);
                pause = wanted.compareTo(PAUSE) < 0 ? PAUSE : wanted;
            }
        } catch (InterruptedException e) {
            // The build has ended.
        } catch (IOException e) {
            if (!Thread.currentThread().isInterrupted()) {
                System.err.println("the disk that the build takes can't be measured: " + e);
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
