package io.slipway.acceptance.language;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCase.Part;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The HTTP server of the recorded cases, on a free loopback port: it answers what the case at hand says. */
final class CaseServer implements AutoCloseable {
    private final HttpServer server;
    private volatile List<Part.Http> answers = List.of();

    CaseServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** {@code http://127.0.0.1:PORT}. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Serves a case until the next one. */
    void serve(LanguageCase recorded) {
        answers = recorded.parts().stream()
                .filter(Part.Http.class::isInstance)
                .map(Part.Http.class::cast)
                .toList();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            for (Part.Http answer : answers) {
                if (answer.path().equals(path)) {
                    answer(exchange, answer);
                    return;
                }
            }
            exchange.sendResponseHeaders(404, -1);
        }
    }

    private static void answer(HttpExchange exchange, Part.Http answer) throws IOException {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (answer.authorization() != null && !answer.authorization().equals(authorization)) {
            exchange.sendResponseHeaders(401, -1);
            return;
        }
        for (Map.Entry<String, String> header : answer.headers().entrySet()) {
            exchange.getResponseHeaders().set(header.getKey(), header.getValue());
        }
        byte[] body = answer.text() == null
                ? CaseContext.archive(answer.compression(), answer.members())
                : answer.text().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
