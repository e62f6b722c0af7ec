package io.slipway.api.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls the service as any client would; every answer must be as {@code openapi.yaml} says. Thread-safe. */
public final class ApiClient {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final String url;
    private final @Nullable String token;
    private final String[] always;

    /**
     * @param url the service's address, without a slash at its end
     * @param token sent as bearer token; null for none
     */
    public ApiClient(String url, @Nullable String token) {
        this(url, token, new String[0]);
    }

    private ApiClient(String url, @Nullable String token, String[] always) {
        this.url = url;
        this.token = token;
        this.always = always;
    }

    /** The same, which sends these headers with each request; names and values by turns. */
    public ApiClient with(String... headers) {
        return new ApiClient(url, token, headers.clone());
    }

    /** What came back. */
    public record Answer(HttpResponse<byte[]> response) {
        /** The status code. */
        public int status() {
            return response.statusCode();
        }

        /** The body as UTF-8. */
        public String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        /** The body as JSON. */
        public JsonNode json() {
            return JsonMapper.shared().readTree(response.body());
        }

        /** A header's first value, or an empty text. */
        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    /** Sends {@code GET path}; headers are names and values by turns. */
    public Answer get(String path, String... headers) throws IOException {
        return send("GET", path, BodyPublishers.noBody(), headers);
    }

    /** Sends {@code POST path}; headers are names and values by turns. */
    public Answer post(String path, byte[] body, String... headers) throws IOException {
        return send("POST", path, BodyPublishers.ofByteArray(body), headers);
    }

    /** Sends {@code POST path} with JSON; headers are names and values by turns. */
    public Answer postJson(String path, String json, String... headers) throws IOException {
        String[] all = new String[headers.length + 2];
        all[0] = "Content-Type";
        all[1] = "application/json";
        System.arraycopy(headers, 0, all, 2, headers.length);
        return send("POST", path, BodyPublishers.ofString(json), all);
    }

    /** Sends {@code PUT path} with JSON. */
    public Answer putJson(String path, String json) throws IOException {
        return send("PUT", path, BodyPublishers.ofString(json), "Content-Type", "application/json");
    }

    /** Sends any request; headers are names and values by turns. */
    public Answer send(String method, String path, BodyPublisher body, String... headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(60))
                .method(method, body);
        if (token != null) {
            request.setHeader("Authorization", "Bearer " + token);
        }
        for (int i = 0; i < always.length; i += 2) {
            request.setHeader(always[i], always[i + 1]);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<byte[]> response = CLIENT.send(request.build(), BodyHandlers.ofByteArray());
            OpenApi.contract().check(response, response.body());
            return new Answer(response);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
