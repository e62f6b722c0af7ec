package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Hook;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What docs/operating.md says of metrics, held to those of a service that has done something of everything. */
@ExtendWith(TestBed.Extension.class)
final class MetricsTest {
    private static final String GITHUB_COMMIT = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    private static final Path PAGE = Path.of("../docs/operating.md");

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** {@code slipway_steps_seconds{outcome}}; only the end of a name stands for it if the rest is the same as before. */
    private static final Pattern DOCUMENTED = Pattern.compile("(slipway)?_([a-z_]+)(…)?(?:\\{([a-z,]+)})?");

    private static final Pattern NAME = Pattern.compile("slipway_[a-z_]+…?");
    private static final Pattern SAMPLE = Pattern.compile("(slipway_[a-z_]+)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    private static Path folder;
    private static GitHttpServer git;
    private static HttpServer listener;
    private static SlipwayService service;
    private static final List<JsonNode> ENDED = new ArrayList<>();
    private static List<Sample> served = List.of();

    /**
     * One line of what is served.
     *
     * @param labels values by name
     */
    private record Sample(String name, Map<String, String> labels, double value) {
        static Sample of(MatchResult line) {
            Map<String, String> labels = new TreeMap<>();
            if (line.group(2) != null) {
                LABEL.matcher(line.group(2)).results().forEach(label -> labels.put(label.group(1), label.group(2)));
            }
            return new Sample(line.group(1), labels, Double.parseDouble(line.group(3)));
        }

        /** The metric that it is of: a timer or a summary has several lines. */
        String metric() {
            return name.replaceFirst("_(count|sum|max|bucket)$", "");
        }

        /** Without the one that tells buckets apart. */
        Set<String> ownLabels() {
            Set<String> own = new HashSet<>(labels.keySet());
            own.remove("le");
            return own;
        }
    }

    private static List<Sample> scraped() throws IOException {
        return service.client()
                .get("/actuator/prometheus")
                .body()
                .lines()
                .map(SAMPLE::matcher)
                .filter(line -> line.matches())
                .map(line -> Sample.of(line.toMatchResult()))
                .toList();
    }

    /** Names of labels by metric, of the table; a name that ends with … begins others. */
    private static Map<String, Set<String>> documented() throws IOException {
        Map<String, Set<String>> metrics = new TreeMap<>();
        String previous = "";
        for (String row :
                section().lines().filter(line -> line.startsWith("| `slipway_")).toList()) {
            for (MatchResult code : CODE.matcher(row.split("\\|")[1]).results().toList()) {
                MatchResult name =
                        DOCUMENTED.matcher(code.group(1)).results().findFirst().orElseThrow();
                String whole = name.group(1) == null
                        ? previous.substring(0, previous.lastIndexOf('_') + 1) + name.group(2)
                        : "slipway_" + name.group(2);
                metrics.put(
                        name.group(3) == null ? whole : whole + name.group(3),
                        name.group(4) == null ? Set.of() : Set.of(name.group(4).split(",")));
                previous = whole;
            }
        }
        return metrics;
    }

    private static String section() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("\n## Metrics\n");
        return page.substring(start, page.indexOf("\n## ", start + 1));
    }

