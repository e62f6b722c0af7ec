package io.slipway.db.access;

/** What came of an attempt to make a project. */
public enum CreateOutcome {
    /** It is there. */
    CREATED,
    /** There is one of this name already. */
    EXISTS,
    /** There was one of this name; its name is not given again. */
    RETIRED
}
