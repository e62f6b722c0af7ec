package io.slipway.api.intake;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A request's body that remembers whether reading it failed: then the client is gone, and the disk is not to blame. */
final class BodyStream extends FilterInputStream {
    private boolean broken;

    BodyStream(InputStream body) {
        super(body);
    }

    /** Whether the connection was cut while the body was read. */
    boolean isBroken() {
        return broken;
    }

    @Override
    public int read() throws IOException {
        try {
            return super.read();
        } catch (IOException e) {
            broken = true;
            throw e;
        }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            return super.read(bytes, offset, length);
        } catch (IOException e) {
            broken = true;
            throw e;
        }
    }

    /** Leaves the body open: it is the container's, which reads on after a refusal. */
    @Override
    public void close() {}
}
