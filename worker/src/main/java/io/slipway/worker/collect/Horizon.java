package io.slipway.worker.collect;

import io.slipway.worker.build.WorkDirectory;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Until when something must have been used last so that no running build can rely on it. */
final class Horizon {
    /** Local builds lock a file in their directory for as long as they run; the service removes what its own leave. */
    private static final String LOCAL = "local-";

    private static final String LOCAL_LOCK = "lock";
    private static final String LOCAL_GATE = "local.lock";

    private Horizon() {}

    /**
     * The beginning of the oldest running build, or now if none runs.
     *
     * @param home the directory of all data
     * @param now by the clock that stamps files, before this is called
     * @return {@link Instant#MIN} if a running build began in the future: the clock was set back, and times say nothing
     */
    static Instant of(Path home, Instant now) throws IOException {
        Instant oldest = now;
        try (DirectoryStream<Path> running = Files.newDirectoryStream(home.resolve("work"), Files::isDirectory)) {
            for (Path directory : running) {
                Instant begun = begun(directory);
                // Without the mark it is no build, or one that begins just now and has used nothing yet.
                if (begun == null || isDead(directory)) {
                    continue;
                }
                if (begun.isAfter(now)) {
                    return Instant.MIN;
                }
                oldest = begun.isBefore(oldest) ? begun : oldest;
            }
        } catch (NoSuchFileException e) {
            return now; // Nothing has ever been built here.
        }
        return oldest;
    }

    private static @Nullable Instant begun(Path directory) throws IOException {
        try {
            return modified(directory.resolve(WorkDirectory.BEGUN));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    private static Instant modified(Path file) throws LinuxException {
        return Linux.stat(Fd.CURRENT_DIRECTORY, file.toString()).modified();
    }

    private static boolean isDead(Path directory) throws IOException {
        Path home = directory.getParent();
        if (home == null || !directory.getFileName().toString().startsWith(LOCAL)) {
            return false;
        }
        // Not while one is beginning, which wants the lock itself.
        try (FileChannel gate = FileChannel.open(
                        home.resolve(LOCAL_GATE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock entered = gate.lock();
                FileChannel lock = FileChannel.open(directory.resolve(LOCAL_LOCK), StandardOpenOption.WRITE)) {
            return entered.isValid() && lock.tryLock() != null;
        } catch (NoSuchFileException e) {
            return false; // It has just begun, or is ending.
        }
    }
}
