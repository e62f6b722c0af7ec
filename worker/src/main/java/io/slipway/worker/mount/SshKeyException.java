package io.slipway.worker.mount;

import java.io.IOException;

/** A private key that no agent takes; the message is for whoever gave it, and has nothing of the key. */
public final class SshKeyException extends IOException {
    private static final long serialVersionUID = 1L;

    SshKeyException(String message) {
        super(message);
    }
}
