package io.slipway.worker.snapshot;

import io.slipway.image.Digest;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots by diff ID in one directory of the machine, shared read-only by all builds. A snapshot appears whole, by rename, so
 * any number of workers may use the directory at once. The time of the file of its name in the directory {@code used} beside it is that of its last
 * use, for the garbage collector: times within a snapshot are the layer's. Thread-safe.
 */
public final class SnapshotStore {
    /** The directory of the files that are marked, beside that of the snapshots. */
    public static final String USED = "used";

    private final Path directory;
    private final Path used;
    private final Supplier<Path> unfinished;

    private SnapshotStore(Path directory, Supplier<Path> unfinished) {
        this.directory = directory;
        this.used = directory.resolveSibling(USED);
        this.unfinished = unfinished;
    }

    /**
     * The store in this directory, which is made if it is not there.
     *
     * @param unfinished gives new paths on the same file system, where snapshots lie until they are whole
     */
    public static SnapshotStore at(Path directory, Supplier<Path> unfinished) throws IOException {
        SnapshotStore store = new SnapshotStore(directory, unfinished);
        Files.createDirectories(directory);
        Files.createDirectories(store.used);
        return store;
    }

    /** The snapshot of this layer, or null. The caller closes it. */
    public @Nullable Snapshot find(Digest diffId) throws IOException {
        // In this order: what is here after it was marked, the collector finds marked when it looks once more.
        mark(diffId);
        try {
            return new Snapshot(
                    Linux.openDirectory(directory.resolve(diffId.hex()).toString()));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /** Where entries come from. */
    @FunctionalInterface
    public interface EntrySource {
        /** Gives every entry to the sink. */
        void writeTo(EntrySink sink) throws IOException;
    }

    /**
     * Unpacks a layer. If somebody else was faster, theirs is used.
     *
     * @param diffId the layer's diff ID; {@code entries} must have checked that it is
     */
    public Snapshot unpack(Digest diffId, EntrySource entries) throws IOException {
        Path tree = Files.createDirectory(unfinished.get());
        Fd root = Linux.openDirectory(tree.toString());
        boolean done = false;
        try {
            try (Unpacker unpacker = new Unpacker(root)) {
                entries.writeTo(unpacker);
            }
            publish(tree, diffId);
            done = true;
            return new Snapshot(root);
        } finally {
            if (!done) {
                root.close();
                Trees.delete(tree);
            }
        }
    }

    /** Unpacks entries into a directory that is no snapshot of the store yet: see {@link #adopt}. */
    public static Snapshot unpackInto(Path emptyDirectory, EntrySource entries) throws IOException {
        Fd root = Linux.openDirectory(emptyDirectory.toString());
        boolean done = false;
        try (Unpacker unpacker = new Unpacker(root)) {
            entries.writeTo(unpacker);
            done = true;
        } finally {
            if (!done) {
                root.close();
            }
        }
        return new Snapshot(root);
    }

    /** A snapshot of a directory that stays where it is until {@link #adopt}. */
    public static Snapshot of(Path directory) throws IOException {
        return new Snapshot(Linux.openDirectory(directory.toString()));
    }

    /** Moves a directory that has turned out to be the snapshot of this layer into the store; it is left alone where the store has one. */
    public void adopt(Path tree, Digest diffId) throws IOException {
        publish(tree, diffId);
    }

    private void mark(Digest diffId) throws IOException {
        Path mark = used.resolve(diffId.hex());
        try {
            Files.setLastModifiedTime(mark, FileTime.from(Instant.now()));
        } catch (NoSuchFileException e) {
            Files.write(mark, new byte[0]);
        }
    }

    private void publish(Path tree, Digest diffId) throws IOException {
        mark(diffId);
        try {
            Linux.rename(
                    Fd.CURRENT_DIRECTORY,
                    tree.toString(),
                    Fd.CURRENT_DIRECTORY,
                    directory.resolve(diffId.hex()).toString());
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOTEMPTY && e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }
}
