package io.slipway.worker.collect;

import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.mount.CacheDirectories;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The directories of cache mounts, by the names that they have outside. */
final class Mounts {
    private static final int DIGITS = 20;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{" + DIGITS + "}-[0-9]{1,4}");

    private Mounts() {}

    /** The name of {@code mounts/KEY/N}: enough digits of the key that no other has them, and the number. */
    static String id(Path instance) {
        Path key = Objects.requireNonNull(instance.getParent(), "it is in the directory of its key")
                .getFileName();
        return key.toString().substring(0, DIGITS) + "-" + instance.getFileName();
    }

    /** The directory of that name, or null. */
    static @Nullable Path find(Path store, String id) throws IOException {
        if (!ID.matcher(id).matches()) {
            return null;
        }
        try (DirectoryStream<Path> keys =
                Files.newDirectoryStream(store.resolve("mounts"), id.substring(0, DIGITS) + "*")) {
            for (Path key : keys) {
                Path instance = key.resolve(id.substring(DIGITS + 1));
                if (Files.exists(instance.resolve(CacheDirectories.LOCK))) {
                    return instance;
                }
            }
        } catch (NoSuchFileException e) {
            return null;
        }
        return null;
    }

    /** Whether somebody has it mounted. */
    static boolean isInUse(Path instance) throws IOException {
        try (Fd lock = lock(instance)) {
            return lock == null && Files.exists(instance.resolve(CacheDirectories.LOCK));
        }
    }

    /** The directory's lock, held until it is closed; null if somebody has it mounted, or it is gone. */
    static @Nullable Fd lock(Path instance) throws IOException {
        Fd lock;
        try {
            lock = Linux.open(
                    Fd.CURRENT_DIRECTORY,
                    instance.resolve(CacheDirectories.LOCK).toString(),
                    Linux.O_WRONLY,
                    0,
                    0);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
        boolean taken = false;
        try {
            taken = Linux.tryLock(lock, true);
        } finally {
            if (!taken) {
                lock.close();
            }
        }
        return taken ? lock : null;
    }
}
