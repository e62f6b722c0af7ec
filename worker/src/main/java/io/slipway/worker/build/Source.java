package io.slipway.worker.build;

import io.slipway.worker.cache.KeyHash;
import java.io.IOException;

/** What COPY takes files from, and what RUN mounts. */
sealed interface Source {
    /** A context of files, the build's own or a named one. What is left of owners and ignored files there is as in the build's own. */
    record Files(FileContext context) implements Source {
        @Override
        public void addTo(KeyHash key, String path) throws IOException {
            context.addTo(key, path);
        }
    }

    /** The files of a stage or an image. */
    record Image(ImageState image) implements Source {
        @Override
        public void addTo(KeyHash key, String path) throws IOException {
            key.add(image.lineage().digest().hex());
        }
    }

    /** Adds to a key what a part of it depends on; of an image that is all of it. */
    void addTo(KeyHash key, String path) throws IOException;
}
