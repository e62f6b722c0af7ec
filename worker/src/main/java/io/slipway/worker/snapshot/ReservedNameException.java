package io.slipway.worker.snapshot;

import io.slipway.image.layer.Whiteout;
import io.slipway.image.tar.FileName;
import java.io.IOException;

/** A file has a name that means the absence of another in a layer, so that no layer can hold it. */
public final class ReservedNameException extends IOException {
    private static final long serialVersionUID = 1L;

    /** About the file of this path. */
    public ReservedNameException(String path) {
        super("/" + FileName.display(path) + " cannot be in an image: layers keep names that begin with "
                + Whiteout.PREFIX + " for themselves");
    }
}
