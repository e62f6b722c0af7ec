package io.slipway.worker.serve;

import io.slipway.protocol.Claim;
import io.slipway.protocol.EventAck;
import io.slipway.protocol.EventBatch;
import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** The worker's side of the worker protocol ({@code io.slipway.protocol}). Thread-safe. */
final class ApiClient {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration CLAIM = Duration.ofSeconds(60);
    private static final Duration EVENTS = Duration.ofSeconds(20);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final URI api;

    ApiClient(URI api) {
        this.api = api;
    }

    /** Waits for a build; empty if none came in the time that the API lets a worker wait. */
    Optional<Claim> claim(String workerToken) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = post("/internal/v1/claim", workerToken, new byte[0], CLAIM);
        return switch (response.statusCode()) {
            case 200 -> Optional.of(WireJson.MAPPER.readValue(response.body(), Claim.class));
            case 204 -> Optional.empty();
            default -> throw refused("claim", response);
        };
    }

    /**
     * Reports events.
     *
     * @throws LeaseLostException if the build is not ours any more
     */
    EventAck report(String build, String buildToken, EventBatch batch)
            throws IOException, InterruptedException, LeaseLostException {
        HttpResponse<byte[]> response = post(
                "/internal/v1/builds/" + build + "/events",
                buildToken,
                WireJson.MAPPER.writeValueAsBytes(batch),
                EVENTS);
        return switch (response.statusCode()) {
            case 200 -> WireJson.MAPPER.readValue(response.body(), EventAck.class);
            case 401, 404, 409 -> throw new LeaseLostException(text(response));
            default -> throw refused("report", response);
        };
    }

    private HttpResponse<byte[]> post(String path, String token, byte[] body, Duration timeout)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(api.resolve(path))
                .timeout(timeout)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private static IOException refused(String what, HttpResponse<byte[]> response) {
        return new IOException("the API answered a " + what + " with " + response.statusCode() + ": " + text(response));
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }
}
