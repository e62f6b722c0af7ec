package io.slipway.worker.build;

import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.registry.ResolvedImage;
import io.slipway.protocol.BuildEvent;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What names of base images mean in one build. Each is asked for once: a tag that moves meanwhile cannot give one build two images, nor
 * its platforms images of two versions. Thread-safe.
 */
final class PinnedNames {
    private final RegistryClient registry;
    private final StepLog log;
    private final Map<ImageReference, CompletableFuture<ImageReference>> pinned = new ConcurrentHashMap<>();

    PinnedNames(RegistryClient registry, StepLog log) {
        this.registry = registry;
        this.log = log;
    }

    /** The image of a name for a platform. */
    ResolvedImage resolve(ImageReference name, Platform platform) throws IOException {
        CompletableFuture<ImageReference> mine = new CompletableFuture<>();
        CompletableFuture<ImageReference> known = pinned.putIfAbsent(name, mine);
        if (known != null) {
            return registry.resolve(Awaited.of(known), platform);
        }
        try {
            ResolvedImage image = registry.resolve(name, platform);
            log.emit(new BuildEvent.BaseResolved(
                    Instant.now(),
                    name.familiarName(),
                    name.canonicalName(),
                    String.valueOf(image.reference().digest())));
            mine.complete(image.reference());
            return image;
        } catch (IOException | RuntimeException e) {
            mine.completeExceptionally(e);
            throw e;
        }
    }
}
