package io.slipway.worker.cli;

import io.slipway.worker.build.Workspace;
import io.slipway.worker.snapshot.Trees;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * The work directory of a local build, {@code home/work/local-ID}. Its process holds a lock in it, which the kernel releases however the process
 * ends; so the next local build knows what a killed one left, and removes it. Process ids say nothing: every worker has a namespace of them.
 */
final class LocalWork implements AutoCloseable {
    private static final String PREFIX = "local-";
    private static final String LOCK = "lock";

    /** Held for a moment, so that nobody looks at a directory between its making and its locking. */
    private static final String GATE = "local.lock";

    private final String name;
    private final Path directory;
    private final FileChannel lock;

    /** Whose builds are those of the command line. */
    static final String PROJECT = "default";

    private LocalWork(String name, Path directory, FileChannel lock) {
        this.name = name;
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Removes what killed local builds left, and begins a build.
     *
     * @param home the directory of all data
     */
    static LocalWork begin(Workspace workspace, Path home) throws IOException {
        Path work = home.resolve("work");
        try (FileChannel gate = open(work.resolve(GATE));
                FileLock entered = gate.lock()) {
            sweep(work);
            String name = PREFIX + UUID.randomUUID();
            workspace.begin(name, PROJECT);
            Path directory = work.resolve(name);
            FileChannel lock = open(directory.resolve(LOCK));
            if (!entered.isValid() || lock.tryLock() == null) {
                throw new IOException("can't lock " + directory);
            }
            return new LocalWork(name, directory, lock);
        }
    }

    /** The name of the directory, which is the build's. */
    String name() {
        return name;
    }

    Path directory() {
        return directory;
    }

    /** Removes the directories of local builds that run no longer; the caller holds the gate. */
    static void sweep(Path work) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(work, PREFIX + "*")) {
            for (Path directory : found) {
                if (!runs(directory)) {
                    Trees.delete(directory);
                }
            }
        }
    }

    private static boolean runs(Path directory) throws IOException {
        try (FileChannel lock = open(directory.resolve(LOCK))) {
            return lock.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            return true; // by this very process
        } catch (NoSuchFileException e) {
            return true; // It is ending: the directory goes without the gate.
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Releases the lock; the directory itself is the workspace's to remove. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
