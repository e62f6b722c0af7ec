package io.slipway.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A service that runs, and its administrator.
 *
 * @param url without a slash at the end
 */
record Service(String url, String token) {
    static final JsonMapper JSON = JsonMapper.shared();

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final int THREADS = 8;
    private static final Duration WARM = Duration.ofSeconds(5);
    private static final Duration MEASURED = Duration.ofSeconds(10);
    private static final int MOST = 1_000_000;

    /** A request with the administrator's token. */
    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).header("Authorization", "Bearer " + token);
    }

    /** Posts JSON; the answer's body. */
    JsonNode post(String path, String json) throws IOException, InterruptedException {
        return JSON.readTree(send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json, UTF_8))
                        .build(),
                2));
    }

    /** The answer's body, whose status has to be of that class. */
    static byte[] send(HttpRequest request, int hundreds) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() / 100 != hundreds) {
            throw new IOException(
                    request.uri() + " answered " + answer.statusCode() + ": " + new String(answer.body(), UTF_8));
        }
        return answer.body();
    }

    /** The client, for what is read as it comes. */
    static HttpClient client() {
        return CLIENT;
    }

    /** Something that is done again and again. */
    interface Call {
        void run() throws Exception;
    }

    /** Does it in some threads for a while, and prints a line of the table. */
    static void measure(String name, Call call) throws Exception {
        during(WARM, call, new Latencies(MOST));
        Latencies measured = new Latencies(MOST);
        during(MEASURED, call, measured);
        System.out.printf("| %s | %d | %s |%n", name, measured.count() / MEASURED.toSeconds(), measured.cells());
    }

    /**
     * Does it so many times a second whether or not those before have been answered, and prints a line of the table. What is late because the
     * sender was counts as late.
     */
    static void measureAt(int perSecond, String name, Call call) throws Exception {
        Latencies measured = new Latencies(MOST);
        long pause = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long begin = System.nanoTime();
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < MEASURED.toSeconds() * perSecond; i++) {
                long due = begin + i * pause;
                LockSupport.parkNanos(due - System.nanoTime());
                all.add(threads.submit(() -> {
                    call.run();
                    measured.add(System.nanoTime() - due);
                    return true;
                }));
            }
        }
        for (Future<?> one : all) {
            one.get();
        }
        System.out.printf("| %s | %d | %s |%n", name, perSecond, measured.cells());
    }

    private static void during(Duration time, Call call, Latencies latencies) throws Exception {
        long deadline = System.nanoTime() + time.toNanos();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(threads.submit(() -> {
                    while (System.nanoTime() < deadline) {
                        long start = System.nanoTime();
                        call.run();
                        latencies.add(System.nanoTime() - start);
                    }
                    return true;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }
}
