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

    /**
     * Of something that is there and can't be decrypted: its key is not known, or it was changed.
     *
     * @param what the subject of a sentence
     */
    public static MissingSecretException unreadable(String what, RuntimeException cause) {
        MissingSecretException unreadable = new MissingSecretException(
                what + " can't be decrypted: " + cause.getMessage(),
                "The service's operator gives it the key again, or somebody sets it anew.");
        unreadable.initCause(cause);
        return unreadable;
    }

    /** What to do about it. */
    public String hint() {
        return hint;
    }
}
