package io.slipway.worker.rehearsal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.image.Digest;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.Claim;
import io.slipway.protocol.EventAck;
import io.slipway.protocol.EventBatch;
import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Whom a worker talks to, on a free port of loopback and in memory: the API, which hands out builds, and a registry, which keeps what
 * is pushed. Just enough of both for a worker that makes no mistakes. Thread-safe.
 */
public final class Counterpart implements AutoCloseable {
    private static final long LEASE_MILLIS = 60_000;
    private static final String UPLOADS = "/blobs/uploads/";
    private static final String BLOBS = "/blobs/";
    private static final String MANIFESTS = "/manifests/";

    private final HttpServer server;
    private final Queue<BuildSpec> builds = new ConcurrentLinkedQueue<>();
    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
    private final Map<String, String> mediaTypes = new ConcurrentHashMap<>();

    private Counterpart(HttpServer server) {
        this.server = server;
    }

    /** Starts to listen. */
    public static Counterpart start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Counterpart counterpart = new Counterpart(server);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/internal/v1/claim", counterpart::claim);
        server.createContext("/internal/v1/builds/", Counterpart::events);
        server.createContext("/v2/", counterpart::registry);
        server.start();
        return counterpart;
    }

    /** {@code 127.0.0.1:PORT}. */
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** The next worker gets this build. */
    public void offer(BuildSpec build) {
        builds.add(build);
    }

    private void claim(HttpExchange exchange) throws IOException {
        // Whoever trains goes through the whole warm-up first.
        boolean patient = exchange.getRequestURI().getQuery() == null;
        BuildSpec build = patient ? builds.poll() : null;
        if (build == null) {
            answer(exchange, 204, "", new byte[0]);
            return;
        }
        answerJson(exchange, new Claim(build, "token", LEASE_MILLIS));
    }

    private static void events(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        EventBatch batch = WireJson.MAPPER.readValue(body, EventBatch.class);
        long last = batch.firstSequence() + batch.events().size() - 1;
        answerJson(exchange, new EventAck(last, false, LEASE_MILLIS));
    }

    private void registry(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath();
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                exchange.getResponseHeaders().set("Location", path + "1");
                answer(exchange, 202, "", new byte[0]);
            }
            case "PUT" -> put(exchange, path, body);
            case "GET", "HEAD" -> get(exchange, path);
            default -> answer(exchange, 204, "", new byte[0]);
        }
    }

    private void put(HttpExchange exchange, String path, byte[] body) throws IOException {
        String digest = Digest.of(body).toString();
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (path.contains(UPLOADS)) {
            keep(path.substring(0, path.indexOf(UPLOADS)) + BLOBS + digest, type, body);
        } else {
            keep(path, type, body);
            keep(path.substring(0, path.indexOf(MANIFESTS)) + MANIFESTS + digest, type, body);
        }
        answer(exchange, 201, "", new byte[0]);
    }

    private void keep(String path, @Nullable String mediaType, byte[] content) {
        mediaTypes.put(path, mediaType == null ? "application/octet-stream" : mediaType);
        contents.put(path, content);
    }

    private void get(HttpExchange exchange, String path) throws IOException {
        byte[] content = contents.get(path);
        if (content == null) {
            byte[] error = "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}".getBytes(StandardCharsets.UTF_8);
            answer(exchange, 404, "application/json", error);
            return;
        }
        answer(exchange, 200, mediaTypes.getOrDefault(path, ""), content);
    }

    private static void answerJson(HttpExchange exchange, Object value) throws IOException {
        answer(exchange, 200, "application/json", WireJson.MAPPER.writeValueAsBytes(value));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!type.isEmpty()) {
                exchange.getResponseHeaders().set("Content-Type", type);
            }
            if (head) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            }
            exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
            if (!head && body.length > 0) {
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(body);
                }
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
