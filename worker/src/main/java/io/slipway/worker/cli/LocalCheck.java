package io.slipway.worker.cli;

import io.slipway.dockerfile.Beginning;
import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.check.CheckReport;
import io.slipway.dockerfile.check.CheckRequest;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.check.Warning;
import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.OutlineRequest;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.FileSize;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.image.Platform;
import io.slipway.image.registry.RegistrySettings;
import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the service says of a Dockerfile before it builds it, of a file; needs no namespaces and no store. */
final class LocalCheck {
    private LocalCheck() {}

    /**
     * What is wrong with the Dockerfile, with line and column, as the service answers it to {@code POST /v1/builds}; null when it can be
     * built, as far as can be said without building it. A build that is not begun tells its warnings here.
     *
     * @param platforms what is built for; none: this machine's
     */
    static @Nullable Refusal refusal(
            LocalDockerfile file,
            @Nullable String target,
            Map<String, String> buildArguments,
            Set<String> contexts,
            List<String> platforms) {
        DockerfileException tooLarge = FileSize.refusal(file.text().length);
        if (tooLarge != null) {
            return new Refusal(List.of(), tooLarge);
        }
        String text = new String(file.text(), StandardCharsets.UTF_8);
        PlatformName here = PlatformName.parse(Platform.local().toString());
        Beginning beginning = Beginning.of(text);
        Dockerfile dockerfile = beginning.dockerfile();
        if (beginning.refusal() != null) {
            return refusal(Checks.refused(dockerfile, buildArguments, beginning.refusal()), text);
        }
        for (String platform : platforms.isEmpty() ? List.of(here.toString()) : platforms) {
            Refusal refusal = refusal(
                    Checks.check(new CheckRequest(
                            dockerfile,
                            buildArguments,
                            target,
                            PlatformName.parse(platform),
                            here,
                            contexts,
                            _ -> Optional.empty(), // bases are resolved by the build
                            file.ignored())),
                    text);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    /**
     * Why nothing is built.
     *
     * @param warnings what else was found up to there
     */
    record Refusal(List<Warning> warnings, DockerfileException error) {}

    private static @Nullable Refusal refusal(CheckReport report, String text) {
        return report.refusal() == null
                ? null
                : new Refusal(report.warnings(), report.refusal().in(text));
    }

    /**
     * {@code build --check DIR}: asks registries what the base images set, and prints the outline as JSON, as {@code POST /v1/dockerfiles/check} answers.
     *
     * @return the exit status: 0 if it can be built, as far as can be said without building it, 1 otherwise
     */
    static int run(
            LocalDockerfile dockerfile,
            @Nullable String target,
            Map<String, String> buildArguments,
            Set<String> contexts,
            String platform,
            RegistrySettings registries,
            PrintStream out)
            throws IOException {
        PlatformName here = PlatformName.parse(Platform.local().toString());
        OutlineRequest request = new OutlineRequest(
                buildArguments, target, PlatformName.parse(platform), here, contexts, dockerfile.ignored());
        Outline outline;
        try (LocalBases bases = new LocalBases(registries, Platform.parse(platform))) {
            outline = Outliner.outline(dockerfile.text(), request, bases::find);
        }
        String json = WireJson.WITHOUT_NULLS.writerWithDefaultPrettyPrinter().writeValueAsString(outline);
        out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return outline.refused() ? 1 : 0;
    }
}
