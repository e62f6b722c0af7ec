package io.slipway.worker.cli;

import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.OutlineRequest;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.image.Platform;
import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code build --check DIR}: what the service's {@code POST /v1/dockerfiles/check} answers, of a file; needs no namespaces and no store. */
final class LocalCheck {
    private LocalCheck() {}

    /**
     * Prints the outline as JSON.
     *
     * @return the exit status: 0 if it can be built, as far as can be said without building it, 1 otherwise
     */
    static int run(
            LocalDockerfile dockerfile,
            @Nullable String target,
            Map<String, String> buildArguments,
            Set<String> contexts,
            String platform,
            PrintStream out)
            throws IOException {
        PlatformName here = PlatformName.parse(Platform.local().toString());
        Outline outline = Outliner.outline(
                dockerfile.text(),
                new OutlineRequest(
                        buildArguments, target, PlatformName.parse(platform), here, contexts, dockerfile.ignored()));
        String json = WireJson.WITHOUT_NULLS.writerWithDefaultPrettyPrinter().writeValueAsString(outline);
        out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return outline.refused() ? 1 : 0;
    }
}
