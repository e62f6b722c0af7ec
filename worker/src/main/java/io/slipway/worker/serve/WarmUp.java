package io.slipway.worker.serve;

import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextLimits;
import io.slipway.image.context.ContextWriter;
import io.slipway.image.tar.TarEntry;
import io.slipway.protocol.BuildLimits;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.Claim;
import io.slipway.protocol.FetchSettings;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.Policy;
import io.slipway.protocol.SecretPolicy;
import io.slipway.protocol.StepBudget;
import io.slipway.worker.build.Workspace;
import io.slipway.worker.rehearsal.Counterpart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a few small builds, from the claim to the push, while there is nothing else to do, so that the classes of the real
 * one are loaded and linked when it comes: a JVM that has not built anything yet takes several tenths of a second for that. What
 * it makes is always the same few hundred bytes in the content store.
 */
final class WarmUp {
    private static final String BASE = "FROM scratch\nCOPY . /a/\n";
    private static final String APPLICATION = """
            FROM HOST/warm/up:0 AS build
            ARG a=1
            ENV b=$a
            WORKDIR /w
            COPY Dockerfile /x
            FROM HOST/warm/up:0
            COPY --from=build /x /y
            CMD ["/x"]
            """;
    /** Fails, because there is no program in the image; by then the runtime has been started. */
    private static final String RUN = "FROM HOST/warm/up:0\nRUN [\"/none\"]\n";

    /** Enough for the compiler to have seen to hashing, archives and system calls. */
    private static final int LARGE_BYTES = 2 * 1024 * 1024;

    private static final int SMALL_FILES = 400;
    private static final byte[] FILE = BASE.getBytes(StandardCharsets.UTF_8);

    private WarmUp() {}

    /**
     * Runs, in the work directory {@code WORKER-warm-up}, which the API removes if this process ends before it does. What fails here
     * will fail with a better message in the real build.
     *
     * @param waiting asked before each of the builds; what it has ends the warm-up
     * @return what {@code waiting} gave, or null
     */
    static @Nullable Claim run(Workspace workspace, String worker, Supplier<@Nullable Claim> waiting)
            throws InterruptedException {
        Claim early = waiting.get();
        if (early != null) {
            return early;
        }
        try (Counterpart counterpart = Counterpart.start()) {
            Path tar = workspace.newMemoryPath();
            try (ContextWriter writer = ContextArchive.create(tar, ContextLimits.none())) {
                writer.put(TarEntry.file("Dockerfile", 0644, FILE.length), new ByteArrayInputStream(FILE));
                writer.put(TarEntry.file("large", 0644, LARGE_BYTES), new ByteArrayInputStream(new byte[LARGE_BYTES]));
                for (int i = 0; i < SMALL_FILES; i++) {
                    writer.put(TarEntry.file("small/" + i, 0644, FILE.length), new ByteArrayInputStream(FILE));
                }
                writer.finish();
            }
            ApiClient api = new ApiClient(URI.create("http://" + counterpart.host()));
            List<Rehearsal> rehearsals = List.of(
                    new Rehearsal(BASE, true),
                    new Rehearsal(APPLICATION, true),
                    new Rehearsal(APPLICATION, false),
                    new Rehearsal(RUN, false));
            for (int i = 0; i < rehearsals.size() && early == null; i++) {
                counterpart.offer(spec(i, tar, rehearsals.get(i), counterpart.host()));
                Claim claim = Serve.claim(api, "");
                if (claim != null) {
                    workspace.begin(worker + "-warm-up", claim.spec().project());
                    Serve.build(api, workspace, claim);
                    workspace.end();
                }
                early = waiting.get();
            }
            ContextArchive.delete(tar);
        } catch (IOException | RuntimeException e) {
            System.err.println("the warm-up ended early: " + e);
        }
        return early;
    }

    private record Rehearsal(String dockerfile, boolean noCache) {}

    private static BuildSpec spec(int number, Path tar, Rehearsal rehearsal, String host) {
        return new BuildSpec(
                "warm-up",
                BuildSpec.WARM_UP_PROJECT,
                null,
                1,
                number,
                tar.toString(),
                null,
                Map.of(),
                "Dockerfile",
                rehearsal.dockerfile().replace("HOST", host),
                null,
                null,
                Map.of(),
                List.of(host + "/warm/up:" + number),
                Map.of(),
                Map.of(),
                List.of(),
                rehearsal.noCache(),
                false,
                NetworkMode.NONE,
                ImageFormat.OCI,
                LayerCompression.GZIP,
                null,
                LayerRule.INSTRUCTION,
                SecretPolicy.WARN,
                "0",
                10_000,
                null,
                StepBudget.ofMachine(),
                BuildLimits.NONE,
                true,
                List.of(),
                null,
                FetchSettings.unlimited(10_000),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                Policy.NONE);
    }
}
