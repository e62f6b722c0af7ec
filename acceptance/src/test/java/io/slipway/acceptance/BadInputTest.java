package io.slipway.acceptance;

import static io.slipway.acceptance.fixture.BuildSteps.assertNothingRan;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.LyingRegistry;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.image.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Whatever is wrong is said plainly, with a code for machines, and nothing is kept of it. */
@ExtendWith(TestBed.Extension.class)
@Isolated("counts the builds of the service that others use too")
final class BadInputTest {
    @Test
    void anUnknownOptionIsRefusedWithTheNearestName(TestBed bed) {
        try (BuildContext context = BuildContext.of("FROM scratch\n")) {
            Answer answer = bed.client().post(context.tar(), "application/x-tar", "tagg", "x");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
            assertThat(answer.body()).contains("tagg").contains("\"tag\"".replace("\"", ""));
        }
    }

    @Test
    void aBodyThatIsNoTarIs422(TestBed bed) {
        Answer answer = bed.client().post(BodyPublishers.ofString("no tar at all, ".repeat(100)), "application/x-tar");
        assertContextInvalid(answer, "The context is no tar");
    }

    @Test
    void aTarThatEndsEarlyIs422(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY a /a\n").file("a", "x".repeat(100_000))) {
            byte[] tar = Files.readAllBytes(context.tarFile());
            byte[] half = Arrays.copyOf(tar, tar.length / 2);
            Answer answer = bed.client().post(BodyPublishers.ofByteArray(half), "application/x-tar");
            assertContextInvalid(answer, "ends");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a name with dots, 's=x=../../escape=', ../../escape",
        "an absolute name, 's=x=/tmp/escape=', /tmp/escape",
    })
    void anEntryThatEscapesTheContextIs422(String kind, String transform, String sentence, TestBed bed)
            throws IOException {
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY . /\n").file("x", "x")) {
            Path tar = context.scratch().resolve("bad.tar");
            Programs.run(
                    "tar",
                    "-P",
                    "-C",
                    context.folder().toString(),
                    "--transform=" + transform,
                    "-cf",
                    tar.toString(),
                    "Dockerfile",
                    "x");
            Answer answer = bed.client().post(BodyPublishers.ofFile(tar), "application/x-tar");
            assertContextInvalid(answer, sentence);
        }
    }

    @Test
    void aHardLinkToTheOutsideIs422(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY . /\n")
                .file("x", "x")
                .shell("ln x y; tar -P --transform='flags=h;s=x=../../etc/passwd=' -cf ../bad.tar Dockerfile x y")) {
            Answer answer = bed.client()
                    .post(BodyPublishers.ofFile(context.folder().resolveSibling("bad.tar")), "application/x-tar");
            assertContextInvalid(answer, "The hard link \"y\": its target \"../../etc/passwd\"");
        }
    }

    @Test
    void aContextWithoutADockerfileIs422(TestBed bed) {
        try (BuildContext context = BuildContext.of("x").shell("mv Dockerfile other")) {
            Answer answer = bed.client().post(context.tar(), "application/x-tar");
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.body()).contains("Dockerfile");
        }
    }

    @Test
    void aMistakeInTheDockerfileIs422WithItsLine(TestBed bed) {
        try (BuildContext context = BuildContext.of("FROM scratch\nLABEL a=b\nCOPPY a b\n")) {
            Answer answer = bed.client().post(context.tar(), "application/x-tar");
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.json().get("line").asInt()).isEqualTo(3);
            assertThat(answer.body()).contains("COPY");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"RUN --network=host true", "RUN --security=insecure true", "RUN --device=vendor/class true"})
    void whatNoBuildIsGivenIs422WithItsLine(String instruction, TestBed bed) {
        try (BuildContext context = BuildContext.of("FROM scratch\n" + instruction + "\n")) {
            Answer answer = bed.client().post(context.tar(), "application/x-tar");
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.json().get("line").asInt()).isEqualTo(2);
            assertThat(answer.json().get("detail").asString()).contains("not allowed");
        }
    }

    @Test
    void withoutTheRightTokenItIs401(TestBed bed) {
        assertThat(new SlipwayClient(bed.service().url(), null)
                        .get("/v1/builds")
                        .status())
                .isEqualTo(401);
        assertThat(new SlipwayClient(bed.service().url(), "slp_wrong")
                        .get("/v1/builds")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void anUnknownBuildIs404(TestBed bed) {
        assertThat(bed.client().get("/v1/builds/bld_00000000000000000000000000").status())
                .isEqualTo(404);
    }

    @Test
    void aConnectionThatBreaksInTheMiddleLeavesNothingBehind(TestBed bed) throws IOException {
        int before = bed.client().get("/v1/builds").json().toString().length();
        String[] address = bed.service().host().split(":");
        try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/builds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                            + bed.service().token()
                            + "\r\nContent-Type: application/x-tar\r\nContent-Length: 1000000\r\n\r\n")
                    .getBytes(UTF_8));
            out.write(new byte[100_000]);
            out.flush();
        }
        assertThat(bed.client().get("/v1/builds").json().toString()).hasSize(before);
        try (BuildContext context = BuildContext.of("FROM scratch\nLABEL still=works\n")) {
            bed.client().succeed(context);
        }
    }

    @Test
    void aStepThatFailsNamesInstructionLineAndExitCode(TestBed bed) {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo out of luck; exit 7\n")) {
            JsonNode build = bed.client().build(context);
            assertThat(build.get("state").asString()).isEqualTo("failed");
            JsonNode error = build.get("error");
            assertThat(error.get("code").asString()).isEqualTo("step_failed");
            assertThat(error.get("exitCode").asInt()).isEqualTo(7);
            assertThat(error.get("line").asInt()).isEqualTo(2);
            assertThat(error.get("instruction").asString()).startsWith("RUN echo out of luck");
            assertThat(bed.client().logs(build.get("id").asString()))
                    .contains("out of luck")
                    .contains("7");
        }
    }

    @Test
    void aBaseThatDoesNotExistIsBaseNotFound(TestBed bed) {
        assertFails(bed, "FROM no-such-base:" + UUID.randomUUID() + "\n", "base_not_found");
    }

    @Test
    void aRegistryThatTakesNoImagesIsPushRefused(TestBed bed) {
        try (LyingRegistry registry = new LyingRegistry();
                BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo " + UUID.randomUUID() + "\n")) {
            JsonNode build = bed.client().build(context, "tag", registry.image("1"));
            assertThat(build.at("/error/code").asString(""))
                    .as(build.toString())
                    .isEqualTo("push_refused");
            assertNothingRan(build);
        }
    }

    @Test
    void contentThatIsNotWhatItsDigestSaysIsBaseDigestMismatch(TestBed bed) {
        byte[] promised = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
        byte[] sent = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
        try (LyingRegistry registry = new LyingRegistry()) {
            String digest = Digest.of(promised).toString();
            registry.blob(digest, sent);
            registry.image("1", digest, "application/vnd.oci.image.layer.v1.tar", promised.length, digest);
            assertFails(bed, "FROM " + registry.image("1") + "\nRUN [\"true\"]\n", "base_digest_mismatch");
        }
    }

    /** Nobody waits for half a build to be told of a name that means nothing. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            3 | FROM busybox:1.35;RUN echo ran;COPY --from=MISSING /x /
            3 | FROM busybox:1.35;RUN echo ran;RUN --mount=from=MISSING,target=/m true
            4 | FROM busybox:1.35;RUN echo ran;FROM busybox:1.35;COPY --from=MISSING /x /
            3 | FROM busybox:1.35 AS a;RUN echo ran;FROM MISSING;COPY --from=a /bin /
            """)
    void whatAnyInstructionNamesIsLookedForBeforeTheFirstOneRuns(int line, String dockerfile, TestBed bed) {
        String text = dockerfile
                .replace(";", "\n")
                .replace("ran", "ran-" + UUID.randomUUID())
                .replace("MISSING", "no-such-image:" + UUID.randomUUID());
        try (BuildContext context = BuildContext.of(text + "\n")) {
            JsonNode build = bed.client().build(context);
            JsonNode error = build.get("error");
            assertThat(error.get("code").asString()).as(build.toString()).isEqualTo("base_not_found");
            assertThat(error.get("line").asInt()).isEqualTo(line);
            assertNothingRan(build);
            assertThat(bed.client().logs(build.get("id").asString())).doesNotContain("\nran-");
        }
    }

    @Test
    void aCopyOfWhatIsNotThereIsInstructionFailed(TestBed bed) {
        assertFails(bed, "FROM scratch\nCOPY missing /x\n", "instruction_failed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"RUN mkdir /d && touch /d/.wh.x", "COPY Dockerfile /d/.wh.x", "ADD Dockerfile /.wh..wh..opq"})
    void aNameThatMeansAnAbsenceIsInstructionFailed(String instruction, TestBed bed) {
        assertFails(bed, "FROM busybox:1.35\n" + instruction + "\n", "instruction_failed");
    }

    @Test
    void aStepThatTakesTooLongIsStepTimeout(TestBed bed) {
        String mark = UUID.randomUUID().toString();
        try (BuildContext context =
                BuildContext.of("FROM busybox:1.35\nRUN sleep 1 # " + mark + "\nRUN sleep 600 # " + mark + "\n")) {
            JsonNode build = bed.client().build(context, "stepTimeout", "10s", "timeout", "5m");
            JsonNode error = build.get("error");
            assertThat(error.get("code").asString()).isEqualTo("step_timeout");
            assertThat(error.get("line").asInt()).isEqualTo(3);
            assertThat(error.get("message").asString()).contains("10 s");
            assertThat(build.get("steps")
                            .valueStream()
                            .map(step -> step.get("state").asString()))
                    .containsExactly("executed", "executed", "cancelled", "cancelled");
            assertThat(ProcessHandle.allProcesses()
                            .map(process -> process.info().commandLine().orElse("")))
                    .noneMatch(command -> command.contains(mark));
        }
    }

    @Test
    void aBuildThatTakesTooLongIsBuildTimeout(TestBed bed) {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN sleep 300\n")) {
            JsonNode build = bed.client().build(context, "timeout", "10s");
            JsonNode error = build.get("error");
            assertThat(error.get("code").asString()).isEqualTo("build_timeout");
            assertThat(error.get("line").asInt()).isEqualTo(2);
            assertThat(error.get("instruction").asString()).isEqualTo("RUN sleep 300");
            assertThat(stateOfStep(build, 2)).isEqualTo("cancelled");
        }
    }

    @Test
    void aRegistryThatCantBeReachedIsNamed(TestBed bed) {
        assertFails(bed, "FROM scratch\nLABEL a=c\n", "registry_unreachable", "tag", "127.0.0.1:1/team/app:1");
    }

    @Test
    void aPushThatFailsDoesNotMakeAFailureOfTheStepThatRan(TestBed bed) {
        try (BuildContext context =
                BuildContext.of("FROM busybox:1.35\nRUN echo " + UUID.randomUUID() + " >/x; sleep 600\n")) {
            JsonNode build = bed.client().build(context, "tag", "127.0.0.1:1/team/app:1");
            assertThat(build.get("error").get("code").asString()).isEqualTo("registry_unreachable");
            assertThat(stateOfStep(build, 2)).isEqualTo("cancelled");
        }
    }

    /** Says which problem it is, by its address and by the code that a failed build would have, and what exactly is wrong. */
    private static void assertContextInvalid(Answer answer, String sentence) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(problem.get("type").asString()).isEqualTo("/problems/context-invalid");
        assertThat(problem.get("code").asString()).isEqualTo("context_invalid");
        assertThat(problem.get("detail").asString()).contains(sentence);
    }

    private static String stateOfStep(JsonNode build, int line) {
        return build.get("steps")
                .valueStream()
                .filter(step -> step.has("line") && step.get("line").asInt() == line)
                .map(step -> step.get("state").asString())
                .findFirst()
                .orElseThrow();
    }

    private static void assertFails(TestBed bed, String dockerfile, String code, String... query) {
        try (BuildContext context = BuildContext.of(dockerfile)) {
            JsonNode build = bed.client().build(context, query);
            assertThat(build.get("state").asString()).as(build.toPrettyString()).isEqualTo("failed");
            assertThat(build.get("error").get("code").asString()).isEqualTo(code);
        }
    }
}
