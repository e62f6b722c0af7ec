package io.slipway.db.access;

/** What came of an attempt to delete a project. */
public enum DeleteOutcome {
    /** Nobody sees it any more. */
    DELETED,
    /** Builds of it are queued or running; nothing was changed. */
    BUSY,
    /** There is none. */
    UNKNOWN
}
