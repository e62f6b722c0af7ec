package io.slipway.worker.snapshot;

import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A mounted overlay of snapshots (kernel documentation, filesystems/overlayfs), with an upper directory for changes or without.
 * Closing unmounts it. The mount lies in the worker's own mount namespace and goes with it in any case.
 */
public final class Overlay implements AutoCloseable {
    /** mount(2) takes one page of options; a layer needs up to seven characters of it. */
    public static final int MAX_LAYERS = 500;

    private final Path target;

    private Overlay(Path target) {
        this.target = target;
    }

    /**
     * Must have been called once in the process before the first mount: directories are then named by their descriptors, a few
     * characters each, whatever their path contains.
     */
    public static void prepareProcess() throws LinuxException {
        Linux.changeDirectory("/proc/self/fd");
    }

    /**
     * Mounts a writable overlay.
     *
     * @param lower lower directories, the topmost first
     * @param upper where changes go, an empty directory
     * @param work an empty directory beside {@code upper} for the kernel's own use
     * @param target where to mount, an empty directory
     */
    public static Overlay writable(List<Fd> lower, Path upper, Path work, Path target) throws IOException {
        try (Fd upperFd = Linux.openDirectory(upper.toString());
                Fd workFd = Linux.openDirectory(work.toString())) {
            return mount(
                    lower, ",upperdir=" + upperFd.number() + ",workdir=" + workFd.number() + ",volatile", 0, target);
        }
    }

    /** Mounts a read-only overlay of at least two lower directories, the topmost first. */
    public static Overlay readOnly(List<Fd> lower, Path target) throws IOException {
        return mount(lower, "", Linux.MS_RDONLY, target);
    }

    private static Overlay mount(List<Fd> lower, String more, long flags, Path target) throws IOException {
        if (lower.size() > MAX_LAYERS) {
            throw new TooManyLayersException();
        }
        String directories =
                lower.stream().map(fd -> Integer.toString(fd.number())).collect(Collectors.joining(":"));
        Linux.mount(
                "overlay",
                target.toString(),
                "overlay",
                flags | Linux.MS_NODEV,
                "lowerdir=" + directories + ",userxattr" + more);
        return new Overlay(target);
    }

    /** Where it is mounted. */
    public Path path() {
        return target;
    }

    @Override
    public void close() throws IOException {
        Linux.unmount(target.toString(), Linux.MNT_DETACH);
        Files.delete(target);
    }
}
