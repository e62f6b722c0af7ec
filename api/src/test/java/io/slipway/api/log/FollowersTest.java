package io.slipway.api.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.OpenApi;
import io.slipway.api.testing.RawAnswer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Tenant;
import io.slipway.api.testing.WrittenLog;
import io.slipway.db.access.Role;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many followers, slow ones, and such as have gone, over real connections. A service of its own: followers of other tests would be counted, too. */
@Timeout(300)
final class FollowersTest {
    private static final int MANY = 1000;
    private static final Pattern ID = Pattern.compile("^id: (\\d+)$", Pattern.MULTILINE);

    private static RunningService service;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start("server.tomcat.connection-timeout=20s");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    private static double readers() {
        return readers(service);
    }

    private static double readers(RunningService of) {
        return of.part(MeterRegistry.class).get("slipway.logs.readers").gauge().value();
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition, String what) throws IOException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** All threads of this process, with which the service shares it; virtual ones, too. */
    private int threads() throws IOException {
        Path dump = directory.resolve("threads-" + System.nanoTime() + ".json");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
        return Files.readString(dump).split("\"tid\":").length - 1;
    }

    private static HttpRequest request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create(service.url() + path))
                .header("Authorization", "Bearer " + service.token())
                .build();
    }

    private static List<Long> ids(String events) {
        List<Long> ids = new ArrayList<>();
        Matcher matcher = ID.matcher(events);
        while (matcher.find()) {
            ids.add(Long.parseLong(matcher.group(1)));
        }
        return ids;
    }

    @Test
    void aThousandFollowersHaveNoThreadsAndGetEveryLineOnce() throws Exception {
        WrittenLog log = WrittenLog.in(service, 1);
        log.start(1);
        ExecutorService clients = Executors.newFixedThreadPool(2);
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(clients)
                .build();
        try {
            HttpRequest request = request(log.path() + "?follow&format=sse");
            List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
            int before = threads();
            for (int i = 0; i < MANY; i++) {
                answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray()));
            }
            await(() -> readers() == MANY, "all follow");
            // Those that took the requests end a moment later than the last of them is counted.
            await(() -> threads() - before < 50, "followers have no threads");
            IntStream.range(0, 200).forEach(n -> log.print(1, "line " + n + "\n"));
            log.finish(1, "executed");
            log.succeed();
            for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
                HttpResponse<byte[]> response = answer.get(1, TimeUnit.MINUTES);
                OpenApi.contract().check(response, response.body());
                String events = new String(response.body(), UTF_8);
                assertThat(ids(events))
                        .isEqualTo(LongStream.rangeClosed(1, 204).boxed().toList());
                assertThat(events)
                        .contains("\"text\":\"line 0\\n\"", "\"text\":\"line 199\\n\"")
                        .endsWith("}\n\n");
            }
        } finally {
            client.shutdownNow();
            clients.shutdownNow();
        }
        await(() -> readers() == 0, "nobody follows");
    }

    private static Socket open(String path) throws IOException {
        return open(service, path);
    }

    private static Socket open(RunningService at, String path) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), at.port()));
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                                + at.token() + "\r\n\r\n")
                        .getBytes(ISO_8859_1));
        return socket;
    }

    private static void flood(WrittenLog log, int megabytes) {
        String megabyte = "0123456789abcde\n".repeat(1 << 16);
        for (int i = 0; i < megabytes; i++) {
            log.print(1, megabyte);
        }
    }

    @Test
    void aSlowFollowerHoldsNobodyUpAndGetsEverythingAtItsOwnPace() throws Exception {
        WrittenLog log = WrittenLog.in(service, 1);
        log.start(1);
        try (Socket slow = open(log.path() + "?follow");
                Socket quick = open(log.path() + "?follow")) {
            CompletableFuture<byte[]> all = CompletableFuture.supplyAsync(() -> read(quick, log.path(), 0));
            await(() -> readers() == 2, "both follow");
            flood(log, 8);
            log.succeed();
            byte[] whole = all.get(1, TimeUnit.MINUTES);
            assertThat(whole.length).isGreaterThan(8 << 20);
            await(() -> readers() == 1, "the slow one still reads");
            assertThat(read(slow, log.path(), 200_000)).isEqualTo(whole);
        }
        await(() -> readers() == 0, "nobody follows");
    }

    /** Reads the body of what {@link #open} asks for to the end, in pieces of {@code piece} bytes with a pause after each; 0: as fast as it goes. */
    private static byte[] read(Socket socket, String path, int piece) {
        try {
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream raw = new ByteArrayOutputStream();
            byte[] buffer = new byte[piece == 0 ? 65_536 : piece];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                raw.write(buffer, 0, count);
                if (piece > 0) {
                    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
                }
            }
            return RawAnswer.read("GET", path, new ByteArrayInputStream(raw.toByteArray()))
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whoTakesNothingIsCutOffAndCanTellThatItIsNotTheEnd() throws Exception {
        try (RunningService strict = RunningService.start("server.tomcat.connection-timeout=3s")) {
            WrittenLog log = WrittenLog.in(strict, 1);
            log.start(1);
            try (Socket stuck = open(strict, log.path() + "?follow&format=sse")) {
                await(() -> readers(strict) == 1, "it follows");
                flood(log, 16);
                await(() -> readers(strict) == 0, "it is cut off");
                // What was on its way may be lost with the connection.
                RawAnswer.readBeginning("GET", log.path() + "?format=sse", stuck.getInputStream())
                        .ifPresent(got -> {
                            assertThat(got.whole()).isFalse();
                            assertThat(got.text()).doesNotContain("event: ended");
                        });
            }
            log.succeed();
            ApiClient.Answer rest = strict.client().get(log.path() + "?format=sse", "Last-Event-ID", "1");
            assertThat(ids(rest.text())).startsWith(2L);
            assertThat(rest.text()).contains("event: ended");
        }
    }

    @Test
    void whoHasGoneIsForgottenWithTheNextLine() throws Exception {
        WrittenLog log = WrittenLog.in(service, 1);
        log.start(1);
        try (Socket reset = open(log.path() + "?follow");
                Socket closed = open(log.path() + "?follow")) {
            await(() -> readers() == 2, "both follow");
            reset.setSoLinger(true, 0);
            closed.shutdownInput();
        }
        await(
                () -> {
                    log.print(1, "x".repeat(10_000) + "\n");
                    return readers() == 0;
                },
                "both are forgotten");
        log.succeed();
    }

    @Test
    void whoseTokenIsRevokedSeesNoMore() throws Exception {
        WrittenLog log = WrittenLog.in(service, 1);
        log.start(1);
        ApiClient admin = service.client();
        ApiClient.Answer token = admin.postJson("/v1/tokens", "{\"name\": \"x\", \"role\": \"viewer\"}");
        HttpRequest request = HttpRequest.newBuilder(URI.create(service.url() + log.path() + "?follow&format=ndjson"))
                .header("Authorization", "Bearer " + token.json().path("token").stringValue())
                .timeout(Duration.ofMinutes(1))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            CompletableFuture<HttpResponse<String>> answer =
                    client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
            await(() -> readers() == 1, "it follows");
            assertThat(admin.send(
                                    "DELETE",
                                    "/v1/tokens/" + token.json().path("id").stringValue(),
                                    HttpRequest.BodyPublishers.noBody())
                            .status())
                    .isEqualTo(204);
            HttpResponse<String> response = answer.get(1, TimeUnit.MINUTES);
            OpenApi.contract().check(response, response.body().getBytes(UTF_8));
            assertThat(response.body()).doesNotContain("\"ended\"");
        }
        log.succeed();
    }

    @Test
    void anotherProjectSeesNeitherLogNorEvents() throws Exception {
        WrittenLog log = WrittenLog.in(service, 1);
        log.succeed();
        Tenant stranger = Tenant.in(service);
        for (String path : List.of(log.path(), log.path().replace("/logs", "/events"))) {
            assertThat(stranger.as(Role.ADMIN).get(path).status()).isEqualTo(404);
        }
    }
}
