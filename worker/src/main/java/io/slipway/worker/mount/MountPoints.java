package io.slipway.worker.mount;

import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.rootfs.RootTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The mount points that an image lacks. They are made in a directory below all of its layers, so that the image gets no trace of them.
 * Where a layer hides that directory (it deleted a file of that name once) the OCI runtime makes the mount point among the changes, and
 * it is removed from them afterwards: by descriptor, following no symlink (compare BuildKit's CVE-2024-23652). Immutable.
 */
public final class MountPoints {
    /** None. */
    public static final MountPoints NONE = new MountPoints(List.of());

    private final List<MountPoint> missing;

    private MountPoints(List<MountPoint> missing) {
        this.missing = List.copyOf(missing);
    }

    /**
     * A place to mount at.
     *
     * @param path in the root, as it is written or, once looked up, with its symlinks followed
     * @param directory whether a directory is mounted there, or else a file
     */
    public record MountPoint(String path, boolean directory) {}

    /** Looks up which of these an image lacks. What is mounted inside of another mount is that mount's affair. */
    public static MountPoints of(RootTree image, List<MountPoint> wanted) throws IOException {
        List<MountPoint> missing = new ArrayList<>();
        List<String> mounted = new ArrayList<>();
        for (MountPoint point : wanted) {
            String path = image.resolve(point.path());
            boolean inside = mounted.stream().anyMatch(other -> path.startsWith(other + "/"));
            if (!inside && image.status(path) == null) {
                missing.add(new MountPoint(path, point.directory()));
            }
            mounted.add(path);
        }
        return new MountPoints(missing);
    }

    /** The first of these that cannot be mounted, since a directory only can hide a directory; null if there is none. */
    public static @Nullable MountPoint ofOtherKind(RootTree image, List<MountPoint> wanted) throws IOException {
        List<String> mounted = new ArrayList<>();
        for (MountPoint point : wanted) {
            String path = image.resolve(point.path());
            FileStatus status = image.status(path);
            boolean inside = mounted.stream().anyMatch(other -> path.startsWith(other + "/"));
            if (!inside && status != null && status.isDirectory() != point.directory()) {
                return point;
            }
            mounted.add(path);
        }
        return null;
    }

    /** Makes them below a directory of the worker's own, in place of the files that it may have there. */
    public void makeIn(Path lowest) throws IOException {
        for (MountPoint point : missing) {
            Path path = lowest.resolve(point.path());
            if (point.directory()) {
                if (Files.isRegularFile(path)) {
                    Files.delete(path);
                }
                Files.createDirectories(path);
            } else {
                Files.createDirectories(path.getParent());
                if (!Files.exists(path)) {
                    Files.createFile(path);
                }
            }
        }
    }

    /** Those that are still not to be seen, now that the directory is below the image. */
    public MountPoints hiddenIn(RootTree root) throws IOException {
        List<MountPoint> hidden = new ArrayList<>();
        for (MountPoint point : missing) {
            if (root.status(point.path()) == null) {
                hidden.add(point);
            }
        }
        return new MountPoints(hidden);
    }

    /** Removes them from the changes, where the runtime had to make them, as far as nothing was put into them. */
    public void removeFrom(Fd changes) throws IOException {
        for (MountPoint point : missing.reversed()) {
            String path = point.path();
            boolean directory = point.directory();
            while (!path.isEmpty() && remove(changes, path, directory)) {
                path = parent(path);
                directory = true;
            }
        }
    }

    private static boolean remove(Fd changes, String path, boolean directory) throws IOException {
        String parent = parent(path);
        try (Fd below = Linux.open(
                changes,
                parent.isEmpty() ? "." : parent,
                Linux.O_PATH | Linux.O_DIRECTORY,
                0,
                Linux.RESOLVE_BENEATH_NO_SYMLINKS)) {
            String name = path.substring(parent.isEmpty() ? 0 : parent.length() + 1);
            if (!directory && Linux.stat(below, name).size() > 0) {
                return false;
            }
            Linux.unlink(below, name, directory ? Linux.AT_REMOVEDIR : 0);
            return true;
        } catch (LinuxException e) {
            return switch (e.errno()) {
                // It is used for something else by now, so it stays.
                case Errno.ENOENT, Errno.ENOTDIR, Errno.ENOTEMPTY, Errno.EEXIST, Errno.EISDIR, Errno.ELOOP -> false;
                default -> throw e;
            };
        }
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }
}
