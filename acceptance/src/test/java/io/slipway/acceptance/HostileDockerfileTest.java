package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.dockerfile.hostile.Hostile;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * Dockerfiles that somebody made to break whoever reads them, several at a time, in the programs as they are started by users, with the memory that
 * these have: each is built or refused, and nobody else notices. Times are generous: what takes the square of its size would take minutes.
 */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class HostileDockerfileTest {
    private static final int SIDE_BY_SIDE = 4;

    /** How those are named that fill what they may, or more. */
    private static final List<String> LARGE = List.of("ALL_", "AS_MANY_", "TEN_MEGABYTES");

    /** One of its own, which takes the largest that any service takes. */
    private static SlipwayService service;

    private static Path folder;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-hostile-");
        service = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of("limits.dockerfile-size", "4MB"));
    }

    @AfterAll
    static void stop() {
        service.close();
        TestBed.remove(folder);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void theLargestAreCheckedSideBySide() throws Exception {
        SlipwayClient client = service.client();
        List<Callable<Void>> checks = new ArrayList<>();
        for (Hostile hostile : Hostile.values()) {
            if (LARGE.stream().noneMatch(hostile.name()::startsWith)) {
                continue; // the parser's own tests have them all
            }
            checks.add(() -> {
                Answer answer = client.send(client.request("/v1/dockerfiles/check")
                        .header("Content-Type", "text/plain")
                        .POST(HttpRequest.BodyPublishers.ofString(hostile.text())));
                if (String.valueOf(hostile.refusal()).startsWith("larger than")) {
                    assertThat(answer.status()).as(hostile.name()).isEqualTo(413);
                    return null;
                }
                assertThat(answer.status()).as(hostile + ": " + answer.body()).isEqualTo(200);
                List<String> errors = answer.json()
                        .get("problems")
                        .valueStream()
                        .filter(problem -> problem.get("severity").asString().equals("error"))
                        .map(problem -> problem.get("message").asString())
                        .toList();
                if (hostile.refusal() == null) {
                    assertThat(errors).as(hostile.name()).isEmpty();
                } else {
                    assertThat(errors)
                            .as(hostile.name())
                            .singleElement()
                            .asString()
                            .contains(hostile.refusal());
                }
                return null;
            });
        }
        allOf(checks);
        assertUnharmed(client);
    }

    /** Those that fill what they may, in a worker of the service. */
    @ParameterizedTest
    @EnumSource(
            names = {
                "ALL_ONE_LINE",
                "ALL_ONE_WIDE_VALUE",
                "ALL_ONE_WIDE_COMMAND",
                "ALL_ONE_JSON_STRING",
                "ALL_ONE_HEREDOC"
            })
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void areBuiltOrRefused(Hostile hostile) throws Exception {
        SlipwayClient client = service.client();
        try (BuildContext context = BuildContext.of(hostile.text())) {
            Answer answer = client.post(context.tar(), "application/x-tar", "push", "false");
            @Nullable String refusal = hostile.refusal();
            if (refusal != null) {
                assertThat(answer.status()).as(answer.body()).isEqualTo(422);
                assertThat(answer.body()).contains(refusal).hasSizeLessThan(5_000);
                return;
            }
            assertThat(answer.status()).as(answer.body()).isEqualTo(202);
            JsonNode build = client.await(answer.json().get("id").asString());
            if (build.get("state").asString().equals("failed")) {
                // scratch has no shell
                assertThat(build.get("error").get("code").asString())
                        .as(build.get("error").toString())
                        .isEqualTo("step_failed");
                assertThat(build.get("error").toString()).hasSizeLessThan(5_000);
            }
        }
        assertUnharmed(client);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"TEN_MEGABYTES_OF_COMMENTS", "TEN_MEGABYTES_IN_CONTINUED_LINES", "A_HUNDRED_THOUSAND_INSTRUCTIONS"
            })
    void areRefusedOnTheCommandLine(Hostile hostile) {
        try (BuildContext context = BuildContext.of(hostile.text())) {
            for (List<String> options : List.of(List.of("--check"), List.<String>of())) {
                List<String> command = new ArrayList<>(List.of(
                        "timeout",
                        "300",
                        "env",
                        "SLIPWAY_HOME=" + folder.resolve("local"),
                        Programs.CHECKOUT.resolve("dev").toString(),
                        "build",
                        context.folder().toString()));
                command.addAll(options);
                Programs.Result result = Programs.tryRun(command.toArray(String[]::new));
                assertThat(result.status()).as(result.output()).isEqualTo(1);
                assertThat(result.output())
                        .contains(String.valueOf(hostile.refusal()))
                        .doesNotContain("OutOfMemory")
                        .hasSizeLessThan(5_000);
            }
        }
    }

    private static void assertUnharmed(SlipwayClient client) throws IOException {
        assertThat(client.get("/actuator/health").status()).isEqualTo(200);
        assertThat(service.log()).doesNotContain("OutOfMemoryError");
    }

    private static void allOf(List<Callable<Void>> tasks) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
            for (Future<Void> task : executor.invokeAll(tasks)) {
                task.get();
            }
        }
    }
}
