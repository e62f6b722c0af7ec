package io.slipway.worker.rootfs;

import java.io.IOException;

/** What is in a root file system does not let an instruction be carried out; the message is for the Dockerfile's author. */
public final class RootException extends IOException {
    private static final long serialVersionUID = 1L;

    RootException(String message) {
        super(message);
    }
}
