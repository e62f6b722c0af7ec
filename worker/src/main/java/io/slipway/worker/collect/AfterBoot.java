package io.slipway.worker.collect;

import io.slipway.image.Digest;
import io.slipway.image.store.ContentStore;
import io.slipway.image.store.DigestMismatchException;
import io.slipway.worker.snapshot.Trees;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Removes from a store what a power cut may have damaged, before anybody uses it. Nothing in the store is forced to the disk: names may outlive contents then,
 * of what was written shortly before. So the first who opens the store after a boot of the machine looks at what was last written in it: blobs are
 * compared with their digests; snapshots, which nothing tells, and records go, and are made again (docs/decisions/0013-garbage-collection.md).
 */
public final class AfterBoot {
    /** Several times as long as a kernel leaves what was written in memory only (proc(5), vm.dirty_expire_centisecs: 30 s), for disks that lag behind. */
    static final Duration DOUBTFUL = Duration.ofMinutes(10);

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final List<String> RECORDS = List.of("cache", "downloads", "history");
    private static final Object WITHIN_PROCESS = new Object();

    private final Path store;
    private final Changes changes;

    /** When a file or directory was changed last, its place in a directory included. */
    @FunctionalInterface
    interface Changes {
        Instant of(Path path) throws IOException;
    }

    private AfterBoot(Path store, Changes changes) {
        this.store = store;
        this.changes = changes;
    }

    /** Looks, unless somebody has since the machine was booted; waits for whoever does. Needs to be root in a user namespace like the workers'. */
    public static void check(Path store) throws IOException {
        check(store, Files.readString(BOOT_ID).strip(), AfterBoot::changed);
    }

    /** @param boot names the time since the machine was booted */
    static void check(Path store, String boot, Changes changes) throws IOException {
        Path checked = store.resolve("boot-id");
        if (isIn(checked, boot)) {
            return;
        }
        Files.createDirectories(store);
        synchronized (WITHIN_PROCESS) {
            try (FileChannel file = FileChannel.open(
                            store.resolve("boot.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = file.lock()) {
                if (!isIn(checked, boot)) {
                    new AfterBoot(store, changes).removeDoubtful();
                    Path written = Files.writeString(store.resolve("boot-id.new"), boot);
                    Files.move(written, checked, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
    }

    private static boolean isIn(Path checked, String boot) throws IOException {
        try {
            return Files.readString(checked).equals(boot);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Instant changed(Path path) throws IOException {
        return ((FileTime) Files.getAttribute(path, "unix:ctime", LinkOption.NOFOLLOW_LINKS)).toInstant();
    }

    private void removeDoubtful() throws IOException {
        List<Path> snapshots = children("snapshots");
        List<Path> blobs = children("blobs/sha256");
        List<Path> partial = children(ContentStore.PARTIAL);
        List<Path> records = records();
        Instant newest = Instant.MIN;
        for (List<Path> some : List.of(snapshots, blobs, partial, records)) {
            for (Path path : some) {
                Instant changed = changes.of(path);
                newest = changed.isAfter(newest) ? changed : newest;
            }
        }
        if (newest.equals(Instant.MIN)) {
            return;
        }
        Instant since = newest.minus(DOUBTFUL);
        int removed = 0;
        for (Path snapshot : snapshots) {
            if (isDoubtful(snapshot, since)) {
                Trees.delete(snapshot);
                removed++;
            }
        }
        ContentStore content = ContentStore.at(store);
        for (Path blob : blobs) {
            if (isDoubtful(blob, since) && isDamaged(content, blob)) {
                Files.delete(blob);
                removed++;
            }
        }
        for (List<Path> some : List.of(partial, records)) {
            for (Path file : some) {
                if (isDoubtful(file, since)) {
                    Files.delete(file);
                    removed++;
                }
            }
        }
        if (removed > 0) {
            System.err.println("the machine was booted: of what was written into " + store + " last, " + removed
                    + " entries are made again");
        }
    }

    private boolean isDoubtful(Path path, Instant since) throws IOException {
        return !changes.of(path).isBefore(since);
    }

    private static boolean isDamaged(ContentStore content, Path blob) throws IOException {
        try {
            content.verify(Digest.parse("sha256:" + blob.getFileName()));
            return false;
        } catch (DigestMismatchException | IllegalArgumentException e) {
            return true;
        }
    }

    private List<Path> children(String directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(store.resolve(directory))) {
            found.forEach(children::add);
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return children;
    }

    private List<Path> records() throws IOException {
        List<Path> records = new ArrayList<>();
        for (String directory : RECORDS) {
            if (Files.isDirectory(store.resolve(directory))) {
                try (Stream<Path> files = Files.walk(store.resolve(directory))) {
                    files.filter(Files::isRegularFile).forEach(records::add);
                }
            }
        }
        return records;
    }
}
