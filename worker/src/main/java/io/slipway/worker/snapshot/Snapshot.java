package io.slipway.worker.snapshot;

import io.slipway.worker.linux.Fd;

/**
 * An unpacked layer: a lower directory of overlays, with whiteouts and opaque directories in overlayfs's form. Never changes.
 * Held by descriptor, so that it may be renamed while it is in use.
 */
public final class Snapshot implements AutoCloseable {
    private final Fd directory;

    Snapshot(Fd directory) {
        this.directory = directory;
    }

    /** The snapshot's directory. */
    public Fd directory() {
        return directory;
    }

    @Override
    public void close() {
        directory.close();
    }
}
