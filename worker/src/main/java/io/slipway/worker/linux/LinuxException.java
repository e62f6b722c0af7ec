package io.slipway.worker.linux;

import java.io.IOException;

/** A system call that failed. */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    LinuxException(String call, String subject, int errno) {
        super(call + " " + subject + ": " + Errno.message(errno));
        this.errno = errno;
    }

    /** The error number, such as {@link Errno#ENOENT}. */
    public int errno() {
        return errno;
    }
}
