package io.slipway.image.registry;

import java.io.IOException;

/** Carries an error of our own disk through code that would take it for one of the network. */
final class LocalFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final IOException local;

    LocalFailure(IOException local) {
        super(local);
        this.local = local;
    }

    IOException local() {
        return local;
    }
}
