package io.slipway.worker.serve;

import io.slipway.protocol.Claim;
import io.slipway.protocol.EventAck;
import io.slipway.protocol.EventBatch;
import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The worker's side of the worker protocol ({@code io.slipway.protocol}). Uses {@link HttpURLConnection} as the registry client
 * does (docs/decisions/0002-registry-client.md): every worker pays for the start of its HTTP client. Thread-safe.
 */
final class ApiClient {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration CLAIM = Duration.ofSeconds(60);
    private static final Duration EVENTS = Duration.ofSeconds(20);

    private final URI api;

    ApiClient(URI api) {
        this.api = api;
    }

    /** Waits for a build; empty if none came in the time that the API lets a worker wait. */
    Optional<Claim> claim(String workerToken) throws IOException {
        return claim("/internal/v1/claim", workerToken);
    }

    /** A build that waits already for a worker; empty if there is none. */
    Optional<Claim> claimWaiting(String workerToken) throws IOException {
        return claim("/internal/v1/claim?wait=false", workerToken);
    }

    /** A build that this worker, having ended that one, is to do next; empty if there is none for it. */
    Optional<Claim> claimAfter(String workerToken, String build) throws IOException {
        return claim("/internal/v1/claim?wait=false&after=" + build, workerToken);
    }

    private Optional<Claim> claim(String path, String workerToken) throws IOException {
        Answer answer = post(path, workerToken, new byte[0], CLAIM);
        return switch (answer.status()) {
            case 200 -> Optional.of(WireJson.MAPPER.readValue(answer.body(), Claim.class));
            case 204 -> Optional.empty();
            default -> throw refused("claim", answer);
        };
    }

    /**
     * Reports events.
     *
     * @throws LeaseLostException if the build is not ours any more
     */
    EventAck report(String build, String buildToken, EventBatch batch) throws IOException, LeaseLostException {
        Answer answer = post(
                "/internal/v1/builds/" + build + "/events",
                buildToken,
                WireJson.MAPPER.writeValueAsBytes(batch),
                EVENTS);
        return switch (answer.status()) {
            case 200 -> WireJson.MAPPER.readValue(answer.body(), EventAck.class);
            case 401, 404, 409 -> throw new LeaseLostException(answer.body());
            default -> throw refused("report", answer);
        };
    }

    private record Answer(int status, String body) {}

    private Answer post(String path, String token, byte[] body, Duration timeout) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) api.resolve(path).toURL().openConnection();
        connection.setConnectTimeout(Math.toIntExact(CONNECT.toMillis()));
        connection.setReadTimeout(Math.toIntExact(timeout.toMillis()));
        connection.setRequestMethod("POST");
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("Authorization", "Bearer " + token);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        int status = connection.getResponseCode();
        try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            return new Answer(status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static IOException refused(String what, Answer answer) {
        return new IOException("the API answered a " + what + " with " + answer.status() + ": " + answer.body());
    }
}
