package io.slipway.image.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Index;
import io.slipway.image.Manifest;
import io.slipway.image.Platform;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An image that is not asked for at a registry: its manifest for one platform. */
public final class LocalImage {
    private LocalImage() {}

    /** Reads a manifest or index. */
    @FunctionalInterface
    public interface Documents {
        byte[] read(Descriptor document) throws IOException;
    }

    /**
     * The manifest for a platform in an index, as {@link RegistryClient#resolve} would choose it; null if there is none.
     */
    public static @Nullable Descriptor choose(Index index, Platform platform) {
        return PlatformChoice.choose(index, platform);
    }

    /** The platforms of an index, for people. */
    public static String platforms(Index index) {
        return PlatformChoice.list(index);
    }

    /**
     * The manifest for a platform, as {@link RegistryClient#resolve} would choose it.
     *
     * @param named a manifest or an index
     * @return null if it is an index without one for that platform
     */
    public static @Nullable Manifest manifest(Descriptor named, Platform platform, Documents documents)
            throws IOException {
        byte[] document = documents.read(named);
        if (ImageDocuments.isManifest(named.mediaType())) {
            return ImageDocuments.readManifest(document);
        }
        Index index = ImageDocuments.readIndex(document);
        Descriptor chosen = PlatformChoice.choose(index, platform);
        return chosen == null ? null : ImageDocuments.readManifest(documents.read(chosen));
    }
}
