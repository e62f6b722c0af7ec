package io.slipway.api.secret;

/** A build can't get a secret that it names. */
public final class MissingSecretException extends Exception {
    private final String hint;

    /**
     * @param message what is wrong with which secret
     * @param hint what to do about it
     */
    MissingSecretException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    /** What to do about it. */
    public String hint() {
        return hint;
    }
}
