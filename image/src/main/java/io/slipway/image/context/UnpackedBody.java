package io.slipway.image.context;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The decompressed body; what is read of it is also written to the archive file. */
final class UnpackedBody extends InputStream {
    private final InputStream plain;
    private final ArchiveFile archive;

    UnpackedBody(ReceivedBody body, ArchiveFile archive) {
        this.plain = new DecompressedBody(body, "The context's compressed data");
        this.archive = archive;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** @throws ContextException if the compressed data is broken or ends early, or more comes out than a limit allows */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        int count = plain.read(target, offset, length);
        if (count > 0) {
            archive.write(target, offset, count);
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }
}
