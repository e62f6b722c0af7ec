package io.slipway.worker.build;

import io.slipway.image.tar.TarEntry;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.RootSource;
import io.slipway.worker.copy.SourceTree;
import io.slipway.worker.rootfs.RootTree;
import java.io.IOException;

/** What COPY takes files from, and what RUN mounts. */
sealed interface Source {
    /** A context of files, the build's own or a named one. What is left of owners and ignored files there is as in the build's own. */
    record Files(FileContext context) implements Source {
        @Override
        public void addTo(KeyHash key, String path) throws IOException {
            context.addTo(key, path);
        }

        @Override
        public boolean isOfStage() {
            return false;
        }
    }

    /** The files of a stage or an image. */
    record Image(ImageState image) implements Source {
        @Override
        public void addTo(KeyHash key, String path) throws IOException {
            key.add(image.lineage().digest().hex());
        }

        @Override
        public boolean isOfStage() {
            return !image.lineage().isOfBase();
        }

        /** Adds the content of a part to a key, and not how it came about. */
        void addContentTo(KeyHash key, String path, Session session) throws IOException {
            try (RootTree root = session.openRoot(image.layers())) {
                RootSource tree = new RootSource(root);
                FileContext.addTo(key, tree, path);
                // Of what is copied into a directory its own attributes do not matter; where it is mounted they show.
                SourceTree.Node mounted = tree.find(RootTree.clean(path));
                if (mounted != null) {
                    TarEntry own = mounted.entry();
                    key.add(own.mode())
                            .add(own.uid())
                            .add(own.gid())
                            .add(own.xattrs().size());
                    own.xattrs().forEach((name, value) -> key.add(name).add(value));
                }
            }
        }
    }

    /** Whether some step of this build made it: its content may be the same although the step, or what it ran on, was another one. */
    boolean isOfStage();

    /** Adds to a key what a part of it depends on; of an image that is all of it. */
    void addTo(KeyHash key, String path) throws IOException;
}