    @BeforeAll
    static void doSomethingOfEverything(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-metrics-");
        String commit;
        try (Repository repository = GitRepositories.create(folder.resolve("git/app.git"))) {
            commit = new GitRepositories.Commit(repository)
                    .file("Dockerfile", "FROM busybox:1.35\nCOPY Dockerfile /\n")
                    .commit("refs/heads/main", null, Instant.EPOCH)
                    .name();
        }
        git = GitHttpServer.open(folder.resolve("git"));
        listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        listener.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(201, -1);
            }
        });
        listener.start();
        service = SlipwayService.start(
                folder.resolve("home"),
                bed.bases(),
                Map.of("context.denied-networks", "", "webhooks.denied-networks", "", "workers.slots", "1"));
        String heard = "http://127.0.0.1:" + listener.getAddress().getPort();
        SlipwayClient client = service.client();
        Answer told = client.send(client.request("/v1/projects/default/webhooks")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"url\": \"" + heard + "\"}")));
        assertThat(told.status()).as(told.body()).isEqualTo(201);

        try (BuildContext made = BuildContext.of("FROM busybox:1.35\nRUN echo " + UUID.randomUUID() + " > /made\n");
                BuildContext fails = BuildContext.of("FROM busybox:1.35\nRUN exit 3\n")) {
            ENDED.add(client.succeed(made));
            ENDED.add(client.succeed(made));
            ENDED.add(client.build(fails));
        }
        Hook hook = Hook.to(
                service,
                client,
                "default",
                "github",
                "'repository': {'url': '" + git.url() + "/app.git', 'fullName': 'Codertocat/Hello-World'},"
                        + " 'status': {'token': 'ghp_x', 'apiUrl': '" + heard + "'}, 'rebuildOnBase': true,"
                        + " 'build': {'tag': 'registry.example/app:{branch}', 'push': false}");
        String push = Hook.payload("github/push-branch").replace(GITHUB_COMMIT, commit);
        JsonNode delivery = hook.decided(hook.github("push", Hook.newId(), push));
        ENDED.add(client.await(delivery.at("/events/0/build").asString()));
        assertThat(hook.send(push).status()).as("without a signature").isEqualTo(404);

        HeldRun held = new HeldRun();
        try (BuildContext runs = BuildContext.of("FROM busybox:1.35\n" + held.instruction());
                BuildContext waits = BuildContext.of("FROM scratch\nLABEL a=b\n")) {
            List<String> builds = List.of(client.submit(runs), client.submit(waits));
            held.await();
            Set<String> names = documented().keySet();
            // Those of projects' queues come every 15 seconds, and bases are looked for every 10.
            Awaitility.await("all metrics").atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                served = scraped();
                assertThat(names).allSatisfy(name -> assertThat(served).anyMatch(sample -> isOf(sample, name)));
                assertThat(value("slipway_context_bytes_count")).isEqualTo(ENDED.size());
                assertThat(value("slipway_project_queued", "project", "default"))
                        .isEqualTo(1); // not what was there when the builds were still on their way
                assertThat(value("slipway_workers_busy")).isEqualTo(1);
            });
            held.letGo();
            builds.forEach(client::await);
        }
    }

    @AfterAll
    static void stop() {
        service.close();
        listener.stop(0);
        git.close();
        TestBed.remove(folder);
    }

    private static boolean isOf(Sample sample, String name) {
        return name.endsWith("…")
                ? sample.metric().startsWith(name.substring(0, name.length() - 1))
                : sample.metric().equals(name);
    }

    /** The whole number, summed up, that is served under the name with these labels, which alternate with their values. */
    private static long value(String name, String... labels) {
        return served.stream()
                .filter(sample -> sample.name().equals(name))
                .filter(sample -> IntStream.range(0, labels.length / 2)
                        .allMatch(i -> labels[2 * i + 1].equals(sample.labels().get(labels[2 * i]))))
                .mapToLong(sample -> (long) sample.value())
                .sum();
    }

    @Test
    void everyMetricOfTheTableHasTheLabelsThatItSays() throws IOException {
        Map<String, Set<String>> table = documented();
        assertThat(table).hasSizeGreaterThan(20);
        table.forEach((name, labels) -> {
            if (!name.endsWith("…")) {
                assertThat(served.stream().filter(sample -> isOf(sample, name)))
                        .as(name)
                        .isNotEmpty()
                        .allSatisfy(sample -> assertThat(sample.ownLabels()).isEqualTo(labels));
            }
        });
    }

    @Test
    void everyMetricIsInTheTable() throws IOException {
        Set<String> table = documented().keySet();
        assertThat(served).isNotEmpty().allSatisfy(sample -> assertThat(table).anyMatch(name -> isOf(sample, name)));
    }

    /** As alerts have them: with the ends that the lines of timers have. */
    @Test
    void whatThePageSaysToBeWokenForIsServed() throws IOException {
        List<String> said = CODE.matcher(section())
                .results()
                .flatMap(code -> NAME.matcher(code.group(1)).results())
                .map(MatchResult::group)
                .distinct()
                .toList();
        assertThat(said)
                .contains("slipway_builds_seconds_count")
                .allSatisfy(name ->
                        assertThat(served).anyMatch(sample -> sample.name().equals(name) || isOf(sample, name)));
    }

    @Test
    void whatHasHappenedIsCounted() {
        JsonNode failed = ENDED.get(2);
        assertThat(failed.at("/error/code").asString(""))
                .as(failed.toPrettyString())
                .isEqualTo("step_failed");
        assertThat(value("slipway_builds_seconds_count", "state", "failed", "code", "step_failed"))
                .isEqualTo(1);
        assertThat(value("slipway_builds_seconds_count", "state", "succeeded", "code", ""))
                .isEqualTo(3);
        assertThat(steps("cached")).isPositive();
        assertThat(value("slipway_steps_seconds_count", "outcome", "cached")).isEqualTo(steps("cached"));
        assertThat(value("slipway_steps_seconds_count", "outcome", "failed")).isEqualTo(1);
        assertThat(value("slipway_context_bytes_sum"))
                .isEqualTo(ENDED.stream()
                        .mapToLong(build -> build.at("/context/bytes").asLong())
                        .sum());
        assertThat(value("slipway_image_bytes_count")).isEqualTo(3);
        assertThat(value("slipway_webhooks_deliveries_total", "outcome", "built"))
                .isEqualTo(1);
        assertThat(value("slipway_webhooks_refused_total")).isEqualTo(1);
        assertThat(value("slipway_statuses_total", "outcome", "told")).isPositive();
        assertThat(value("slipway_webhooks_messages_total", "outcome", "delivered"))
                .isPositive();
        assertThat(value("slipway_bases_checks_total", "outcome", "same")).isPositive();
        assertThat(value("slipway_project_queued", "project", "default")).isEqualTo(1);
        assertThat(value("slipway_workers_busy")).isEqualTo(1);
    }

    private static long steps(String state) {
        return ENDED.stream()
                .flatMap(build -> build.get("steps").valueStream())
                .filter(step -> step.get("state").asString().equals(state))
                .count();
    }
}
