package io.slipway.worker.snapshot;

import io.slipway.image.layer.Whiteout;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FdInputStream;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.linux.Linux;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads an overlay's upper directory as the entries of a layer: only what changed, with whiteouts and opaque directories in the
 * image's form (OCI image specification 1.1, layer.md, "Representing Changes"). Sorted by name, so the same tree gives the
 * same layer. Nothing may write to the directory meanwhile.
 */
public final class UpperDirectory {
    private static final SortedMap<String, byte[]> NO_XATTRS = Collections.emptySortedMap();
    private static final String OPAQUE_XATTR = "user.overlay.opaque";

    /** Deeper trees cannot be named by a path of the length that Linux allows (PATH_MAX), so no tool could unpack them. */
    private static final int MAX_DEPTH = 2048;

    private final EntrySink sink;
    private final UnaryOperator<Instant> times;
    private final Map<Long, String> linked = new HashMap<>();

    private UpperDirectory(EntrySink sink, UnaryOperator<Instant> times) {
        this.sink = sink;
        this.times = times;
    }

    /**
     * Gives every change to {@code sink}.
     *
     * @param times what to make of modification times
     */
    public static void read(Fd directory, UnaryOperator<Instant> times, EntrySink sink) throws IOException {
        try (Fd open = Linux.open(directory, ".", Linux.O_RDONLY | Linux.O_DIRECTORY, 0, 0)) {
            new UpperDirectory(sink, times).walk(open, "", 0);
        }
    }

    private void walk(Fd directory, String prefix, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("directories are nested more than " + MAX_DEPTH + " deep: "
                    + FileName.display(prefix.substring(0, 200)) + "…");
        }
        for (String last : Linux.list(directory)) {
            String name = prefix + last;
            FileStatus status = Linux.stat(directory, last);
            if (status.isWhiteout()) {
                sink.add(Whiteout.removing(name), InputStream.nullInputStream());
            } else if (Whiteout.isWhiteout(name)) {
                throw new ReservedNameException(name);
            } else if (status.isDirectory()) {
                sink.add(entry(directory, last, name, status, TarEntry.Type.DIRECTORY), InputStream.nullInputStream());
                if (Linux.getXattr(directory, last, OPAQUE_XATTR) != null) {
                    sink.add(Whiteout.opaque(name), InputStream.nullInputStream());
                }
                try (Fd below = Linux.open(
                        directory, last, Linux.O_RDONLY | Linux.O_DIRECTORY, 0, Linux.RESOLVE_BENEATH_NO_SYMLINKS)) {
                    walk(below, name + "/", depth + 1);
                }
            } else {
                leaf(directory, last, name, status);
            }
        }
    }

    private void leaf(Fd directory, String last, String name, FileStatus status) throws IOException {
        if (status.links() > 1) {
            String first = linked.putIfAbsent(status.inode(), name);
            if (first != null) {
                sink.add(
                        entry(directory, last, name, status, TarEntry.Type.HARD_LINK)
                                .withLinkName(first)
                                .withXattrs(NO_XATTRS),
                        InputStream.nullInputStream());
                return;
            }
        }
        if (status.isFile()) {
            TarEntry entry = entry(directory, last, name, status, TarEntry.Type.FILE);
            Fd file = Linux.open(directory, last, Linux.O_RDONLY, 0, Linux.RESOLVE_BENEATH_NO_SYMLINKS);
            try (InputStream content = new FdInputStream(file, status.size())) {
                sink.add(entry, content);
            }
        } else if (status.isSymlink()) {
            sink.add(
                    entry(directory, last, name, status, TarEntry.Type.SYMLINK)
                            .withLinkName(Linux.readLink(directory, last)),
                    InputStream.nullInputStream());
        } else if (status.isFifo()) {
            sink.add(entry(directory, last, name, status, TarEntry.Type.FIFO), InputStream.nullInputStream());
        }
        // What is left are sockets, which mean nothing without their process, and no tar can hold them.
    }

    /**
     * What a tar says of a file, symlink, directory or fifo; null for what no tar can hold. A file with several names is
     * described as a file.
     *
     * @param name its name in {@code directory}
     */
    public static @Nullable TarEntry entry(Fd directory, String name, FileStatus status) throws IOException {
        TarEntry.Type type = status.isFile()
                ? TarEntry.Type.FILE
                : status.isDirectory()
                        ? TarEntry.Type.DIRECTORY
                        : status.isSymlink() ? TarEntry.Type.SYMLINK : status.isFifo() ? TarEntry.Type.FIFO : null;
        if (type == null) {
            return null;
        }
        TarEntry entry =
                new UpperDirectory((_, _) -> {}, UnaryOperator.identity()).entry(directory, name, name, status, type);
        return type == TarEntry.Type.SYMLINK ? entry.withLinkName(Linux.readLink(directory, name)) : entry;
    }

    private TarEntry entry(Fd directory, String last, String name, FileStatus status, TarEntry.Type type)
            throws IOException {
        return new TarEntry(
                name,
                type,
                status.permissions(),
                Integer.toUnsignedLong(status.uid()),
                Integer.toUnsignedLong(status.gid()),
                times.apply(Instant.ofEpochSecond(status.mtimeSeconds(), status.mtimeNanos())),
                type == TarEntry.Type.FILE ? status.size() : 0,
                "",
                0,
                0,
                xattrs(directory, last),
                null);
    }

    private static SortedMap<String, byte[]> xattrs(Fd directory, String last) throws IOException {
        SortedMap<String, byte[]> xattrs = NO_XATTRS;
        for (String name : Linux.listXattrs(directory, last)) {
            if (!Xattrs.isPortable(name)) {
                continue;
            }
            byte[] value = Linux.getXattr(directory, last, name);
            if (value != null) {
                if (xattrs.isEmpty()) {
                    xattrs = new TreeMap<>();
                }
                xattrs.put(name, value);
            }
        }
        return xattrs;
    }
}
