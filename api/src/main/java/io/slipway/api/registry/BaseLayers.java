package io.slipway.api.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageReference;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.store.ContentStore;
import io.slipway.image.store.ImageBlobs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.springframework.stereotype.Component;

/**
 * Layers of built images that no build has needed the files of: they are at the base's registry still, and fetched when somebody wants
 * them. Thread-safe.
 */
@Component
public final class BaseLayers {
    private final ContentStore store;
    private final RegistryClient registries;

    BaseLayers(RegistryClient registries, ContentStore store) {
        this.store = store;
        this.registries = registries;
    }

    /**
     * Brings a layer into the content store unless it is there.
     *
     * @throws NoSuchFileException if nobody says where it can be had
     * @throws io.slipway.image.registry.RegistryException if it is not to be had there now
     */
    public void require(Descriptor layer) throws IOException {
        if (store.use(layer)) {
            return;
        }
        ImageReference origin = store.origin(layer.digest());
        if (origin == null) {
            throw new NoSuchFileException(layer.digest().toString());
        }
        registries.pull(origin, layer);
    }

    /**
     * {@link #require} for everything that an image consists of.
     *
     * @param image its manifest, which must be in the store
     */
    public void requireAll(Descriptor image) throws IOException {
        for (Descriptor blob : ImageBlobs.missing(store, image)) {
            require(blob);
        }
    }
}
