package io.slipway.worker.mount;

import io.slipway.image.Digest;
import io.slipway.protocol.CacheScope;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.snapshot.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The directories behind {@code RUN --mount=type=cache}, kept from build to build, for all workers of the machine. A directory is
 * {@code store/mounts/KEY/N}: {@code data} is what is mounted (a file, if its seed is one), {@code lock} is locked (flock(2)) by whoever has it mounted, so that a
 * lock ends with its worker; its time is that of the last use. {@code about} says what it is ({@link About}). Whoever removes a directory locks it
 * first, and gives it another name. Thread-safe.
 */
public final class CacheDirectories {
    /** The file that is locked. */
    public static final String LOCK = "lock";

    /** The file that says what a directory is, an {@link About} in JSON. */
    public static final String ABOUT = "about";

    private static final JsonMapper MAPPER = new JsonMapper();
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

    /**
     * What a directory is.
     *
     * @param project whose builds have it
     * @param scope which of them; null for those that name no scope
     * @param id as the Dockerfile has it
     * @param created when it was made, RFC 3339
     */
    public record About(String project, @Nullable String scope, String id, String created) {
        /** A directory that is made now. */
        public static About now(CacheScope scope, String id) {
            return new About(
                    scope.project(),
                    scope.name(),
                    id,
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        }

        /** Reads what a directory is; null if nothing, or nothing that can be read, says so. */
        public static @Nullable About read(Path instance) throws IOException {
            try {
                return MAPPER.readValue(Files.readAllBytes(instance.resolve(ABOUT)), About.class);
            } catch (NoSuchFileException | JacksonException e) {
                return null;
            }
        }
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
     * @param about what it is, if it is new
     * @param seed fills a new one
     * @param waiting is called once if somebody else has to finish first
     */
    public Lease lease(Digest key, About about, Sharing sharing, Seed seed, Runnable waiting)
            throws IOException, InterruptedException {
        Path instances = directory.resolve(key.hex());
        boolean told = false;
        while (true) {
            int most = sharing == Sharing.PRIVATE ? MOST_INSTANCES : 1;
            for (int i = 0; i < most; i++) {
                Lease lease = tryLease(instances.resolve(Integer.toString(i)), about, sharing != Sharing.SHARED, seed);
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

    /** Whether there is one, or has been a moment ago. */
    public boolean has(Digest key) {
        return Files.exists(directory.resolve(key.hex()).resolve("0").resolve("data"));
    }

    private @Nullable Lease tryLease(Path instance, About about, boolean exclusive, Seed seed) throws IOException {
        Fd lock = openLock(instance);
        boolean taken = false;
        try {
            if (!lock(lock, exclusive) || !isStill(instance, lock)) {
                return null;
            }
            Linux.setTimesToNow(lock);
            Path data = instance.resolve("data");
            if (!Files.exists(data)) {
                make(data, seed);
            }
            if (!Files.exists(instance.resolve(ABOUT))) {
                Path written = Files.write(unfinished.get(), MAPPER.writeValueAsBytes(about));
                Files.move(written, instance.resolve(ABOUT), StandardCopyOption.ATOMIC_MOVE);
            }
            taken = true;
            return new Lease(data, lock);
        } finally {
            if (!taken) {
                lock.close();
            }
        }
    }

    /** A garbage collector that looks whether a directory is in use has it locked for a moment. */
    private static boolean lock(Fd lock, boolean exclusive) throws LinuxException {
        if (Linux.tryLock(lock, exclusive)) {
            return true;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        return Linux.tryLock(lock, exclusive);
    }

    private static Fd openLock(Path instance) throws IOException {
        String file = instance.resolve(LOCK).toString();
        while (true) {
            Files.createDirectories(instance);
            try {
                return Linux.open(Fd.CURRENT_DIRECTORY, file, Linux.O_WRONLY | Linux.O_CREAT, 0600, 0);
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
                // It was removed this moment.
            }
        }
    }

    /** Whether the lock is that of the directory with this name: it may have been removed before it was locked. */
    private static boolean isStill(Path instance, Fd lock) throws IOException {
        try {
            return Linux.stat(Fd.CURRENT_DIRECTORY, instance.resolve(LOCK).toString())
                            .inode()
                    == Linux.stat(lock).inode();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
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
