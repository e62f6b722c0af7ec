package io.slipway.worker.rootfs;

import io.slipway.image.tar.TarEntry;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FdInputStream;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A root file system that nobody changes: names are looked up in it as a process inside would, and never outside of it. Paths
 * in and out are clean and without a leading slash; the root is the empty string. Thread-safe.
 */
public final class RootTree implements AutoCloseable {
    /** As many as the kernel follows (path_resolution(7)). */
    private static final int MAX_SYMLINKS = 40;

    private final Fd root;
    private final AutoCloseable owner;

    /**
     * A tree.
     *
     * @param root its root directory
     * @param owner what is closed with it
     */
    public RootTree(Fd root, AutoCloseable owner) {
        this.root = root;
        this.owner = owner;
    }

    /** The tree in a directory of the worker's own. */
    public static RootTree of(Path directory) throws IOException {
        return new RootTree(Linux.openDirectory(directory.toString()), () -> {});
    }

    /**
     * Where a path leads when all symlinks are followed, the last one too. What does not exist is taken as it is named.
     *
     * @throws RootException if symlinks lead in a circle
     */
    public String resolve(String path) throws IOException {
        return resolveBelow("", path, _ -> null);
    }

    /**
     * Where a path leads for whoever has a directory of the tree for root, with more entries in it.
     *
     * @param base the directory, resolved
     * @param entries gives the entry that hides the tree's own at a path, or null where none does
     * @return below {@code base}, or that itself
     * @throws RootException as {@link #resolve}
     */
    public String resolveBelow(String base, String path, Function<String, @Nullable TarEntry> entries)
            throws IOException {
        Deque<String> rest = new ArrayDeque<>(parts(path));
        List<String> found = new ArrayList<>(parts(base));
        int top = found.size();
        int symlinks = 0;
        boolean exists = true;
        while (!rest.isEmpty()) {
            String part = rest.pop();
            if (part.equals("..")) {
                if (found.size() > top) {
                    found.removeLast();
                }
                exists = true;
                continue;
            }
            String name = join(found, part);
            TarEntry entry = entries.apply(name);
            FileStatus status = exists ? status(name) : null;
            boolean symlink =
                    entry != null ? entry.type() == TarEntry.Type.SYMLINK : status != null && status.isSymlink();
            if (!symlink) {
                exists = status != null && (entry == null || status.isDirectory());
                found.add(part);
                continue;
            }
            if (++symlinks > MAX_SYMLINKS) {
                throw new RootException("/" + clean(path) + " leads through too many symbolic links");
            }
            String target = entry != null ? entry.linkName() : readLink(name);
            if (target.startsWith("/")) {
                found.subList(top, found.size()).clear();
                exists = true;
            }
            parts(target).reversed().forEach(rest::push);
        }
        return String.join("/", found);
    }

    /** What is at this resolved path, or null; a symlink at its end is not followed. */
    public @Nullable FileStatus status(String path) throws IOException {
        int slash = path.lastIndexOf('/');
        try (Fd parent = directory(slash < 0 ? "" : path.substring(0, slash), Linux.O_PATH)) {
            FileStatus status = path.isEmpty() ? Linux.stat(parent) : Linux.stat(parent, path.substring(slash + 1));
            return status.isWhiteout() ? null : status;
        } catch (LinuxException e) {
            // A resolved path leads through no symlink: where one stands in its way, what it names is not there.
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return null;
            }
            throw e;
        }
    }

    /** A directory, open: at a resolved path. */
    public Fd openDirectory(String path) throws IOException {
        return directory(path, Linux.O_RDONLY);
    }

    private Fd directory(String path, int flags) throws LinuxException {
        return Linux.open(
                root,
                path.isEmpty() ? "." : path,
                flags | Linux.O_DIRECTORY,
                0,
                path.isEmpty() ? 0 : Linux.RESOLVE_BENEATH_NO_SYMLINKS);
    }

    /** Names in the directory at a resolved path, sorted. */
    public List<String> list(String path) throws IOException {
        try (Fd directory = openDirectory(path)) {
            return Linux.list(directory);
        }
    }

    /** Where the symlink at a resolved path points. */
    public String readLink(String path) throws IOException {
        int slash = path.lastIndexOf('/');
        try (Fd parent = directory(slash < 0 ? "" : path.substring(0, slash), Linux.O_PATH)) {
            return Linux.readLink(parent, path.substring(slash + 1));
        }
    }

    /** Opens the regular file at a resolved path. The caller closes it. */
    public InputStream open(String path, long sizeHint) throws IOException {
        Fd file = Linux.open(root, path, Linux.O_RDONLY, 0, Linux.RESOLVE_BENEATH_NO_SYMLINKS);
        return new FdInputStream(file, sizeHint);
    }

    /**
     * The content of a small file, all symlinks followed; empty where there is no regular file.
     *
     * @throws RootException if it is larger than {@code limit} bytes, or symlinks lead in a circle
     */
    public byte[] readSmall(String path, int limit) throws IOException {
        String resolved = resolve(path);
        FileStatus status = status(resolved);
        if (status == null || !status.isFile()) {
            return new byte[0];
        }
        try (InputStream content = open(resolved, status.size())) {
            byte[] bytes = content.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new RootException("the image's /" + path + " is larger than " + limit + " bytes");
            }
            return bytes;
        }
    }

    /** The clean form of a path, symlinks not looked at: without {@code .} and doubled slashes, {@code ..} stopping at the root. */
    public static String clean(String path) {
        List<String> clean = new ArrayList<>();
        for (String part : parts(path)) {
            if (!part.equals("..")) {
                clean.add(part);
            } else if (!clean.isEmpty()) {
                clean.removeLast();
            }
        }
        return String.join("/", clean);
    }

    private static List<String> parts(String path) {
        return Arrays.stream(path.split("/"))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
    }

    private static String join(List<String> parents, String last) {
        return parents.isEmpty() ? last : String.join("/", parents) + "/" + last;
    }

    /** The root directory. */
    public Fd root() {
        return root;
    }

    @Override
    public void close() throws IOException {
        root.close();
        try {
            owner.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
