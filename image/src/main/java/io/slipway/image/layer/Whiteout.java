package io.slipway.image.layer;

import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;

/**
 * How a layer says that something below it is gone (OCI image specification 1.1, layer.md, "Whiteouts"): an empty file
 * {@code .wh.NAME} beside where NAME was, or {@code .wh..wh..opq} in a directory of which nothing below shows through.
 * All names are clean paths, without a slash at either end.
 */
public final class Whiteout {
    /** What the name of a whiteout begins with. No other file of an image may have such a name. */
    public static final String PREFIX = ".wh.";

    /** The file name that makes its directory opaque. */
    public static final String OPAQUE = ".wh..wh..opq";

    private Whiteout() {}

    /**
     * The entry that removes {@code path}.
     *
     * @throws IllegalArgumentException if no file of an image has such a path: its whiteout would mean something else
     */
    public static TarEntry removing(String path) {
        int slash = path.lastIndexOf('/') + 1;
        String name = path.substring(slash);
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.startsWith(PREFIX)) {
            throw new IllegalArgumentException("nothing that a whiteout can remove: " + FileName.display(path));
        }
        return TarEntry.file(path.substring(0, slash) + PREFIX + name, 0, 0);
    }

    /** The entry that makes the directory {@code path} opaque; the root is {@code ""} or {@code "."}. */
    public static TarEntry opaque(String path) {
        return TarEntry.file(path.isEmpty() || path.equals(".") ? OPAQUE : path + "/" + OPAQUE, 0, 0);
    }

    /** Whether the last part of {@code path} is a whiteout's name, an opaque one's included. */
    public static boolean isWhiteout(String path) {
        return path.startsWith(PREFIX, path.lastIndexOf('/') + 1);
    }

    /** Whether {@code path} makes its directory opaque. */
    public static boolean isOpaque(String path) {
        return path.substring(path.lastIndexOf('/') + 1).equals(OPAQUE);
    }

    /**
     * The path that a whiteout removes. Its last part is whatever a layer says, and for a hostile one empty, {@code .} or
     * {@code ..}: who applies the layer must refuse that.
     *
     * @param path a whiteout's, not an opaque one's
     * @throws IllegalArgumentException for other paths
     */
    public static String target(String path) {
        if (!isWhiteout(path) || isOpaque(path)) {
            throw new IllegalArgumentException("no whiteout of a path: " + FileName.display(path));
        }
        int slash = path.lastIndexOf('/') + 1;
        return path.substring(0, slash) + path.substring(slash + PREFIX.length());
    }
}
