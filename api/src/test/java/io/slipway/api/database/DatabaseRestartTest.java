package io.slipway.api.database;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.Tars;
import io.slipway.api.testing.TestService;
import io.slipway.db.Database;
import io.slipway.db.build.BuildId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** PostgreSQL dies, again and again, while builds come in, run and are followed. */
final class DatabaseRestartTest {
    private static final int SUBMITTERS = 3;
    private static final int DEATHS = 3;
    private static final int BUILDS_BETWEEN = 4;
    private static final int FLOOD = 200_000;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Map<String, BuildId> accepted = new ConcurrentHashMap<>();
    private volatile boolean enough;

    @Test
    void aDatabaseThatDiesUnderLoadLosesNoBuildAndRepeatsNone() throws Exception {
        Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "service-");
        try (TestService service = TestService.start(home);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> submitters = new ArrayList<>();
            Map<String, Future<Followed>> followed = new ConcurrentHashMap<>();
            for (int i = 0; i < SUBMITTERS; i++) {
                String name = "client-" + i;
                submitters.add(clients.submit(() -> {
                    for (int n = 0; !enough; n++) {
                        String key = name + "-" + n;
                        BuildId build = submitted(service, key);
                        accepted.put(key, build);
                        followed.put(key, clients.submit(() -> follow(service, build)));
                    }
                }));
            }
            for (int death = 0; death < DEATHS; death++) {
                awaitAccepted(accepted.size() + BUILDS_BETWEEN);
                killDatabase(home);
            }
            awaitAccepted(accepted.size() + BUILDS_BETWEEN);
            enough = true;
            for (Future<?> submitter : submitters) {
                submitter.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            for (Map.Entry<String, BuildId> build : new TreeMap<>(accepted).entrySet()) {
                requireWhole(service, build.getKey(), build.getValue());
                Followed live = Objects.requireNonNull(followed.get(build.getKey()), "it is followed")
                        .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertThat(live.ids())
                        .as("what a follower has seen of %s", build.getValue())
                        .isEqualTo(LongStream.rangeClosed(1, live.ids().size())
                                .boxed()
                                .toList());
                assertThat(live.text()).contains("begin " + build.getKey(), "end " + build.getKey());
            }
            assertThat(service.bean(Database.class)
                            .first("select count(*) as builds from builds", row -> row.number("builds"))
                            .orElseThrow())
                    .as("builds, of which each was asked for once")
                    .isEqualTo(accepted.size());
        }
    }

    private void awaitAccepted(int builds) {
        Awaitility.await("builds that were accepted").atMost(LIMIT).until(() -> accepted.size() >= builds);
    }

    /** All of its processes at once, as if the machine were gone. */
    private static void killDatabase(Path home) throws IOException {
        ProcessHandle postmaster =
                Postmaster.running(home.resolve("postgres/data")).orElseThrow().process();
        List<ProcessHandle> children = postmaster.descendants().toList();
        postmaster.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        postmaster.onExit().join();
    }

    /** Sends a build until it is accepted, as a client does that has a key. */
    private static BuildId submitted(TestService service, String key) {
        byte[] tar = Tars.dockerfile(
                        "FROM scratch\nRUN say begin " + key + "\nRUN flood " + FLOOD + "\nRUN say end " + key + "\n")
                .bytes();
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end) {
            HttpResponse<String> answer = service.send(
                    service.request("/v1/builds").header("Idempotency-Key", key).POST(BodyPublishers.ofByteArray(tar)));
            if (answer.statusCode() == 202) {
                return new BuildId(TestService.json(answer).path("id").stringValue());
            }
            assertThat(answer.statusCode()).as(answer.body()).isIn(503, 409);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        throw new AssertionError(key + " was not accepted within " + LIMIT);
    }

    /** What came by server-sent events. */
    private record Followed(List<Long> ids, String text) {}

    /** Follows a log to its end; whenever it is cut off it goes on where it was, as browsers do. */
    private static Followed follow(TestService service, BuildId build) {
        List<Long> ids = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end) {
            HttpRequest.Builder request = service.request("/v1/builds/" + build + "/logs?follow&format=sse")
                    .timeout(LIMIT);
            if (!ids.isEmpty()) {
                request.header("Last-Event-ID", Long.toString(ids.getLast()));
            }
            try (Stream<String> lines = service.lines(request)) {
                List<String> event = new ArrayList<>();
                for (String line : (Iterable<String>) lines::iterator) {
                    if (!line.isEmpty()) {
                        event.add(line);
                        continue;
                    }
                    // Only now it is whole: of one that was cut off nothing counts.
                    if (event.contains("event: ended")) {
                        return new Followed(ids, text.toString());
                    }
                    for (String field : event) {
                        if (field.startsWith("id:")) {
                            ids.add(Long.parseLong(field.substring(3).strip()));
                        }
                        text.append(field).append('\n');
                    }
                    event.clear();
                }
            } catch (UncheckedIOException e) {
                continue; // cut off
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        throw new AssertionError("the log of " + build + " did not end within " + LIMIT);
    }

    private static void requireWhole(TestService service, String key, BuildId build) {
        HttpResponse<String> answer = Awaitility.await("the end of " + build)
                .atMost(LIMIT)
                .until(
                        () -> service.get("/v1/builds/" + build + "?wait=10s"),
                        response -> response.statusCode() == 200
                                && TestService.json(response).has("finishedAt"));
        JsonNode resource = TestService.json(answer);
        assertThat(resource.path("state").stringValue()).as(answer.body()).isEqualTo("succeeded");
        String log = service.get("/v1/builds/" + build + "/logs").body();
        for (String once : List.of("\nbegin " + key + "\n", "\nend " + key + "\n", "\nBuild " + build + " succeeded")) {
            assertThat(log.split(Pattern.quote(once), -1))
                    .as("%s is there once in the log of %s", once, build)
                    .hasSize(2);
        }
        int flood = log.split("0123456789abcdef", -1).length - 1;
        assertThat(flood).as("pieces of the flood in %s", build).isEqualTo(FLOOD / 16);
        assertThat(log.getBytes(UTF_8).length).isGreaterThan(FLOOD);
    }
}
