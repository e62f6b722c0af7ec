package io.slipway.worker.snapshot;

import io.slipway.image.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;

/** Takes the entries of a layer in order. */
@FunctionalInterface
public interface EntrySink {
    /**
     * Takes an entry.
     *
     * @param entry its name is relative and clean, its parents came before it or exist below
     * @param content the file's bytes, exactly {@code entry.size()} of them; empty for what is no file. The caller closes it
     */
    void add(TarEntry entry, InputStream content) throws IOException;
}
