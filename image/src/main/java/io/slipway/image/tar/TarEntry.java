package io.slipway.image.tar;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a tar says of one file (POSIX.1-2024 pax, "ustar Interchange Format" and "pax Extended Header"). User and group
 * names are never kept: images know numbers only.
 *
 * @param name the path as the archive has it (a {@link FileName} string, not cleaned, possibly hostile), without the
 *     slash that ends a directory's
 * @param type what it is
 * @param mode permission bits, 0 to 07777
 * @param uid owner, at least 0
 * @param gid group, at least 0
 * @param mtime time of the last change
 * @param size the file's size in bytes, holes included; 0 for all but {@link Type#FILE}
 * @param linkName a symbolic link's target, or the name of the entry that a hard link shares its file with; else empty
 * @param deviceMajor a device's major number, else 0
 * @param deviceMinor a device's minor number, else 0
 * @param xattrs extended attributes by name, {@code security.capability} for example; unmodifiable. The values are
 *     not copied: nobody may change them
 * @param sparse a sparse file's data, ascending and without overlap, or null for a file that is stored whole
 */
public record TarEntry(
        String name,
        Type type,
        int mode,
        long uid,
        long gid,
        Instant mtime,
        long size,
        String linkName,
        int deviceMajor,
        int deviceMinor,
        SortedMap<String, byte[]> xattrs,
        @Nullable List<SparseSegment> sparse) {
    private static final SortedMap<String, byte[]> NO_XATTRS = Collections.emptySortedMap();

    /** What an entry is. */
    public enum Type {
        FILE,
        DIRECTORY,
        SYMLINK,
        HARD_LINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        FIFO
    }

    public TarEntry {
        if ((mode & ~07777) != 0) {
            throw new IllegalArgumentException("not a mode: " + Integer.toOctalString(mode));
        }
        if (uid < 0 || gid < 0 || size < 0 || deviceMajor < 0 || deviceMinor < 0) {
            throw new IllegalArgumentException("negative number in " + FileName.display(name));
        }
        if (size != 0 && type != Type.FILE) {
            throw new IllegalArgumentException("only a file has a size: " + FileName.display(name));
        }
        xattrs = xattrs.isEmpty() ? NO_XATTRS : Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
        sparse = sparse == null ? null : List.copyOf(sparse);
    }

    /** A regular file of root's with mtime 0. */
    public static TarEntry file(String name, int mode, long size) {
        return of(name, Type.FILE, mode, size, "");
    }

    /** A directory of root's with mtime 0. */
    public static TarEntry directory(String name, int mode) {
        return of(name, Type.DIRECTORY, mode, 0, "");
    }

    /** A symbolic link of root's with mtime 0; its mode is 0777, as Linux has it. */
    public static TarEntry symlink(String name, String target) {
        return of(name, Type.SYMLINK, 0777, 0, target);
    }

    /** A hard link to the file of an earlier entry. */
    public static TarEntry hardLink(String name, String target) {
        return of(name, Type.HARD_LINK, 0644, 0, target);
    }

    private static TarEntry of(String name, Type type, int mode, long size, String linkName) {
        return new TarEntry(name, type, mode, 0, 0, Instant.EPOCH, size, linkName, 0, 0, NO_XATTRS, null);
    }

    /** The same under another name. */
    public TarEntry withName(String newName) {
        return new TarEntry(
                newName, type, mode, uid, gid, mtime, size, linkName, deviceMajor, deviceMinor, xattrs, sparse);
    }

    /** The same with another mode, 0 to 07777. */
    public TarEntry withMode(int newMode) {
        return new TarEntry(
                name, type, newMode, uid, gid, mtime, size, linkName, deviceMajor, deviceMinor, xattrs, sparse);
    }

    /** The same with another owner and group. */
    public TarEntry withOwner(long newUid, long newGid) {
        return new TarEntry(
                name, type, mode, newUid, newGid, mtime, size, linkName, deviceMajor, deviceMinor, xattrs, sparse);
    }

    /** The same with another time of change. */
    public TarEntry withMtime(Instant newMtime) {
        return new TarEntry(
                name, type, mode, uid, gid, newMtime, size, linkName, deviceMajor, deviceMinor, xattrs, sparse);
    }

    /** The same with another link target. */
    public TarEntry withLinkName(String newLinkName) {
        return new TarEntry(
                name, type, mode, uid, gid, mtime, size, newLinkName, deviceMajor, deviceMinor, xattrs, sparse);
    }

    /** The same with other extended attributes; the map is copied, the values are not. */
    public TarEntry withXattrs(Map<String, byte[]> newXattrs) {
        return new TarEntry(
                name,
                type,
                mode,
                uid,
                gid,
                mtime,
                size,
                linkName,
                deviceMajor,
                deviceMinor,
                new TreeMap<>(newXattrs),
                sparse);
    }

    /** Equal in everything, the bytes of the extended attributes included. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TarEntry that
                && name.equals(that.name)
                && type == that.type
                && mode == that.mode
                && uid == that.uid
                && gid == that.gid
                && mtime.equals(that.mtime)
                && size == that.size
                && linkName.equals(that.linkName)
                && deviceMajor == that.deviceMajor
                && deviceMinor == that.deviceMinor
                && sameXattrs(xattrs, that.xattrs)
                && Objects.equals(sparse, that.sparse);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, type, mode, uid, gid, mtime, size, linkName, xattrs.keySet());
    }

    private static boolean sameXattrs(SortedMap<String, byte[]> one, SortedMap<String, byte[]> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(x -> Arrays.equals(x.getValue(), other.get(x.getKey())));
    }
}
