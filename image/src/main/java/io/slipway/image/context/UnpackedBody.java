package io.slipway.image.context;

import io.slipway.image.compression.Decompression;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The decompressed body; what is read of it is also written to the archive file. */
final class UnpackedBody extends InputStream {
    private final ReceivedBody body;
    private final ArchiveFile archive;
    /** Opened by the first read, which may fail. */
    private @Nullable InputStream plain;

    UnpackedBody(ReceivedBody body, ArchiveFile archive) {
        this.body = body;
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
        int count = unpack(target, offset, length);
        if (count > 0) {
            archive.write(target, offset, count);
        }
        return count;
    }

    private int unpack(byte[] target, int offset, int length) throws IOException {
        try {
            InputStream from = plain;
            if (from == null) {
                from = Decompression.open(body);
                plain = from;
            }
            return from.read(target, offset, length);
        } catch (ContextException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Decompressors of hostile data fail in any way they like.
            IOException failure = body.failure();
            if (failure != null) {
                throw failure;
            }
            throw ContextException.invalid("The context's compressed data is broken: " + e.getMessage() + ".", e);
        }
    }

    @Override
    public void close() throws IOException {
        InputStream from = plain;
        if (from != null) {
            from.close();
        }
    }
}
