package io.slipway.worker.snapshot;

import java.io.IOException;

/** Something belongs to a user or group for which this worker's user namespace has no id (user_namespaces(7)). */
public final class UnmappedOwnerException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * About something.
     *
     * @param what names it for a user
     */
    public UnmappedOwnerException(String what, long uid, long gid) {
        super(what + " belongs to " + uid + ":" + gid + ", which is beyond the ids that a build has here");
    }
}
