package io.slipway.worker.snapshot;

import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import java.io.IOException;

/** Something belongs to a user or group for which this worker's user namespace has no id (user_namespaces(7)). */
public final class UnmappedOwnerException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * About something.
     *
     * @param what names it for a user
     */
    private UnmappedOwnerException(String what, long uid, long gid) {
        super(what + " belongs to " + uid + ":" + gid + ", which is beyond the ids that a build has here");
    }

    /**
     * Changes who owns a file, or says that it can't.
     *
     * @param what names it for a user
     */
    public static void chown(Fd directory, String name, String what, long uid, long gid) throws IOException {
        try {
            Linux.chown(directory, name, (int) uid, (int) gid);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EINVAL) {
                throw new UnmappedOwnerException(what, uid, gid);
            }
            throw e;
        }
    }
}
