package io.slipway.worker.sandbox;

/** A machine that cannot run the programs of a platform. */
public final class EmulationException extends Exception {
    private static final long serialVersionUID = 1;

    private final String hint;

    EmulationException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    /** What can be done about it. */
    public String hint() {
        return hint;
    }
}
