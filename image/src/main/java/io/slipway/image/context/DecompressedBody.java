package io.slipway.image.context;

import io.slipway.image.compression.Decompression;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** What a body holds, whether it is compressed or not. Used by one thread. */
final class DecompressedBody extends InputStream {
    private final ReceivedBody body;
    private final String what;
    /** Opened by the first read, which may fail. */
    private @Nullable InputStream plain;

    /** @param what the compressed data, as the beginning of a sentence */
    DecompressedBody(ReceivedBody body, String what) {
        this.body = body;
        this.what = what;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** @throws ContextException if the compressed data is broken or ends early, or more comes than a limit allows */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
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
            throw ContextException.invalid(what + " is broken: " + e.getMessage() + ".", e);
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
