package io.slipway.image.store;

import java.io.IOException;

/** A blob that was read while it was being written has been given up; whoever wrote it knows why. */
public final class BrokenOffException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenOffException() {
        super("the rest of the blob did not come");
    }
}
