package io.slipway.worker.mount;

import io.slipway.image.Digest;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.snapshot.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The directories behind {@code RUN --mount=type=cache}, kept from build to build, for all workers of the machine. A directory is
 * {@code store/mounts/KEY/N}: {@code data} is what is mounted (a file, if its seed is one), {@code lock} is locked (flock(2)) by whoever has it mounted, so that a
 * lock ends with its worker. Thread-safe.
 */
public final class CacheDirectories {
    private static final long LOOK_MILLIS = 20;
    private static final int MOST_INSTANCES = 1000;

    private final Path directory;

    private final Supplier<Path> unfinished;

    private CacheDirectories(Path directory, Supplier<Path> unfinished) {
        this.directory = directory;
        this.unfinished = unfinished;
    }

    /**
     * The directories below this one, which is made when it is needed.
     *
     * @param unfinished gives new paths on the same file system, where new directories lie until they are filled
     */
    public static CacheDirectories at(Path directory, Supplier<Path> unfinished) {
        return new CacheDirectories(directory, unfinished);
    }

    /** How uses at the same time go together (dockerfile.md §5 RUN, {@code sharing}). */
    public enum Sharing {
        /** Everybody has the same directory. */
        SHARED,
        /** Whoever comes second has another one. */
        PRIVATE,
        /** Whoever comes second waits. */
        LOCKED
    }

    /** Makes a new directory. */
    @FunctionalInterface
    public interface Seed {
        /** Makes a directory with its content, owner and mode, or a file, at a path at which nothing is yet. */
        void make(Path path) throws IOException;
    }

    /** A directory, or a file, that is in use until it is closed. */
    public static final class Lease implements AutoCloseable {
        private final Path data;
        private final Fd lock;

        private Lease(Path data, Fd lock) {
            this.data = data;
            this.lock = lock;
        }

        /** What to mount. */
        public Path data() {
            return data;
        }

        @Override
        public void close() {
            lock.close();
        }
    }

    /**
     * Takes a directory, which is made if there is none yet.
     *
     * @param key names it, beyond projects
     * @param seed fills a new one
     * @param waiting is called once if somebody else has to finish first
     */
    public Lease lease(Digest key, Sharing sharing, Seed seed, Runnable waiting)
            throws IOException, InterruptedException {
        Path instances = Files.createDirectories(directory.resolve(key.hex()));
        boolean told = false;
        while (true) {
            int most = sharing == Sharing.PRIVATE ? MOST_INSTANCES : 1;
            for (int i = 0; i < most; i++) {
                Lease lease = tryLease(
                        Files.createDirectories(instances.resolve(Integer.toString(i))),
                        sharing != Sharing.SHARED,
                        seed);
                if (lease != null) {
                    return lease;
                }
            }
            if (!told) {
                waiting.run();
                told = true;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private @Nullable Lease tryLease(Path instance, boolean exclusive, Seed seed) throws IOException {
        Fd lock = Linux.open(
                Fd.CURRENT_DIRECTORY, instance.resolve("lock").toString(), Linux.O_WRONLY | Linux.O_CREAT, 0600, 0);
        boolean taken = false;
        try {
            if (!Linux.tryLock(lock, exclusive)) {
                return null;
            }
            Path data = instance.resolve("data");
            if (!Files.exists(data)) {
                make(data, seed);
            }
            taken = true;
            return new Lease(data, lock);
        } finally {
            if (!taken) {
                lock.close();
            }
        }
    }

    /** Two that share a new directory may both make it; it appears whole, and the first one's stays. */
    private void make(Path data, Seed seed) throws IOException {
        Path made = unfinished.get();
        try {
            seed.make(made);
            if (Files.isDirectory(made)) {
                Linux.rename(Fd.CURRENT_DIRECTORY, made.toString(), Fd.CURRENT_DIRECTORY, data.toString());
            } else {
                Linux.link(Fd.CURRENT_DIRECTORY, made.toString(), Fd.CURRENT_DIRECTORY, data.toString());
            }
        } catch (LinuxException e) {
            if (!Files.exists(data) || (e.errno() != Errno.ENOTEMPTY && e.errno() != Errno.EEXIST)) {
                throw e;
            }
        } finally {
            Trees.delete(made);
        }
    }
}
