package io.slipway.worker.linux;

import io.slipway.image.tar.FileName;
import io.slipway.worker.linux.Syscall.CallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * System calls by name. File names are strings in the form of {@link FileName}: bytes that are not UTF-8 survive. Directory
 * descriptors are {@link Fd}s; a relative name is always relative to one. Thread-safe.
 */
public final class Linux {
    /** open(2). */
    public static final int O_RDONLY = 0;

    public static final int O_WRONLY = 01;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_TRUNC = 01000;
    private static final boolean ARM = !System.getProperty("os.arch").equals("amd64");
    public static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    public static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
    private static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;

    /** openat2(2): absolute names and {@code ..} stop at the directory, symlinks are followed beneath it, /proc's magic links are refused. */
    public static final long RESOLVE_IN_ROOT = 0x10 | 0x02;

    /** openat2(2): nothing above the directory, no symlink at all. */
    public static final long RESOLVE_BENEATH_NO_SYMLINKS = 0x08 | 0x04 | 0x02;

    /** unlinkat(2): remove a directory. */
    public static final int AT_REMOVEDIR = 0x200;

    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int F_OFD_SETLK = 37;
    private static final short F_WRLCK = 1;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_FDCWD = -100;
    private static final int STATX_BASIC_STATS = 0x7ff;

    /** mount(2). */
    public static final long MS_RDONLY = 1;

    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    public static final long MS_NOEXEC = 8;
    public static final long MS_REMOUNT = 32;
    public static final long MS_BIND = 4096;
    public static final long MS_REC = 16384;

    /** umount2(2). */
    public static final int MNT_DETACH = 2;

    public static final int CLONE_NEWNET = 0x40000000;

    private Linux() {}

