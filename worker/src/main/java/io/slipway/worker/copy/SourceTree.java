package io.slipway.worker.copy;

import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tree that files are copied from: the build context, or a stage's root. Paths are clean, relative, the root is empty. */
public interface SourceTree {
    /**
     * A file, directory or symlink of the tree.
     *
     * @param path its path in the tree
     * @param entry what it is; the name is not used. Never a hard link: each name of a file is a node of its own
     * @param link names of one file have the same value, null for a file with one name
     * @param content digest of the file's bytes where that is known without reading them, else null
     */
    record Node(
            String path,
            TarEntry entry,
            @Nullable Object link,
            @Nullable Digest content) {
        /** Whether it is a directory. */
        public boolean isDirectory() {
            return entry.type() == TarEntry.Type.DIRECTORY;
        }

        /** The last part of the path. */
        public String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    /** What a path leads to, all symlinks followed inside the tree; null where that does not exist. */
    @Nullable
    Node find(String path) throws IOException;

    /** What is in a directory, sorted by name; symlinks are nodes. */
    List<Node> children(Node directory) throws IOException;

    /** Whether a directory is itself part of what is shown, and does not only lead to it. */
    default boolean isWhole(Node directory) {
        return true;
    }

    /** Opens a file's content. The caller closes it. */
    InputStream open(Node file) throws IOException;
}
