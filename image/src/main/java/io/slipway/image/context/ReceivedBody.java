package io.slipway.image.context;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** What is received, counted. Closing it leaves the stream beneath open: that is whose it came from. */
final class ReceivedBody extends InputStream {
    private final InputStream in;
    private final long mostBytes;
    private long count;
    private @Nullable IOException failure;

    ReceivedBody(InputStream in, long mostBytes) {
        this.in = in;
        this.mostBytes = mostBytes;
    }

    /** How many bytes came. */
    long count() {
        return count;
    }

    /** Why the stream could not be read, or null: such a failure is not the content's fault. */
    @Nullable
    IOException failure() {
        return failure;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** @throws ContextException if more comes than the limit */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int got;
        try {
            got = in.read(target, offset, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        if (got > 0) {
            count += got;
            if (count > mostBytes) {
                throw ContextException.tooLarge("The context has more than " + mostBytes + " bytes.");
            }
        }
        return got;
    }
}
