package io.slipway.image.context;

import io.slipway.image.tar.TarEntry;
import java.nio.file.Path;
import java.util.List;

/**
 * The index file's format: a header, a record per entry, the bytes that records point to, and a checksum of everything.
 * All numbers are big-endian. The root is record 0, and the children of a directory are records one behind the other,
 * ordered by the bytes of their names, so that a path is found by a binary search per component and nothing needs to be
 * read before it is asked for.
 */
final class IndexFormat {
    /** "slipctx" and the version of the format. */
    static final long MAGIC = 0x736c697063747801L;

    // The header.
    static final int TAR_BYTES = 8;
    static final int RECORDS = 16;
    static final int HEAP_BYTES = 20;
    static final int TAR_SHA256 = 24;
    static final int HEADER_BYTES = 56;

    // A record. What a record points to is an offset into the heap and a length.
    static final int PARENT = 0;
    static final int NAME = 4;
    static final int TYPE = 12;
    static final int MODE = 16;
    static final int UID = 20;
    static final int GID = 28;
    static final int MTIME_SECONDS = 36;
    static final int MTIME_NANOS = 44;
    static final int SIZE = 48;
    static final int DATA_OFFSET = 56;
    static final int SHA256 = 64;
    /** The record of the file that a hard link shares, else -1. */
    static final int SHARED = 96;

    static final int SYMLINK_TARGET = 100;
    static final int XATTRS_AND_SPARSE = 108;
    static final int FIRST_CHILD = 116;
    static final int CHILDREN = 120;
    static final int RECORD_BYTES = 124;

    static final int SHA256_BYTES = 32;
    static final int CHECKSUM_BYTES = 8;

    /** The types by their numbers in records. */
    static final List<TarEntry.Type> TYPES =
            List.of(TarEntry.Type.FILE, TarEntry.Type.DIRECTORY, TarEntry.Type.SYMLINK, TarEntry.Type.HARD_LINK);

    private IndexFormat() {}

    /** Where the index of a tar is. */
    static Path indexOf(Path tarFile) {
        return tarFile.resolveSibling(tarFile.getFileName().toString().concat(".index"));
    }
}
