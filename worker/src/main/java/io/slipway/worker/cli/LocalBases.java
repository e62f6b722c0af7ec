package io.slipway.worker.cli;

import io.slipway.dockerfile.check.BaseImage;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.image.ImageConfig;
import io.slipway.image.ImageConfig.ContainerConfig;
import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.registry.RegistrySettings;
import io.slipway.image.store.ContentStore;
import io.slipway.worker.snapshot.Trees;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What registries say of base images, for a check that has no store. Not thread-safe. */
final class LocalBases implements Closeable {
    /** Somebody waits for the answer, and does without what takes longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Platform platform;
    private final Path folder;
    private final RegistryClient registries;

    /**
     * @param platform what is built for
     */
    LocalBases(RegistrySettings settings, Platform platform) throws IOException {
        this.platform = platform;
        this.folder = Files.createTempDirectory("slipway-check-");
        RegistrySettings once =
                new RegistrySettings(settings.hosts(), settings.caFile(), PATIENCE, PATIENCE, 1, Duration.ZERO, 1);
        this.registries = new RegistryClient(once, ContentStore.at(folder));
    }

    /** The image that a stage starts from; empty for a named context, and for what is not there or may not be read. */
    Optional<BaseImage> find(ResolvedStage stage) {
        if (!(stage.base() instanceof Reference.OfImage(String name))) {
            return Optional.empty();
        }
        Platform wanted = stage.platform() == null
                ? platform
                : Platform.parse(stage.platform().toString());
        try {
            ImageConfig image = registries.config(ImageReference.parse(name), wanted);
            ContainerConfig config = image.configOrEmpty();
            return Optional.of(BaseImage.of(
                    BaseImage.environment(config.env()),
                    config.onBuild(),
                    config.shell(),
                    image.platform().toString()));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        Trees.delete(folder);
    }
}
