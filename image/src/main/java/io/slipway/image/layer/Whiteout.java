package io.slipway.image.layer;

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

    /** The entry that removes {@code path}. */
    public static TarEntry removing(String path) {
        int slash = path.lastIndexOf('/') + 1;
        return TarEntry.file(path.substring(0, slash) + PREFIX + path.substring(slash), 0, 0);
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
     * The path that a whiteout removes.
     *
     * @param path a whiteout's, not an opaque one's
     */
    public static String target(String path) {
        int slash = path.lastIndexOf('/') + 1;
        return path.substring(0, slash) + path.substring(slash + PREFIX.length());
    }
}
