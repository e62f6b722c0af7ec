package io.slipway.worker.serve;

import io.slipway.image.context.ContextArchive;
import io.slipway.protocol.BuildLimits;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.FetchSettings;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.Policy;
import io.slipway.protocol.SecretPolicy;
import io.slipway.protocol.StepBudget;
import io.slipway.worker.rehearsal.Counterpart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * {@code train FOLDER}: the life of a worker several times over in one process, from the claim to the push, so that the JVM can
 * note which classes, lambdas and hot methods that takes (JEP 483, JEP 514, JEP 515).
 */
public final class Training {
    private static final String BASE = "FROM scratch\nCOPY root/ /\nCMD [\"sh\"]\n";
    private static final String APPLICATION = """
            ARG VERSION=1
            FROM HOST/training/base:1 AS build
            ARG VERSION
            ENV A=$VERSION B="two words"
            WORKDIR /work
            COPY . .
            RUN echo one >one
            RUN --network=none echo ${A:-none}; echo two >two; echo three >&2
            RUN <<END
            echo four >four
            END
            FROM HOST/training/base:1
            LABEL a=b
            COPY --from=build /work/one /work/two /copied/
            COPY --chown=1:1 --chmod=0755 root/bin /other/
            ADD root/bin/sh /added
            RUN echo five >/copied/one
            EXPOSE 80/tcp
            VOLUME /data
            USER 1:1
            ENTRYPOINT ["sh"]
            CMD ["-c", "echo"]
            """;

    private Training() {}

    /**
     * Trains.
     *
     * @param folder has {@code context/root}: a shell as {@code /bin/sh}, with all it needs
     * @param environment as {@link Serve} takes it; API and home are this class's own
     * @return the exit status: 0 when every build was served
     */
    public static int run(Path folder, Map<String, String> environment) throws IOException, InterruptedException {
        Path tar = folder.resolve("context.tar");
        ContextArchive.pack(folder.resolve("context"), _ -> false, tar);
        try (Counterpart counterpart = Counterpart.start()) {
            String host = counterpart.host();
            int status = 0;
            counterpart.offer(build(1, tar, BASE, host + "/training/base:1", false));
            status |= serve(folder.resolve("base-home"), host, environment);
            Path home = folder.resolve("application-home");
            // From nothing, then once more without looking at the cache, then all from the cache.
            List<Boolean> noCache = List.of(false, true, true, false);
            for (int i = 0; i < noCache.size(); i++) {
                String tag = host + "/training/application:" + i;
                counterpart.offer(build(i + 2, tar, APPLICATION.replace("HOST", host), tag, noCache.get(i)));
                status |= serve(home, host, environment);
            }
            return status;
        }
    }

    private static int serve(Path home, String host, Map<String, String> environment)
            throws IOException, InterruptedException {
        Map<String, String> own = new java.util.HashMap<>(environment);
        own.put("SLIPWAY_API", "http://" + host);
        own.put("SLIPWAY_WORKER_TOKEN", "token");
        own.put("SLIPWAY_HOME", Files.createDirectories(home).toString());
        return Serve.run(own);
    }

    private static BuildSpec build(int number, Path tar, String dockerfile, String tag, boolean noCache) {
        return new BuildSpec(
                "training-" + number,
                "training",
                null,
                1,
                number,
                tar.toString(),
                null,
                Map.of(),
                "Dockerfile",
                dockerfile,
                null,
                null,
                Map.of("VERSION", "2"),
                List.of(tag),
                Map.of("label", "value"),
                Map.of(),
                List.of(),
                noCache,
                false,
                NetworkMode.DEFAULT,
                ImageFormat.OCI,
                LayerCompression.GZIP,
                null,
                LayerRule.INSTRUCTION,
                SecretPolicy.WARN,
                null,
                Duration.ofMinutes(2).toMillis(),
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
