package io.slipway.worker.serve;

/** The build belongs to another worker now, or to none: whatever this one still does would be wrong. */
final class LeaseLostException extends Exception {
    private static final long serialVersionUID = 1L;

    LeaseLostException(String message) {
        super(message);
    }
}
