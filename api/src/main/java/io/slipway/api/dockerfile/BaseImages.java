package io.slipway.api.dockerfile;

import io.slipway.api.registry.RegistryClients;
import io.slipway.dockerfile.check.BaseImage;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.image.ImageConfig;
import io.slipway.image.ImageConfig.ContainerConfig;
import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.registry.RegistryClient;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What the registries say of the images that a Dockerfile starts from, as far as they say it at once. Thread-safe. */
@Component
final class BaseImages {
    /** For all bases of a Dockerfile together: somebody waits for the answer, and does without what takes longer. */
    private static final Duration MOST_TIME = Duration.ofSeconds(5);

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final RegistryClients clients;

    BaseImages(RegistryClients clients) {
        this.clients = clients;
    }

    /**
     * The base images of one Dockerfile; empty for named contexts and for what is not there, may not be read or takes too long.
     *
     * @param target what is built for
     * @param project in whose name the registries are asked, or null for the service's
     */
    Function<ResolvedStage, Optional<BaseImage>> of(PlatformName target, @Nullable String project) {
        RegistryClient registries = clients.of(project);
        long end = System.nanoTime() + MOST_TIME.toNanos();
        Map<String, Optional<BaseImage>> known = new HashMap<>();
        return stage -> {
            if (!(stage.base() instanceof Reference.OfImage(String name))) {
                return Optional.empty();
            }
            PlatformName platform = stage.platform() == null ? target : stage.platform();
            return known.computeIfAbsent(
                    name + " " + platform, _ -> find(registries, name, Platform.parse(platform.toString()), end));
        };
    }

    private Optional<BaseImage> find(RegistryClient registries, String name, Platform platform, long end) {
        Future<ImageConfig> answer = executor.submit(() -> registries.config(ImageReference.parse(name), platform));
        try {
            ImageConfig image = answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            ContainerConfig config = image.configOrEmpty();
            return Optional.of(BaseImage.of(
                    BaseImage.environment(config.env()),
                    config.onBuild(),
                    config.shell(),
                    image.platform().toString()));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            answer.cancel(true);
        }
    }

    @PreDestroy
    void stop() {
        executor.shutdownNow();
    }
}
