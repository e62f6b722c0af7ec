package io.slipway.image.layer;

import io.slipway.image.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a layer that is going to be written, and where its content comes from.
 *
 * @param header what the tar says of it
 * @param content opens the content, or null if it has none: anything but a file, or an empty one
 */
public record LayerEntry(TarEntry header, @Nullable Content content) {
    /** A file's content, opened when its turn comes. */
    @FunctionalInterface
    public interface Content {
        /** A stream of at least {@code header.size()} bytes, which the caller closes. */
        InputStream open() throws IOException;
    }

    public LayerEntry {
        if (content == null && header.size() > 0) {
            throw new IllegalArgumentException("a file of %d bytes without content".formatted(header.size()));
        }
    }

    /** An entry without content. */
    public static LayerEntry of(TarEntry header) {
        return new LayerEntry(header, null);
    }
}
