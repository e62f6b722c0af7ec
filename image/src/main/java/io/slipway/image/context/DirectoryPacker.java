package io.slipway.image.context;

import io.slipway.image.tar.TarEntry;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Goes through a local directory in the order in which it is packed. Used once. */
final class DirectoryPacker {
    private final Path directory;
    private final Predicate<String> leaveOut;
    private final Predicate<String> mayContain;
    private final ContextArchive.EntrySink sink;
    /** The first name of every file that has several, by device and inode. */
    private final Map<FileKey, String> firstNames = new HashMap<>();
    /** The directories that were left out and are looked into, outermost first: kept when something in them is. */
    private final Deque<TarEntry> pending = new ArrayDeque<>();

    private record FileKey(long device, long inode) {}

    /** What lstat(2) says. */
    private record Attributes(int fileType, int mode, FileStamp stamp, long links, Instant mtime) {
        private static final int TYPE_BITS = 0170000;
        static final int DIRECTORY = 0040000;
        static final int FILE = 0100000;
        static final int SYMLINK = 0120000;
        static final int SOCKET = 0140000;
        static final int FIFO = 0010000;

        static Attributes of(Path path) throws IOException {
            Map<String, Object> unix = Files.readAttributes(
                    path, "unix:mode,ino,dev,nlink,size,ctime,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            int mode = (int) number(unix, "mode");
            FileTime mtime = (FileTime) value(unix, "lastModifiedTime");
            return new Attributes(
                    mode & TYPE_BITS,
                    mode & 07777,
                    new FileStamp(
                            number(unix, "dev"),
                            number(unix, "ino"),
                            number(unix, "size"),
                            mtime.to(TimeUnit.NANOSECONDS),
                            ((FileTime) value(unix, "ctime")).to(TimeUnit.NANOSECONDS)),
                    number(unix, "nlink"),
                    mtime.toInstant()
                            // Fractions would cost an extended header, a kilobyte per file, and a tar that arrives
                            // over HTTP has none either.
                            .truncatedTo(ChronoUnit.SECONDS));
        }

        private static long number(Map<String, Object> attributes, String name) {
            return ((Number) value(attributes, name)).longValue();
        }

        private static Object value(Map<String, Object> attributes, String name) {
            return Objects.requireNonNull(attributes.get(name), name);
        }

        TarEntry entry(String name, TarEntry.Type type, long entrySize, String linkName) {
            return new TarEntry(
                    name, type, mode, 0, 0, mtime, entrySize, linkName, 0, 0, Collections.emptySortedMap(), null);
        }
    }

    DirectoryPacker(
            Path directory, Predicate<String> leaveOut, Predicate<String> mayContain, ContextArchive.EntrySink sink) {
        this.directory = directory;
        this.leaveOut = leaveOut;
        this.mayContain = mayContain;
        this.sink = sink;
    }

    void walk() throws IOException {
        // The directory itself may be named through a symbolic link; nothing in it is followed.
        Path root = directory.toRealPath();
        sink.put(Attributes.of(root).entry(".", TarEntry.Type.DIRECTORY, 0, ""));
        walkChildren(root, "");
    }

    private void walkChildren(Path parent, String prefix) throws IOException {
        for (NamedPath child : children(parent, prefix)) {
            String path = prefix + child.name;
            boolean leftOut = leaveOut.test(path);
            if (leftOut && !mayContain.test(path)) {
                continue;
            }
            Attributes attributes;
            try {
                attributes = Attributes.of(child.path);
            } catch (AccessDeniedException e) {
                throw unreadable(path, e);
            }
            boolean isDirectory = attributes.fileType == Attributes.DIRECTORY;
            if (leftOut && !isDirectory) {
                continue;
            }
            if (isDirectory) {
                pending.addLast(attributes.entry(path, TarEntry.Type.DIRECTORY, 0, ""));
                if (!leftOut) {
                    putPending();
                }
                int before = pending.size();
                walkChildren(child.path, path + "/");
                if (pending.size() == before && before > 0) {
                    pending.removeLast();
                }
            } else {
                putPending();
                put(path, child.path, attributes);
            }
        }
    }

    private void putPending() throws IOException {
        for (TarEntry entry = pending.pollFirst(); entry != null; entry = pending.pollFirst()) {
            sink.put(entry);
        }
    }

    private void put(String path, Path file, Attributes attributes) throws IOException {
        switch (attributes.fileType) {
            case Attributes.FILE -> putFile(path, file, attributes);
            case Attributes.SYMLINK ->
                sink.put(attributes.entry(path, TarEntry.Type.SYMLINK, 0, LocalName.of(Files.readSymbolicLink(file))));
            case Attributes.SOCKET -> throw special(path, "a socket");
            case Attributes.FIFO -> throw special(path, "a fifo");
            default -> throw special(path, "a device");
        }
    }

    private void putFile(String path, Path file, Attributes attributes) throws IOException {
        if (attributes.links > 1) {
            FileStamp stamp = attributes.stamp;
            String first = firstNames.putIfAbsent(new FileKey(stamp.device(), stamp.inode()), path);
            if (first != null) {
                sink.put(attributes.entry(path, TarEntry.Type.HARD_LINK, 0, first));
                return;
            }
        }
        try {
            sink.put(attributes.entry(path, TarEntry.Type.FILE, attributes.stamp.size(), ""), file, attributes.stamp);
        } catch (AccessDeniedException e) {
            throw unreadable(path, e);
        }
    }

    private static ContextException unreadable(String path, AccessDeniedException e) {
        String what = path.isEmpty() ? "The context" : "The entry " + ContextPath.quoted(path) + " of the context";
        return ContextException.invalid(what + " can't be read: permission denied.", e);
    }

    private static ContextException special(String path, String kind) {
        return ContextException.invalid("The entry " + ContextPath.quoted(path) + " is " + kind
                + "; a context has files, directories and links only. An ignore file can leave it out.");
    }

    private record NamedPath(String name, Path path) {}

    private static List<NamedPath> children(Path parent, String prefix) throws IOException {
        List<NamedPath> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(parent)) {
            for (Path path : stream) {
                children.add(new NamedPath(LocalName.of(path.getFileName()), path));
            }
        } catch (AccessDeniedException e) {
            throw unreadable(prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1), e);
        }
        children.sort((a, b) -> ContextPath.compareBytes(a.name, b.name));
        return children;
    }
}
