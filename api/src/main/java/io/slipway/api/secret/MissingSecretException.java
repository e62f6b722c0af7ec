package io.slipway.api.secret;

import io.slipway.api.problem.ProblemException;

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

    /** A credential for a registry that can't be decrypted. */
    public static MissingSecretException credential(ProblemException problem) {
        return new MissingSecretException(
                "A registry credential of the project can't be decrypted: " + problem.getMessage(),
                "The service's operator gives it that key again, or somebody sets the credential anew.");
    }

    /** What to do about it. */
    public String hint() {
        return hint;
    }
}
