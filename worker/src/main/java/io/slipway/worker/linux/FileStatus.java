package io.slipway.worker.linux;

import java.time.Instant;

/**
 * What statx(2) says of a file.
 *
 * @param mode type and permissions, as in {@code st_mode} (inode(7))
 * @param uid owner
 * @param gid group
 * @param size size in bytes
 * @param mtimeSeconds modification time, seconds since 1970
 * @param mtimeNanos modification time, nanoseconds within the second
 * @param links number of hard links
 * @param inode inode number
 * @param device device that holds the file, major in the upper half
 * @param deviceMajor for a device node: its major number
 * @param deviceMinor for a device node: its minor number
 * @param diskBytes what it takes of the disk, in bytes
 * @param ctimeSeconds when its attributes or its name last changed, seconds since 1970
 * @param ctimeNanos the nanoseconds within that second
 */
public record FileStatus(
        int mode,
        int uid,
        int gid,
        long size,
        long mtimeSeconds,
        int mtimeNanos,
        int links,
        long inode,
        long device,
        int deviceMajor,
        int deviceMinor,
        long diskBytes,
        long ctimeSeconds,
        int ctimeNanos) {

    private static final int S_IFMT = 0170000;
    private static final int S_IFIFO = 0010000;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFDIR = 0040000;
    private static final int S_IFBLK = 0060000;
    private static final int S_IFREG = 0100000;
    private static final int S_IFLNK = 0120000;

    /** When its content last changed. */
    public Instant modified() {
        return Instant.ofEpochSecond(mtimeSeconds, mtimeNanos);
    }

    /** When its attributes or its name last changed. */
    public Instant changed() {
        return Instant.ofEpochSecond(ctimeSeconds, ctimeNanos);
    }

    /** The permission bits with setuid, setgid and sticky (07777). */
    public int permissions() {
        return mode & 07777;
    }

    public boolean isFile() {
        return (mode & S_IFMT) == S_IFREG;
    }

    public boolean isDirectory() {
        return (mode & S_IFMT) == S_IFDIR;
    }

    public boolean isSymlink() {
        return (mode & S_IFMT) == S_IFLNK;
    }

    public boolean isFifo() {
        return (mode & S_IFMT) == S_IFIFO;
    }

    public boolean isCharacterDevice() {
        return (mode & S_IFMT) == S_IFCHR;
    }

    public boolean isBlockDevice() {
        return (mode & S_IFMT) == S_IFBLK;
    }

    /** Whether overlayfs means "not here" by it (kernel documentation, filesystems/overlayfs, "whiteouts and opaque directories"). */
    public boolean isWhiteout() {
        return isCharacterDevice() && deviceMajor == 0 && deviceMinor == 0;
    }
}
