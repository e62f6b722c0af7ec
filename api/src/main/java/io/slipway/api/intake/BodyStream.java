package io.slipway.api.intake;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A request's body that is counted as it comes, and remembers whether reading it failed: then the client is gone, and the disk is not to blame. */
final class BodyStream extends FilterInputStream {
    private final RunningUploads.Upload upload;
    private boolean broken;

    BodyStream(InputStream body, RunningUploads.Upload upload) {
        super(body);
        this.upload = upload;
    }

    /** Says whose it is, once somebody has checked that. */
    void belongsTo(String project) {
        upload.of(project);
    }

    /** Says that all of it has come. */
    void ended() {
        upload.close();
    }

    /** Whether the connection was cut while the body was read. */
    boolean isBroken() {
        return broken;
    }

    @Override
    public int read() throws IOException {
        try {
            return counted(super.read(), 1);
        } catch (IOException e) {
            broken = true;
            throw e;
        }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            int read = super.read(bytes, offset, length);
            return counted(read, read);
        } catch (IOException e) {
            broken = true;
            throw e;
        }
    }

    private int counted(int read, int bytes) {
        if (read >= 0) {
            upload.received(bytes);
        }
        return read;
    }

    /** Leaves the body open: it is the container's, which reads on after a refusal. */
    @Override
    public void close() {}
}
