package io.slipway.db.webhook;

/** Somebody else works it off by now: nothing was written. */
public final class ClaimLostException extends RuntimeException {
    /** @param claimed the id of what was claimed */
    public ClaimLostException(String claimed) {
        super(claimed + " was claimed by somebody else");
    }
}
