package io.slipway.db.webhook;

/** What it means when a body comes again, under another id of the host's. */
public enum SameBody {
    /** It is the same delivery: each has a time in its body. */
    DUPLICATE,
    /** It may be another delivery, or one that somebody has seen and sends again: the id is not signed. */
    SUSPECT,
    /** It is another delivery: the id is signed. */
    ANOTHER
}
