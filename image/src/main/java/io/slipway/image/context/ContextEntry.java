package io.slipway.image.context;

import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import org.jspecify.annotations.Nullable;

/**
 * A file, directory or link of a build context.
 *
 * @param path where it is: no leading slash, no {@code .} or {@code ..}; empty for the root. A
 *     {@link io.slipway.image.tar.FileName} string
 * @param entry what it is; its name is {@code path}. A hard link has mode, owner, mtime, xattrs and sparse map of the file
 *     it shares, and that file's path as its link name: there always is such a file
 * @param content SHA-256 of the content, holes as zeros; of the shared file for a hard link; null for directories and
 *     symbolic links
 * @param contentSize bytes of the content, holes included; of the shared file for a hard link; 0 for directories and
 *     symbolic links
 * @param dataOffset where in the tar the content begins; for a sparse file its segments lie there one behind the other
 */
public record ContextEntry(
        String path, TarEntry entry, @Nullable Digest content, long contentSize, long dataOffset) {
    /** The last part of the path; empty for the root. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** What it is. */
    public TarEntry.Type type() {
        return entry.type();
    }

    /** Whether it is a directory, the root for example. */
    public boolean isDirectory() {
        return entry.type() == TarEntry.Type.DIRECTORY;
    }

    /** Whether it has content: a file, or a hard link to one. */
    public boolean hasContent() {
        return content != null;
    }
}
