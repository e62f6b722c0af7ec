package io.slipway.image.context;

import java.io.IOException;

/** A context does not fit on the disk without taking what has to stay free. */
public final class DiskReserveException extends IOException {
    private static final long serialVersionUID = 1L;

    DiskReserveException(long free) {
        super("The disk has only " + free + " bytes free.");
    }
}
