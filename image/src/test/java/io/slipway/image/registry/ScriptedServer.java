package io.slipway.image.registry;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.image.ImageReference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** An HTTP server on loopback that answers as a test tells it to. What it was not told is 404. */
final class ScriptedServer implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    ScriptedServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    /** What a test lets the server do. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    record Request(
            String method,
            String path,
            @Nullable String authorization,
            @Nullable String range) {}

    /** A whole answer. */
    static Answer answer(int status, byte[] body, String... headers) {
        return exchange -> {
            Headers fields = exchange.getResponseHeaders();
            for (int i = 0; i < headers.length; i += 2) {
                fields.set(headers[i], headers[i + 1]);
            }
            boolean none = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, none ? -1 : body.length);
            if (!none) {
                exchange.getResponseBody().write(body);
            }
        };
    }

    void on(String methodAndPath, Answer answer) {
        answers.put(methodAndPath, answer);
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    int port() {
        return server.getAddress().getPort();
    }

    String host() {
        return "127.0.0.1:" + port();
    }

    ImageReference image(String name) {
        return ImageReference.parse(host() + "/" + name);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Headers headers = exchange.getRequestHeaders();
            requests.add(new Request(
                    exchange.getRequestMethod(), path, headers.getFirst("Authorization"), headers.getFirst("Range")));
            answers.getOrDefault(exchange.getRequestMethod() + " " + path, answer(404, new byte[0]))
                    .to(exchange);
        }
    }
}
