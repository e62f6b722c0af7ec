package io.slipway.api.registry;

import io.slipway.api.build.BuildSettings;
import io.slipway.db.build.Build;
import io.slipway.image.Descriptor;
import io.slipway.image.ImageReference;
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
    private final RegistryClients registries;

    BaseLayers(RegistryClients registries, ContentStore store) {
        this.store = store;
        this.registries = registries;
    }

    /** Whether a layer of a build's image can most likely be had. */
    boolean isKnown(Build build, Descriptor layer) throws IOException {
        ContentStore own = heldFor(build);
        return own.contains(layer) || own.origin(layer.digest()) != null;
    }

    /**
     * Brings a layer of a build's image into the content store, with the project's credentials, unless it is there and the build's tenant has it: that it
     * names somebody else's in its image does not give it that.
     *
     * @throws NoSuchFileException if nobody says where it can be had
     * @throws io.slipway.image.registry.RegistryException if it is not to be had there now
     */
    void require(Build build, Descriptor layer) throws IOException {
        ContentStore own = heldFor(build);
        if (own.use(layer)) {
            return;
        }
        ImageReference origin = own.origin(layer.digest());
        if (origin == null) {
            throw new NoSuchFileException(layer.digest().toString());
        }
        registries.of(build.project(), own).pull(origin, layer);
    }

    /**
     * {@link #require} for everything that an image consists of.
     *
     * @param image its manifest, which must be in the store
     */
    public void requireAll(Build build, Descriptor image) throws IOException {
        for (Descriptor blob : ImageBlobs.missing(heldFor(build), image)) {
            require(build, blob);
        }
    }

    private ContentStore heldFor(Build build) {
        return store.heldBy(BuildSettings.of(build).scope(build.project()).tenant());
    }
}
