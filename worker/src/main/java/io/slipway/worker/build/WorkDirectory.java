package io.slipway.worker.build;

import io.slipway.worker.snapshot.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The directory on disk of the build that is under way, {@code home/work/NAME}. Whatever is not finished yet lies in it, also what is on
 * its way into one of the stores, so that the stores have only whole things and what a killed worker leaves is found by one name.
 * Thread-safe.
 */
public final class WorkDirectory {
    /** Never changes, so its time is the build's beginning: the garbage collector takes nothing that was used since. */
    public static final String BEGUN = "begun";

    private final Path parent;
    private final AtomicInteger numbers = new AtomicInteger();
    private volatile @Nullable Path directory;

    /** @param parent {@code home/work}, on the file system of the stores */
    WorkDirectory(Path parent) {
        this.parent = parent;
    }

    /** Makes the directory; the name must be free. */
    void begin(String name) throws IOException {
        Path created = Files.createDirectory(parent.resolve(name));
        directory = created;
        Files.createFile(created.resolve(BEGUN));
    }

    /** Where it is; null if no build has begun. */
    @Nullable
    Path directory() {
        return directory;
    }

    /** A new path, at which there is nothing yet. */
    Path newPath() {
        Path current = directory;
        if (current == null) {
            throw new IllegalStateException("no build has begun");
        }
        return current.resolve(Integer.toString(numbers.incrementAndGet()));
    }

    /** Removes the directory with all that is in it, if there is one; another build may begin. */
    void end() throws IOException {
        Path current = directory;
        if (current != null) {
            Trees.delete(current);
            directory = null;
        }
    }
}
