package io.slipway.db.access;

/** There is no project of the name that something was to belong to: there never was, or it has just been deleted. */
public final class NoSuchProjectException extends RuntimeException {
    /** @param project the name */
    public NoSuchProjectException(String project) {
        super("there is no project " + project);
    }
}
