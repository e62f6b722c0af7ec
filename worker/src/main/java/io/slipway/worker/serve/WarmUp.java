package io.slipway.worker.serve;

import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextLimits;
import io.slipway.image.context.ContextWriter;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.registry.RegistrySettings;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.EventBatch;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.WireJson;
import io.slipway.worker.build.Build;
import io.slipway.worker.build.Workspace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Walks through a small build while there is nothing else to do, so that the classes of the real one are loaded when it comes: a
 * JVM that has not built anything yet takes several tenths of a second for that. What it makes is always the same few hundred
 * bytes in the content store.
 */
final class WarmUp {
    private static final String DOCKERFILE = """
            FROM scratch AS base
            ARG a=1
            ENV b=$a
            WORKDIR /w
            COPY Dockerfile /x
            FROM base
            COPY --from=base /x /y
            CMD ["/x"]
            """;
    private static final byte[] TEXT = DOCKERFILE.getBytes(StandardCharsets.UTF_8);

    private WarmUp() {}

    /** Runs; what fails here will fail with a better message in the real build. */
    static void run(Workspace workspace) {
        try {
            Path tar = workspace.newMemoryPath();
            try (ContextWriter writer = ContextArchive.create(tar, ContextLimits.none())) {
                writer.put(TarEntry.file("Dockerfile", 0644, TEXT.length), new ByteArrayInputStream(TEXT));
                writer.finish();
            }
            ConcurrentLinkedQueue<BuildEvent> events = new ConcurrentLinkedQueue<>();
            new Build(workspace, spec(tar), events::add).run();
            ContextArchive.delete(tar);
            byte[] json = WireJson.MAPPER.writeValueAsBytes(new EventBatch(1, 1, List.copyOf(events)));
            WireJson.MAPPER.readValue(json, EventBatch.class);
            askRegistry(workspace);
        } catch (IOException | RuntimeException e) {
            System.err.println("the warm-up ended early: " + e);
        }
    }

    /** Nobody answers at port 1 of this machine; everything up to the connection is walked through. */
    private static void askRegistry(Workspace workspace) throws IOException {
        RegistrySettings once = new RegistrySettings(
                Map.of(), null, Duration.ofMillis(200), Duration.ofMillis(200), 1, Duration.ofMillis(1), 1);
        try {
            new RegistryClient(once, ContentStore.at(workspace.home().resolve("store")))
                    .resolve(ImageReference.parse("127.0.0.1:1/warm/up"), Platform.local());
        } catch (io.slipway.image.registry.RegistryException e) {
            // As it should be.
        }
    }

    private static BuildSpec spec(Path tar) {
        return new BuildSpec(
                "warm-up",
                "warm-up",
                1,
                0,
                tar.toString(),
                "Dockerfile",
                DOCKERFILE,
                null,
                Map.of(),
                List.of(),
                Map.of(),
                Map.of(),
                null,
                true,
                false,
                NetworkMode.NONE,
                ImageFormat.OCI,
                LayerCompression.GZIP,
                null,
                0L,
                10_000,
                false,
                List.of());
    }
}
