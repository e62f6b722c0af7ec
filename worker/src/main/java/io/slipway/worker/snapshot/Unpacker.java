package io.slipway.worker.snapshot;

import io.slipway.image.layer.LayerException;
import io.slipway.image.layer.Whiteout;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FileWriter;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a layer's entries beneath a directory, in overlayfs's form (OCI image specification 1.1, layer.md; kernel
 * documentation, filesystems/overlayfs). The entries are hostile: the kernel resolves every name beneath the root, and
 * attributes that mean something to overlayfs itself are never taken from them. Device nodes are left out: a user namespace
 * may not make them, and containers get a /dev of their own. Not thread-safe.
 */
final class Unpacker implements EntrySink, AutoCloseable {
    /** Names of AUFS's own that old layers have and that mean nothing here. */
    private static final String META = Whiteout.PREFIX + Whiteout.PREFIX;

    private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);
    private static final int S_IFIFO = 0010000;
    private static final int S_IFCHR = 0020000;
    private static final int DEFAULT_DIRECTORY_MODE = 0755;

    /** What the kernel answers to names and kinds that do not fit together, not for want of space or rights. */
    private static final Set<Integer> ENTRY_AT_FAULT = Set.of(
            Errno.EEXIST,
            Errno.EINVAL,
            Errno.EISDIR,
            Errno.ELOOP,
            Errno.ENAMETOOLONG,
            Errno.ENOENT,
            Errno.ENOTDIR,
            Errno.EXDEV);

    private final Fd root;
    private final FileWriter writer = new FileWriter();
    private final List<DirectoryTime> directoryTimes = new ArrayList<>();
    private @Nullable String parentName;
    private @Nullable Fd parent;

    private record DirectoryTime(String name, Instant mtime) {}

    Unpacker(Fd root) {
        this.root = root;
    }

    @Override
    public void add(TarEntry entry, InputStream content) throws IOException {
        try {
            write(entry, content);
        } catch (LinuxException e) {
            if (!ENTRY_AT_FAULT.contains(e.errno())) {
                throw e;
            }
            throw new LayerException(
                    "the layer's entry " + FileName.display(entry.name()) + " cannot be unpacked: " + e.getMessage(),
                    e);
        }
    }

    private void write(TarEntry entry, InputStream content) throws IOException {
        String name = clean(entry.name());
        if (name.isEmpty()) {
            if (entry.type() == TarEntry.Type.DIRECTORY) {
                attributes(root, ".", entry);
                directoryTimes.add(new DirectoryTime(".", entry.mtime()));
            }
            return;
        }
        int slash = name.lastIndexOf('/');
        Fd directory = parent(slash < 0 ? "" : name.substring(0, slash));
        String last = name.substring(slash + 1);
        if (Whiteout.isWhiteout(last)) {
            whiteout(directory, last);
            return;
        }
        switch (entry.type()) {
            case FILE -> file(directory, last, entry, content);
            case DIRECTORY -> {
                directory(directory, last, name, entry);
                directoryTimes.add(new DirectoryTime(name, entry.mtime()));
            }
            case SYMLINK -> {
                make(directory, last, () -> Linux.symlink(entry.linkName(), directory, last));
                owner(directory, last, entry);
                time(directory, last, entry.mtime());
            }
            case HARD_LINK -> hardLink(directory, last, entry);
            case FIFO -> {
                make(directory, last, () -> Linux.makeNode(directory, last, S_IFIFO | entry.mode()));
                attributes(directory, last, entry);
                time(directory, last, entry.mtime());
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE -> {
                // See the class comment.
            }
        }
    }

    private void whiteout(Fd directory, String last) throws IOException {
        if (Whiteout.isOpaque(last)) {
            Linux.setXattr(directory, ".", "user.overlay.opaque", YES);
        } else if (!last.startsWith(META)) {
            String hidden = last.substring(Whiteout.PREFIX.length());
            if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
                throw new LayerException("the layer has a whiteout without a name");
            }
            make(directory, hidden, () -> Linux.makeNode(directory, hidden, S_IFCHR));
        }
    }

    private void file(Fd directory, String last, TarEntry entry, InputStream content) throws IOException {
        int flags = Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL;
        Fd file;
        try {
            file = Linux.open(directory, last, flags, 0600, Linux.RESOLVE_BENEATH_NO_SYMLINKS);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            remove(directory, last);
            file = Linux.open(directory, last, flags, 0600, Linux.RESOLVE_BENEATH_NO_SYMLINKS);
        }
        try (Fd open = file) {
            writer.write(open, content);
        }
        attributes(directory, last, entry);
        time(directory, last, entry.mtime());
    }

    private void directory(Fd directory, String last, String name, TarEntry entry) throws IOException {
        try {
            Linux.makeDirectory(directory, last, DEFAULT_DIRECTORY_MODE);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            if (!Linux.stat(directory, last).isDirectory()) {
                Linux.unlink(directory, last, 0);
                Linux.makeDirectory(directory, last, DEFAULT_DIRECTORY_MODE);
            }
        }
        attributes(directory, last, entry);
        if (name.equals(parentName)) {
            forgetParent();
        }
    }

    private void hardLink(Fd directory, String last, TarEntry entry) throws IOException {
        String target = clean(entry.linkName());
        int slash = target.lastIndexOf('/');
        String targetLast = target.substring(slash + 1);
        try (Fd targetDirectory = openDirectory(slash < 0 ? "." : target.substring(0, slash))) {
            make(directory, last, () -> Linux.link(targetDirectory, targetLast, directory, last));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                throw new LayerException("the layer's hard link " + FileName.display(entry.name()) + " points to "
                        + FileName.display(entry.linkName()) + ", which is not in the layer");
            }
            throw e;
        }
    }

    @FunctionalInterface
    private interface Maker {
        void make() throws LinuxException;
    }

    /** Makes something new, taking away what an earlier entry of the same name left. */
    private static void make(Fd directory, String last, Maker maker) throws IOException {
        try {
            maker.make();
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            remove(directory, last);
            maker.make();
        }
    }

    private static void remove(Fd directory, String last) throws IOException {
        if (!Linux.stat(directory, last).isDirectory()) {
            Linux.unlink(directory, last, 0);
            return;
        }
        try (Fd below =
                Linux.open(directory, last, Linux.O_RDONLY | Linux.O_DIRECTORY, 0, Linux.RESOLVE_BENEATH_NO_SYMLINKS)) {
            for (String name : Linux.list(below)) {
                remove(below, name);
            }
        }
        Linux.unlink(directory, last, Linux.AT_REMOVEDIR);
    }

    private static void attributes(Fd directory, String last, TarEntry entry) throws IOException {
        owner(directory, last, entry);
        // After the owner: chown(2) takes setuid, setgid and file capabilities away.
        Linux.chmod(directory, last, entry.mode());
        for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
            if (Xattrs.isPortable(xattr.getKey())) {
                Linux.setXattr(directory, last, xattr.getKey(), xattr.getValue());
            }
        }
    }

    private static void owner(Fd directory, String last, TarEntry entry) throws IOException {
        UnmappedOwnerException.chown(
                directory, last, "/" + FileName.display(clean(entry.name())), entry.uid(), entry.gid());
    }

    private static void time(Fd directory, String last, Instant mtime) throws LinuxException {
        Linux.setTimes(directory, last, mtime.getEpochSecond(), mtime.getNano());
    }

    private Fd parent(String name) throws IOException {
        if (name.isEmpty()) {
            return root;
        }
        Fd open = parent;
        if (open == null || !name.equals(parentName)) {
            forgetParent();
            open = openDirectory(name);
            parent = open;
            parentName = name;
        }
        return open;
    }

    private void forgetParent() {
        if (parent != null) {
            parent.close();
            parent = null;
            parentName = null;
        }
    }

    /** Opens a directory, making what is missing: archives may leave parents out. */
    private Fd openDirectory(String name) throws IOException {
        try {
            return Linux.open(root, name, Linux.O_PATH | Linux.O_DIRECTORY, 0, Linux.RESOLVE_IN_ROOT);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                throw new LayerException(
                        "the layer has an entry below " + FileName.display(name) + ": " + e.getMessage(), e);
            }
        }
        int slash = name.lastIndexOf('/');
        try (Fd above = openDirectory(slash < 0 ? "." : name.substring(0, slash))) {
            Linux.makeDirectory(above, name.substring(slash + 1), DEFAULT_DIRECTORY_MODE);
        }
        return Linux.open(root, name, Linux.O_PATH | Linux.O_DIRECTORY, 0, Linux.RESOLVE_IN_ROOT);
    }

    /** The name without {@code .} and doubled slashes; empty for the root itself. */
    private static String clean(String name) throws IOException {
        if (!name.startsWith("/") && !name.startsWith(".") && !name.contains("/.") && !name.contains("//")) {
            return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        }
        StringBuilder clean = new StringBuilder();
        for (String part : name.split("/")) {
            if (part.equals("..")) {
                throw new LayerException("the layer has an entry that leaves the root: " + FileName.display(name));
            }
            if (!part.isEmpty() && !part.equals(".")) {
                clean.append(clean.isEmpty() ? "" : "/").append(part);
            }
        }
        return clean.toString();
    }

    /** Directory times come last, because every entry made in a directory changes them. */
    @Override
    public void close() throws IOException {
        try {
            for (DirectoryTime directory : directoryTimes.reversed()) {
                int slash = directory.name().lastIndexOf('/');
                try (Fd above = openDirectory(slash < 0 ? "." : directory.name().substring(0, slash))) {
                    String last = directory.name().substring(slash + 1);
                    if (Linux.stat(above, last).isDirectory()) {
                        time(above, last, directory.mtime());
                    }
                } catch (LinuxException e) {
                    if (e.errno() != Errno.ENOENT) {
                        throw e;
                    }
                }
            }
        } finally {
            forgetParent();
            writer.close();
        }
    }
}
