package io.slipway.db.access;

/** A build was submitted for a project that has as many builds in the queue as it may have. */
public final class QueueFullException extends RuntimeException {
    private final long most;

    /** @param most how many it may have */
    public QueueFullException(String project, long most) {
        super("project " + project + " has " + most + " builds in the queue, as many as it may have");
        this.most = most;
    }

    /** How many builds the project may have in the queue. */
    public long most() {
        return most;
    }
}
