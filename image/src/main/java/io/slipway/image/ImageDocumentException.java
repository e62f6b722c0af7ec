package io.slipway.image;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A manifest, index or image config that can't be used; the message says why, for people. */
public final class ImageDocumentException extends IOException {
    private static final long serialVersionUID = 1L;

    ImageDocumentException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
