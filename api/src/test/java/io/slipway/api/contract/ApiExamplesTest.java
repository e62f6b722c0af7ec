package io.slipway.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.CheckedForward;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples of docs/api.md that are marked for it, in the directory of a small context. */
@ExtendWith(ServiceExtension.class)
final class ApiExamplesTest {
    private static final Pattern EXAMPLE = Pattern.compile("<!-- run -->\n```sh\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory;

    @TestFactory
    Stream<DynamicTest> examplesDoWhatTheySay(RunningService service) throws IOException {
        Path context = Files.createDirectory(directory.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
        return EXAMPLE.matcher(Files.readString(Path.of("../docs/api.md")))
                .results()
                .map(example -> example.group(1))
                .map(script -> DynamicTest.dynamicTest(
                        script.lines().findFirst().orElse(""), () -> run(script, context, service)));
    }

    private static void run(String script, Path context, RunningService service)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(context.toFile())
                .redirectErrorStream(true);
        try (CheckedForward way = new CheckedForward(service.url())) {
            builder.environment().put("URL", way.url());
            builder.environment().put("TOKEN", service.token());
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            assertThat(output)
                    .containsAnyOf(
                            "bld_", "\"problems\":[", "slp_", "tok_", "idn_", "trg_", "\"deliveries\":[", "304\n");
        }
    }
}