    /**
     * openat2(2). Always close-on-exec.
     *
     * @param mode permissions of a new file (07777); 0 unless {@code O_CREAT} is among the flags
     * @param resolve {@link #RESOLVE_IN_ROOT}, {@link #RESOLVE_BENEATH_NO_SYMLINKS} or 0
     */
    public static Fd open(Fd directory, String name, int flags, int mode, long resolve) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment how = arena.allocate(24, 8);
            how.set(ValueLayout.JAVA_LONG, 0, flags | O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 8, mode);
            how.set(ValueLayout.JAVA_LONG, 16, resolve);
            long result = Syscall.call(
                    arena, CallNumber.OPENAT2, directory.number(), text(arena, name), how.address(), 24, 0, 0);
            return new Fd((int) checked(result, "open", name));
        }
    }

    /** Opens a directory by its absolute path, which must be ours: symlinks are followed anywhere. */
    public static Fd openDirectory(String path) throws LinuxException {
        return open(Fd.CURRENT_DIRECTORY, path, O_RDONLY | O_DIRECTORY, 0, 0);
    }

    static void close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            Syscall.call(arena, CallNumber.CLOSE, fd, 0, 0, 0, 0, 0);
        }
    }

    /** statx(2) of a name in a directory, not following a symlink at its end. */
    public static FileStatus stat(Fd directory, String name) throws LinuxException {
        return stat(directory, name, AT_SYMLINK_NOFOLLOW);
    }

    /** statx(2) of what a descriptor stands for. */
    public static FileStatus stat(Fd fd) throws LinuxException {
        return stat(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
    }

    private static FileStatus stat(Fd directory, String name, int flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(256, 8);
            checked(
                    Syscall.call(
                            arena,
                            CallNumber.STATX,
                            directory.number(),
                            text(arena, name),
                            flags,
                            STATX_BASIC_STATS,
                            s.address(),
                            0),
                    "stat",
                    name);
            return new FileStatus(
                    Short.toUnsignedInt(s.get(ValueLayout.JAVA_SHORT, 28)),
                    s.get(ValueLayout.JAVA_INT, 20),
                    s.get(ValueLayout.JAVA_INT, 24),
                    s.get(ValueLayout.JAVA_LONG, 40),
                    s.get(ValueLayout.JAVA_LONG, 112),
                    s.get(ValueLayout.JAVA_INT, 120),
                    s.get(ValueLayout.JAVA_INT, 16),
                    s.get(ValueLayout.JAVA_LONG, 32),
                    ((long) s.get(ValueLayout.JAVA_INT, 136) << 32)
                            | Integer.toUnsignedLong(s.get(ValueLayout.JAVA_INT, 140)),
                    s.get(ValueLayout.JAVA_INT, 128),
                    s.get(ValueLayout.JAVA_INT, 132),
                    s.get(ValueLayout.JAVA_LONG, 48) * 512,
                    s.get(ValueLayout.JAVA_LONG, 96),
                    s.get(ValueLayout.JAVA_INT, 104));
        }
    }

    /** getdents64(2): the names in a directory but {@code .} and {@code ..}, sorted. The descriptor must be open for reading and is used up. */
    public static List<String> list(Fd directory) throws LinuxException {
        List<String> names = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(32768, 8);
            while (true) {
                long length = checked(
                        Syscall.call(
                                arena,
                                CallNumber.GETDENTS64,
                                directory.number(),
                                buffer.address(),
                                buffer.byteSize(),
                                0,
                                0,
                                0),
                        "list",
                        "directory");
                if (length == 0) {
                    break;
                }
                for (long at = 0; at < length; ) {
                    int recordLength = Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT, at + 16));
                    String name = string(buffer.asSlice(at + 19, recordLength - 19));
                    if (!name.equals(".") && !name.equals("..")) {
                        names.add(name);
                    }
                    at += recordLength;
                }
            }
        }
        names.sort(null);
        return names;
    }

    /** readlinkat(2). */
    public static String readLink(Fd directory, String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            long length = checked(
                    Syscall.call(
                            arena,
                            CallNumber.READLINKAT,
                            directory.number(),
                            text(arena, name),
                            buffer.address(),
                            buffer.byteSize(),
                            0,
                            0),
                    "readlink",
                    name);
            return FileName.decode(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** mkdirat(2). */
    public static void makeDirectory(Fd directory, String name, int mode) throws LinuxException {
        call(CallNumber.MKDIRAT, "mkdir", directory, name, mode, 0, 0);
    }

    /** mknodat(2); {@code mode} carries the type; device 0:0 is the only one that a user namespace may make. */
    public static void makeNode(Fd directory, String name, int mode) throws LinuxException {
        call(CallNumber.MKNODAT, "mknod", directory, name, mode, 0, 0);
    }

    /** symlinkat(2). */
    public static void symlink(String target, Fd directory, String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(
                    Syscall.call(
                            arena,
                            CallNumber.SYMLINKAT,
                            text(arena, target),
                            directory.number(),
                            text(arena, name),
                            0,
                            0,
                            0),
                    "symlink",
                    name);
        }
    }

    /** linkat(2), not following a symlink. */
    public static void link(Fd oldDirectory, String oldName, Fd directory, String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(
                    Syscall.call(
                            arena,
                            CallNumber.LINKAT,
                            oldDirectory.number(),
                            text(arena, oldName),
                            directory.number(),
                            text(arena, name),
                            0,
                            0),
                    "link",
                    name);
        }
    }

    /** unlinkat(2); {@code flags} is 0 or {@link #AT_REMOVEDIR}. */
    public static void unlink(Fd directory, String name, int flags) throws LinuxException {
        call(CallNumber.UNLINKAT, "unlink", directory, name, flags, 0, 0);
    }

    /** fchownat(2), not following a symlink. */
    public static void chown(Fd directory, String name, int uid, int gid) throws LinuxException {
        call(CallNumber.FCHOWNAT, "chown", directory, name, uid, gid, AT_SYMLINK_NOFOLLOW);
    }

    /** fchmodat(2). Follows symlinks, so call it only for what is none. */
    public static void chmod(Fd directory, String name, int mode) throws LinuxException {
        call(CallNumber.FCHMODAT, "chmod", directory, name, mode, 0, 0);
    }

    /** utimensat(2), not following a symlink; sets access and modification time. */
    public static void setTimes(Fd directory, String name, long seconds, int nanos) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment times = arena.allocate(32, 8);
            for (int at = 0; at < 32; at += 16) {
                times.set(ValueLayout.JAVA_LONG, at, seconds);
                times.set(ValueLayout.JAVA_LONG, at + 8L, nanos);
            }
            checked(
                    Syscall.call(
                            arena,
                            CallNumber.UTIMENSAT,
                            directory.number(),
                            text(arena, name),
                            times.address(),
                            AT_SYMLINK_NOFOLLOW,
                            0,
                            0),
                    "utimens",
                    name);
        }
    }

    /** utimensat(2) of what a descriptor stands for: its times become now. */
    public static void setTimesToNow(Fd file) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(Syscall.call(arena, CallNumber.UTIMENSAT, file.number(), 0, 0, 0, 0, 0), "utimens", "");
        }
    }

    /** llistxattr(2) of a name in a directory; empty where the file system has none. */
    public static List<String> listXattrs(Fd directory, String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(65536);
            long length = Syscall.call(
                    arena,
                    CallNumber.LLISTXATTR,
                    text(arena, directory.procPath(name)),
                    buffer.address(),
                    buffer.byteSize(),
                    0,
                    0,
                    0);
            if (length == -Errno.EOPNOTSUPP || length == 0) {
                return List.of();
            }
            checked(length, "listxattr", name);
            byte[] names = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            return Arrays.stream(new String(names, StandardCharsets.UTF_8).split("\0"))
                    .sorted()
                    .toList();
        }
    }

    /** lgetxattr(2); null where there is no such attribute. */
    public static byte @Nullable [] getXattr(Fd directory, String name, String attribute) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(65536);
            long length = Syscall.call(
                    arena,
                    CallNumber.LGETXATTR,
                    text(arena, directory.procPath(name)),
                    text(arena, attribute),
                    buffer.address(),
                    buffer.byteSize(),
                    0,
                    0);
            if (length == -Errno.ENODATA || length == -Errno.EOPNOTSUPP) {
                return null;
            }
            checked(length, "getxattr " + attribute, name);
            return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** lsetxattr(2). */
    public static void setXattr(Fd directory, String name, String attribute, byte[] value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, copy, ValueLayout.JAVA_BYTE, 0, value.length);
            checked(
                    Syscall.call(
                            arena,
                            CallNumber.LSETXATTR,
                            text(arena, directory.procPath(name)),
                            text(arena, attribute),
                            copy.address(),
                            value.length,
                            0,
                            0),
                    "setxattr " + attribute,
                    name);
        }
    }

    /** renameat2(2) without flags. */
    public static void rename(Fd oldDirectory, String oldName, Fd directory, String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(
                    Syscall.call(
                            arena,
                            CallNumber.RENAMEAT2,
                            oldDirectory.number(),
                            text(arena, oldName),
                            directory.number(),
                            text(arena, name),
                            0,
                            0),
                    "rename",
                    oldName);
        }
    }

    /** read(2) into a native buffer; 0 at the end. */
    static long read(Fd fd, MemorySegment buffer, long length) throws LinuxException {
        return transfer(CallNumber.READ, "read", fd, buffer.address(), length, 0);
    }

    /** write(2) from a native buffer; may write less than asked for. */
    static long write(Fd fd, MemorySegment buffer, long offset, long length) throws LinuxException {
        return transfer(CallNumber.WRITE, "write", fd, buffer.address() + offset, length, 0);
    }

    /** ftruncate(2). */
    static void truncate(Fd fd, long length) throws LinuxException {
        transfer(CallNumber.FTRUNCATE, "truncate", fd, length, 0, 0);
    }

    /** lseek(2) to an absolute position. */
    static void seek(Fd fd, long position) throws LinuxException {
        transfer(CallNumber.LSEEK, "seek", fd, position, 0, 0);
    }

    private static long transfer(CallNumber number, String what, Fd fd, long a, long b, long c) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result;
            do {
                result = Syscall.call(arena, number, fd.number(), a, b, c, 0, 0);
            } while (result == -Errno.EINTR);
            return checked(result, what, "");
        }
    }

    /**
     * mount(2).
     *
     * @param type file system type, or null for a bind mount or remount
     * @param data options of the file system (at most a page), or null
     */
    public static void mount(String source, String target, @Nullable String type, long flags, @Nullable String data)
            throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(
                    Syscall.call(
                            arena,
                            CallNumber.MOUNT,
                            text(arena, source),
                            text(arena, target),
                            type == null ? 0 : text(arena, type),
                            flags,
                            data == null ? 0 : text(arena, data),
                            0),
                    "mount",
                    target);
        }
    }

    /** umount2(2). */
    public static void unmount(String target, int flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(Syscall.call(arena, CallNumber.UMOUNT2, text(arena, target), flags, 0, 0, 0, 0), "umount", target);
        }
    }

    /** chdir(2), for the whole process. Java resolves its own relative paths against the directory that it started in, so it does not notice. */
    public static void changeDirectory(String path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(Syscall.call(arena, CallNumber.CHDIR, text(arena, path), 0, 0, 0, 0, 0), "chdir", path);
        }
    }

    /** unshare(2), for the calling platform thread only. */
    public static void unshare(int flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(Syscall.call(arena, CallNumber.UNSHARE, flags, 0, 0, 0, 0, 0), "unshare", "");
        }
    }

    /**
     * flock(2) without waiting. The lock belongs to the descriptor, also among descriptors of one process, and ends with it.
     *
     * @return false if somebody else's lock is in the way
     */
    public static boolean tryLock(Fd file, boolean exclusive) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result = Syscall.call(
                    arena, CallNumber.FLOCK, file.number(), LOCK_NB | (exclusive ? LOCK_EX : LOCK_SH), 0, 0, 0, 0);
            if (result == -Errno.EAGAIN) {
                return false;
            }
            checked(result, "flock", "");
            return true;
        }
    }

    /**
     * Locks one byte of a file for this open of it alone (fcntl_locking(2), open file description locks), without waiting. Ends when the
     * descriptor is closed. The file need not be that long.
     *
     * @param file open for writing
     * @return false if somebody else's lock is in the way
     */
    public static boolean tryLockByte(Fd file, long offset) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment lock = arena.allocate(32, 8);
            lock.set(ValueLayout.JAVA_SHORT, 0, F_WRLCK);
            lock.set(ValueLayout.JAVA_LONG, 8, offset);
            lock.set(ValueLayout.JAVA_LONG, 16, 1);
            long result = Syscall.call(arena, CallNumber.FCNTL, file.number(), F_OFD_SETLK, lock.address(), 0, 0, 0);
            if (result == -Errno.EAGAIN || result == -Errno.EACCES) {
                return false;
            }
            checked(result, "fcntl", "");
            return true;
        }
    }

    /** kill(2); a process that is gone is no error. */
    public static void kill(long pid, int signal) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long result = Syscall.call(arena, CallNumber.KILL, pid, signal, 0, 0, 0, 0);
            if (result != -3) {
                checked(result, "kill", Long.toString(pid));
            }
        }
    }

    private static void call(CallNumber number, String what, Fd directory, String name, long c, long d, long e)
            throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            checked(Syscall.call(arena, number, directory.number(), text(arena, name), c, d, e, 0), what, name);
        }
    }

    static long checked(long result, String call, String subject) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, subject, (int) -result);
        }
        return result;
    }

    private static long text(Arena arena, String text) {
        byte[] bytes = FileName.encode(text);
        MemorySegment copy = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy.address();
    }

    private static String string(MemorySegment bytes) {
        long end = 0;
        while (bytes.get(ValueLayout.JAVA_BYTE, end) != 0) {
            end++;
        }
        return FileName.decode(bytes.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE));
    }

    static int currentDirectory() {
        return AT_FDCWD;
    }
}
