package io.slipway.bench.load;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** One build that 1,000 follow with server-sent events while it says something twice a second. */
final class FollowerLoad {
    private static final int FOLLOWERS = 1_000;
    private static final int TICKS = 20;
    private static final String MARK = "tick ";

    private FollowerLoad() {}

    /** @param base an image with a shell */
    static void run(Service service, String base) throws Exception {
        String id = submit(service, base);
        Latencies latencies = new Latencies(FOLLOWERS * TICKS);
        AtomicInteger ends = new AtomicInteger();
        List<CompletableFuture<HttpResponse<Void>>> followers = new ArrayList<>();
        for (int i = 0; i < FOLLOWERS; i++) {
            HttpRequest request = service.request("/v1/builds/" + id + "/logs?follow=true")
                    .header("Accept", "text/event-stream")
                    .build();
            followers.add(Service.client()
                    .sendAsync(
                            request,
                            HttpResponse.BodyHandlers.fromLineSubscriber(
                                    new Lines(line -> heard(line, latencies, ends)))));
        }
        CompletableFuture.allOf(followers.toArray(CompletableFuture[]::new)).get(5, TimeUnit.MINUTES);
        System.out.printf(
                "%n%,d followers of one build: %,d of %,d lines came to them and %,d were told of its end; from the worker to the follower %s%n",
                FOLLOWERS,
                latencies.count(),
                FOLLOWERS * TICKS,
                ends.get(),
                latencies.cells().replace(" | ", " at the median, ") + " at the 99th percentile");
    }

    private static void heard(String line, Latencies latencies, AtomicInteger ends) {
        if (line.startsWith("event: ended") || line.equals("event:ended")) {
            ends.incrementAndGet();
        }
        if (line.startsWith("data:") && line.contains(MARK)) {
            JsonNode entry = Service.JSON.readTree(line.substring("data:".length()));
            if (entry.path("type").asString("").equals("output")) {
                Duration late = Duration.between(Instant.parse(entry.path("at").stringValue()), Instant.now());
                latencies.add(late.toNanos());
            }
        }
    }

    /** It is quiet until all are there. */
    private static String submit(Service service, String base) throws IOException, InterruptedException {
        byte[] context = ContextTar.of("FROM " + base + "\nRUN sleep 10; for i in $(seq " + TICKS + "); do echo " + MARK
                + "$i; sleep 0.5; done\n");
        byte[] answer = Service.send(
                service.request("/v1/builds?noCache=true")
                        .header("Content-Type", "application/x-tar")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(context))
                        .build(),
                2);
        return Service.JSON.readTree(answer).path("id").stringValue();
    }
}
