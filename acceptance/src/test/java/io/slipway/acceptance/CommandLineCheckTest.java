package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.DevBuild;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.acceptance.fixture.TestFolder;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code ./dev build --check} says what the service says of a Dockerfile. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class CommandLineCheckTest {
    @RegisterExtension
    private static final TestFolder FOLDER = new TestFolder("slipway-check-");

    private final DevBuild dev = new DevBuild(FOLDER.path());

    @Test
    void checkPrintsWhatTheServiceAnswersAndBuildsNothing(TestBed bed) throws Exception {
        String dockerfile = """
                # VERSION of the base
                ARG VERSION=1
                # app the service
                FROM busybox:$VERSION AS App
                RUN --mount=type=secret,id=token true
                COPY a.log /
                LABEL path=$PTAH
                """;
        try (BuildContext context = BuildContext.of("FROM nowhere\n")
                .file("app.Dockerfile", dockerfile)
                .file(".dockerignore", "*.log\n")) {
            Path home = FOLDER.resolve("no-home");
            Process check = check(
                    home,
                    context,
                    "-f",
                    "app.Dockerfile",
                    "--build-arg",
                    "VERSION=1.35",
                    "--target=app",
                    "--registry-mirror",
                    "docker.io=" + bed.bases().url());
            String json = new String(check.getInputStream().readAllBytes(), UTF_8);
            assertThat(check.waitFor()).as(dev.log()).isZero();
            assertThat(dev.log()).isEmpty();
            assertThat(home).doesNotExist();

            ObjectNode question = JsonMapper.shared().createObjectNode();
            question.put("dockerfile", dockerfile).put("target", "app").put("ignore", "*.log\n");
            question.putObject("buildArg").put("VERSION", "1.35");
            JsonNode answer = bed.client()
                    .send(bed.client()
                            .request("/v1/dockerfiles/check")
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(question.toString())))
                    .json();
            assertThat(JsonMapper.shared().readTree(json)).isEqualTo(answer);
            assertThat(json)
                    .contains(
                            "busybox:1.35",
                            "did you mean $PATH",
                            "StageNameCasing",
                            "CopyIgnoredFile",
                            "the service",
                            "token");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    FROM scratch\\nCMD true                        | 0 | JSONArgsRecommended
                    '# check=error=true\\nFROM scratch\\nCMD true'  | 1 | build checks failed
                    FROM scratch\\nCOPPY a b                       | 1 | did you mean COPY?
                    """)
    void checkEndsWithOneIfThereIsAnError(String dockerfile, int status, String words) throws Exception {
        try (BuildContext context = BuildContext.of(dockerfile.replace("\\n", "\n"))) {
            Process check = check(FOLDER.resolve("no-home"), context);
            assertThat(new String(check.getInputStream().readAllBytes(), UTF_8)).contains(words);
            assertThat(check.waitFor()).as(dev.log()).isEqualTo(status);
        }
    }

    /** Starts {@code ./dev build --check}, which fails should it want namespaces; what it says beside the answer is the log. */
    private Process check(Path home, BuildContext context, String... options) throws IOException {
        Path programs = Files.createDirectories(FOLDER.resolve("programs"));
        Path unshare = programs.resolve("unshare");
        Files.writeString(unshare, "#!/bin/sh\necho no namespaces for a check >&2\nexit 97\n");
        Files.setPosixFilePermissions(unshare, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> arguments =
                new ArrayList<>(List.of("--check", context.folder().toString()));
        arguments.addAll(List.of(options));
        ProcessBuilder builder = dev.command(home, arguments);
        builder.environment().put("PATH", programs + ":" + System.getenv("PATH"));
        return builder.start();
    }
}
