package io.slipway.worker.collect;

import io.slipway.protocol.CacheScope;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.snapshot.SnapshotStore;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Takes things out of a store that others use. A thing is given a name in the trash first, and then looked at once more: if it was used
 * meanwhile it gets its name back. Whoever used it afterwards did not find it. What is in the trash is deleted in the end, by this process or the next.
 */
final class Trash {
    /** The trash of a store, on its file system. */
    static final String DIRECTORY = "trash";

    private final Path store;
    private final Path directory;
    private final Instant horizon;
    private final Runnable before;
    private final Set<Integer> spared = new HashSet<>();
    private int number;

    /**
     * The trash of a store.
     *
     * @param store absolute
     * @param horizon only what was last used before is taken
     * @param before called before each change of the store, for tests
     */
    Trash(Path store, Instant horizon, Runnable before) throws IOException {
        this.store = store;
        this.directory = Files.createDirectories(store.resolve(DIRECTORY));
        this.horizon = horizon;
        this.before = before;
    }

    /** A path in the trash at which there is nothing. */
    private Path newPath() {
        Path path;
        do {
            path = directory.resolve(Integer.toString(++number));
        } while (Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS));
        return path;
    }

    /** Takes it, unless somebody uses it, or has taken it; the answer is whether it is in the trash now. */
    boolean take(Victim victim) throws IOException {
        if (spared.contains(victim.unit())) {
            return false;
        }
        boolean taken = switch (victim.kind()) {
            case RECORD, BLOB, DOCUMENT, ORIGIN, NOTE, PARTIAL, MARK ->
                takeFile(store.resolve(victim.path()), victim.kind());
            case SNAPSHOT -> takeSnapshot(store.resolve(victim.path()));
            case CACHE_MOUNT -> {
                Path instance = Mounts.find(store, victim.path());
                yield instance != null && takeMount(instance, true);
            }
        };
        if (!taken && victim.unit() >= 0) {
            spared.add(victim.unit());
        }
        return taken;
    }

    private boolean takeFile(Path file, Victim.Kind kind) throws IOException {
        boolean orphan = switch (kind) {
            case MARK -> !Files.isDirectory(store.resolve("snapshots").resolve(file.getFileName()));
            case NOTE ->
                !Files.exists(store.resolve("blobs/sha256")
                        .resolve(Scan.digestOf(file.getFileName().toString())));
            default -> true;
        };
        if (!orphan || !isUnused(file)) {
            return false;
        }
        Path aside = newPath();
        if (!rename(file, aside)) {
            return false;
        }
        if (isUnused(aside)) {
            if (kind == Victim.Kind.RECORD) {
                removeEmptyAbove(file);
            }
            return true;
        }
        before.run();
        try {
            // Not rename(2), which would replace what somebody has put there meanwhile.
            Linux.link(Fd.CURRENT_DIRECTORY, aside.toString(), Fd.CURRENT_DIRECTORY, file.toString());
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST && e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        return false;
    }

    private boolean takeSnapshot(Path snapshot) throws IOException {
        Path mark = store.resolve(SnapshotStore.USED).resolve(snapshot.getFileName());
        // One of an earlier version has none; who uses it makes one.
        if (!isUnused(Files.exists(mark) ? mark : snapshot)) {
            return false;
        }
        Path aside = newPath();
        if (!rename(snapshot, aside)) {
            return false;
        }
        if (!Files.exists(mark) || isUnused(mark)) {
            return true;
        }
        rename(aside, snapshot);
        return false;
    }

    /**
     * Takes the directory of a cache mount, unless somebody has it mounted.
     *
     * @param old whether it must not have been used since the horizon either
     */
    boolean takeMount(Path instance, boolean old) throws IOException {
        try (Fd lock = Mounts.lock(instance)) {
            if (lock == null || (old && !Linux.stat(lock).modified().isBefore(horizon))) {
                return false;
            }
            boolean taken = rename(instance, newPath());
            removeIfEmpty(Objects.requireNonNull(instance.getParent()));
            return taken;
        }
    }

    /**
     * Takes the locks and the notes of failures of scopes that have nothing in the cache any more. A build of such a scope that runs just now, and has
     * kept nothing yet, may then do a step that another one does, too.
     */
    void takeForgottenScopes() throws IOException {
        for (String kind : List.of("running", "failures")) {
            for (Path file : entries(store.resolve(kind))) {
                String tenant = file.getFileName().toString();
                if (CacheScope.ofTenant(tenant).name() != null
                        && !Files.exists(store.resolve("cache").resolve(tenant))
                        && isUnused(file)) {
                    rename(file, newPath());
                }
            }
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            List<Path> all = new ArrayList<>();
            entries.forEach(all::add);
            return all;
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** A snapshot's own time is that of its layer: of a directory counts when it got its name. */
    private boolean isUnused(Path path) throws IOException {
        try {
            var status = Linux.stat(Fd.CURRENT_DIRECTORY, path.toString());
            return (status.isDirectory() ? status.changed() : status.modified()).isBefore(horizon);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** False if there is nothing of the first name, or something of the second. */
    private boolean rename(Path from, Path to) throws IOException {
        before.run();
        try {
            Linux.rename(Fd.CURRENT_DIRECTORY, from.toString(), Fd.CURRENT_DIRECTORY, to.toString());
            return true;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTEMPTY || e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    /** The directories above a record, up to its tenant's, which is gone with its last record. */
    private void removeEmptyAbove(Path record) throws IOException {
        Path empty = record.getParent();
        while (empty != null && empty.getNameCount() > store.getNameCount() + 1 && removeIfEmpty(empty)) {
            empty = empty.getParent();
        }
    }

    /** False if others are in it. */
    private static boolean removeIfEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
            return true;
        } catch (DirectoryNotEmptyException e) {
            return false;
        }
    }

    /** Deletes what is in the trash, whoever has put it there. Trees may be of any depth and have any names, so this is rm(1)'s work. */
    void empty() throws IOException {
        List<String> command = new ArrayList<>(List.of("rm", "-rf", "--one-file-system", "--"));
        int options = command.size();
        for (Path entry : entries(directory)) {
            command.add(entry.toString());
            if (command.size() == 1000) {
                remove(command);
                command.subList(options, command.size()).clear();
            }
        }
        if (command.size() > options) {
            remove(command);
        }
    }

    private void remove(List<String> command) throws IOException {
        before.run();
        Process rm = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            int status = rm.waitFor();
            if (status != 0) {
                throw new IOException("rm could not empty " + directory + " (exit status " + status + ")");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            rm.destroyForcibly();
        }
    }
}
