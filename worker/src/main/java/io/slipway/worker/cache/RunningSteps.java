package io.slipway.worker.cache;

import io.slipway.image.Digest;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * The steps of one tenant (a project, or a scope of it) that are being done right now, by all workers of the machine. A step is a byte of an empty file, locked by
 * whoever does it: nothing is written, and the kernel unlocks it however a worker ends. Thread-safe.
 */
public final class RunningSteps {
    private static final long LOOK_MILLIS = 10;

    /** Steps whose names begin with the same digits share a mark: so there are not more than 4096 of a tenant. */
    private static final int MARK_DIGITS = 3;

    private final Path file;
    private final Path failures;

    private RunningSteps(Path file, Path failures) {
        this.file = file;
        this.failures = failures;
    }

    /**
     * The steps of a tenant.
     *
     * @param directory where the files of all tenants are; is made
     * @param tenant its name, which is a file's name, too
     */
    public static RunningSteps at(Path directory, String tenant) throws IOException {
        return new RunningSteps(
                Files.createDirectories(directory).resolve(tenant),
                directory.resolveSibling("failures").resolve(tenant));
    }

    /** The right to do a step; ends when it is closed. */
    public static final class Claim implements AutoCloseable {
        private final Fd lock;

        private Claim(Fd lock) {
            this.lock = lock;
        }

        @Override
        public void close() {
            lock.close();
        }
    }

    /**
     * Waits until nobody does a step.
     *
     * @param step names it. Two steps whose names begin with the same 62 bits wait for each other in vain, and that is all
     * @param waiting is called once if somebody else has to finish first
     */
    public Claim claim(Digest step, Runnable waiting) throws IOException, InterruptedException {
        long place = ByteBuffer.wrap(HexFormat.of().parseHex(step.hex(), 0, 2 * Long.BYTES))
                        .getLong()
                >>> 2;
        Fd lock = Linux.open(Fd.CURRENT_DIRECTORY, file.toString(), Linux.O_WRONLY | Linux.O_CREAT, 0600, 0);
        boolean taken = false;
        try {
            boolean told = false;
            // A thread that the kernel lets wait would keep the virtual threads of other steps waiting, too.
            while (!Linux.tryLockByte(lock, place)) {
                if (!told) {
                    waiting.run();
                    told = true;
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
            taken = true;
            return new Claim(lock);
        } finally {
            if (!taken) {
                lock.close();
            }
        }
    }

    /** Says that a step was done and failed, to those that wait for it; by whoever has claimed it. */
    public void failed(Digest step) throws IOException {
        Path mark = mark(step);
        try {
            Files.createDirectories(failures);
            if (!Files.exists(mark)) {
                Files.write(mark, new byte[0]);
            }
            Files.setLastModifiedTime(mark, FileTime.from(Instant.now()));
        } catch (NoSuchFileException e) {
            // Collected this moment: whoever waits does the step once more.
        }
    }

    /** Whether a step has failed since then; may be true of one that has not, whose name is similar. */
    public boolean hasFailedSince(Digest step, Instant time) throws IOException {
        try {
            return !Files.getLastModifiedTime(mark(step)).toInstant().isBefore(time);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private Path mark(Digest step) {
        return failures.resolve(step.hex().substring(0, MARK_DIGITS));
    }
}
