package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** A secret is there for the RUN that mounts it, and nowhere else: not while it runs, and not afterwards. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class SecretTest {
    /** One of its own: all that it ever stores is looked through. */
    private static SlipwayService service;

    private static Path folder;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-secrets-");
        service = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of());
    }

    @AfterAll
    static void stop() {
        service.close();
        TestBed.remove(folder);
    }

    @Test
    void aSecretIsInNoFileOfTheServiceWhileTheBuildRunsNorAfterIt() throws Exception {
        String secret = "s3cret-" + UUID.randomUUID();
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of(
                """
                FROM busybox:1.35
                RUN --mount=type=secret,id=token --mount=type=secret,id=token,env=TOKEN \
                    test "$(cat /run/secrets/token)" = "$TOKEN" && echo ${#TOKEN} > /length
                %sCMD ["cat", "/length"]
                """.formatted(held.instruction().replaceFirst("^RUN ", "RUN --mount=type=secret,id=token ")))) {
            SlipwayClient client = service.client();
            String id = client.submitWith(context, "{\"secret\": {\"token\": \"" + secret + "\"}, \"noCache\": true}");
            held.await();
            assertNowhere(secret);
            held.letGo();
            JsonNode build = client.await(id);
            assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
            assertThat(build.toString() + client.logs(id)).doesNotContain(secret);
            assertNowhere(secret);
        }
    }

    @Test
    void anotherValueOfASecretIsNoReasonToRunAgain() throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN --mount=type=secret,id=token wc -c < /run/secrets/token > /length && echo %s > /id
                """.formatted(UUID.randomUUID()))) {
            SlipwayClient client = service.client();
            JsonNode one = client.await(client.submitWith(context, "{\"secret\": {\"token\": \"a\"}}"));
            JsonNode two = client.await(client.submitWith(context, "{\"secret\": {\"token\": \"bcd\"}}"));
            assertThat(one.get("state").asString()).as(one.toPrettyString()).isEqualTo("succeeded");
            assertThat(two.get("digest").asString()).isEqualTo(one.get("digest").asString());
        }
    }

    /** Looks into every file of the service's data (database, stores, work, logs), and in what is compressed, too. */
    private static void assertNowhere(String secret) throws Exception {
        byte[] bytes = secret.getBytes(UTF_8);
        // Base64 of a text that stands at any of three positions has one of these in common.
        List<String> forms = List.of(
                secret,
                HexFormat.of().formatHex(bytes),
                middle(Base64.getEncoder().encodeToString(bytes)),
                middle(Base64.getEncoder().encodeToString(("x" + secret).getBytes(UTF_8))),
                middle(Base64.getEncoder().encodeToString(("xx" + secret).getBytes(UTF_8))));
        String patterns = String.join("\n", forms);
        String home = service.home().toString();
        assertThat(service.log()).doesNotContain(secret);
        Programs.Result plain = Programs.tryRun("grep", "-rlaF", "--devices=skip", "-e", patterns, home);
        assertThat(plain.output().lines().filter(line -> !line.startsWith("grep: ")))
                .isEmpty();
        Programs.Result packed = Programs.tryRun(
                "bash",
                "-c",
                "find \"$1\"/store/blobs -type f -exec sh -c 'for f; do zcat -f \"$f\" 2>/dev/null | grep -qaF -e \"$0\" && echo \"$f\"; done' \"$2\" {} +",
                "bash",
                home,
                patterns);
        assertThat(packed.output()).isEmpty();
    }

    private static String middle(String text) {
        return text.substring(4, text.length() - 4);
    }
}
