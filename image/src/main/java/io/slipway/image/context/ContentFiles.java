package io.slipway.image.context;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the contents of a context's files lie, read at positions that its index knows. Thread-safe. */
interface ContentFiles extends Closeable {
    /** How many bytes there are. */
    long size() throws IOException;

    /** Reads some bytes from a position: at least one, or -1 at the end. */
    int read(ByteBuffer target, long position) throws IOException;

    /** Where a content, which is not empty, lies on this machine. */
    FileRange range(long offset, long length);
}
