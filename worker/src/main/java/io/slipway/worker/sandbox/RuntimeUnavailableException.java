package io.slipway.worker.sandbox;

import java.io.IOException;

/** An OCI runtime that is not there or can't be started. */
public final class RuntimeUnavailableException extends IOException {
    private static final long serialVersionUID = 1;

    RuntimeUnavailableException(String program, IOException cause) {
        super("the OCI runtime " + program + " can't be started on the build machine", cause);
    }
}
