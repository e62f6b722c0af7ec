package io.slipway.image.tar;

import java.io.IOException;

/** An archive that is no tar or a broken one. The message is a sentence that ends with the byte offset, for people. */
public final class TarException extends IOException {
    private static final long serialVersionUID = 1;

    private final long offset;
    private final boolean notATar;

    private TarException(String message, long offset, boolean notATar) {
        super(message + " (at byte " + offset + ")");
        this.offset = offset;
        this.notATar = notATar;
    }

    /** The archive began well but has a fault at {@code offset}. */
    static TarException malformed(String message, long offset) {
        return new TarException(message, offset, false);
    }

    /** The stream does not begin like a tar. */
    static TarException notATar(String message) {
        return new TarException(message, 0, true);
    }

    /** Where in the tar stream the fault is: bytes from its beginning. */
    public long offset() {
        return offset;
    }

    /** Whether this is no tar at all, rather than a broken one. */
    public boolean isNotATar() {
        return notATar;
    }
}
