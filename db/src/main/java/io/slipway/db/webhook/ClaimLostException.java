package io.slipway.db.webhook;

/** Somebody else works a delivery off by now: nothing was written. */
public final class ClaimLostException extends RuntimeException {
    /** @param delivery its id */
    public ClaimLostException(String delivery) {
        super("the delivery " + delivery + " was claimed by somebody else");
    }
}
