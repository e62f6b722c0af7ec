package io.slipway.db.access;

/** A request took longer than its hold on its idempotency key, and another one has the key by now: nothing was written. */
public final class HoldLostException extends RuntimeException {
    /** @param key the idempotency key */
    public HoldLostException(String key) {
        super("the idempotency key " + key + " is held by another request");
    }
}
