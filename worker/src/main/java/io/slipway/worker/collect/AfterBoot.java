package io.slipway.worker.collect;

import io.slipway.image.Digest;
import io.slipway.image.store.ContentStore;
import io.slipway.image.store.DigestMismatchException;
import io.slipway.worker.snapshot.Trees;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Removes from a store what a power cut may have damaged, before anybody uses it. Nothing in the store is forced to the disk: names may outlive contents then,
 * of what was written shortly before. So the first worker that opens the store after a boot of the machine looks at what was last written, or used, before it: blobs are
 * compared with their digests; snapshots, which nothing tells, and records go, and are made again (docs/decisions/0013-garbage-collection.md).
 */
public final class AfterBoot {
    /** Several times as long as a kernel leaves what was written in memory only (proc(5), vm.dirty_expire_centisecs: 30 s), for disks that lag behind. */
    static final Duration DOUBTFUL = Duration.ofMinutes(10);

    private static final String CHECKED = "boot-id";
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final List<String> RECORDS = List.of("cache", "downloads", "history");
    private static final Object WITHIN_PROCESS = new Object();

    private static final Path STAT = Path.of("/proc/stat");
    private static final String BOOT_TIME = "btime ";

    private final Path store;
    private final Instant booted;
    private final Changes changes;

    /** When a file or directory was changed last, its place in a directory included. */
    @FunctionalInterface
    interface Changes {
        Instant of(Path path) throws IOException;
    }

    private AfterBoot(Path store, Instant booted, Changes changes) {
        this.store = store;
        this.booted = booted;
        this.changes = changes;
    }

    /** Looks, unless somebody has since the machine was booted; waits for whoever does. Needs to be root in a user namespace like the workers'. */
    public static void check(Path store) throws IOException {
        String boot = Files.readString(BOOT_ID).strip();
        if (!isIn(store.resolve(CHECKED), boot)) {
            check(store, boot, bootTime(), AfterBoot::changeOf);
        }
    }

    /** proc_stat(5): in seconds. */
    private static Instant bootTime() throws IOException {
        try (Stream<String> lines = Files.lines(STAT)) {
            return lines.filter(line -> line.startsWith(BOOT_TIME))
                    .map(line -> Instant.ofEpochSecond(Long.parseLong(line.substring(BOOT_TIME.length()))))
                    .findFirst()
                    .orElseThrow(() -> new IOException(STAT + " does not say when the machine was booted"));
        }
    }

    /**
     * @param boot names the time since the machine was booted
     * @param booted when that began
     */
    static void check(Path store, String boot, Instant booted, Changes changes) throws IOException {
        Path checked = store.resolve(CHECKED);
        if (isIn(checked, boot)) {
            return;
        }
        Files.createDirectories(store);
        synchronized (WITHIN_PROCESS) {
            try (FileChannel file = FileChannel.open(
                            store.resolve("boot.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = file.lock()) {
                if (!isIn(checked, boot)) {
                    // A store in which nobody has noted that yet is new, or an earlier version's, whose workers may
                    // still be there.
                    if (Files.exists(checked)) {
                        new AfterBoot(store, booted, changes).removeDoubtful();
                    }
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

    private static Instant changeOf(Path path) throws IOException {
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
                Instant changed = changed(path);
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
                Files.deleteIfExists(blob);
                removed++;
            }
        }
        for (List<Path> some : List.of(partial, records)) {
            for (Path file : some) {
                if (isDoubtful(file, since)) {
                    Files.deleteIfExists(file);
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
        Instant changed = changed(path);
        return !changed.equals(Instant.MIN) && !changed.isBefore(since);
    }

    /** When it was changed last, if that was before the machine was booted and it is still there; the beginning of all time otherwise. */
    private Instant changed(Path path) throws IOException {
        try {
            Instant changed = changes.of(path);
            return changed.isBefore(booted) ? changed : Instant.MIN;
        } catch (NoSuchFileException e) {
            return Instant.MIN;
        }
    }

    private static boolean isDamaged(ContentStore content, Path blob) throws IOException {
        try {
            content.verify(Digest.parse("sha256:" + blob.getFileName()));
            return false;
        } catch (DigestMismatchException | IllegalArgumentException e) {
            return true;
        } catch (NoSuchFileException e) {
            return false;
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
                Files.walkFileTree(store.resolve(directory), new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        records.add(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        return FileVisitResult.CONTINUE; // it has gone meanwhile
                    }
                });
            }
        }
        return records;
    }
}
