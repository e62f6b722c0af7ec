package io.slipway.remote.http;

import io.slipway.image.network.PinnedAddresses;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import io.slipway.remote.TimeBox;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Calls the API of an HTTP server that a user names, with any method: {@link java.net.HttpURLConnection}, on which everything else here stands, knows no
 * PATCH. Only the service loads it (docs/decisions/0025-check-runs.md). Redirects are not followed: what is sent is for one server. Immutable, thread-safe.
 *
 * @param addresses where connections may go
 * @param limit the longest time for all of it
 */
public record HttpCall(AddressPolicy addresses, Duration limit) {
    /** Of an answer no more than its beginning is of interest; a hundred check runs of GitHub's fit in. */
    private static final int MOST_BYTES = 1024 * 1024;

    /**
     * Sends a request and waits for the answer, whatever its status.
     *
     * @param headers header fields to send
     * @param body null if there is none
     * @param wanted names of the header fields of the answer that are of interest
     * @throws SourceException if there is no answer, or the address may not be connected to
     */
    public HttpPost.Answer send(
            String method, String url, Map<String, String> headers, byte @Nullable [] body, Iterable<String> wanted)
            throws IOException {
        HttpUrl parsed = HttpUrl.parse(url);
        if (parsed == null) {
            throw new SourceException(Kind.UNREACHABLE, "not an http or https URL: " + HttpUrl.shown(url), null);
        }
        return TimeBox.run(
                "asking " + parsed, limit, () -> null, () -> exchange(method, parsed, headers, body, wanted));
    }

    private HttpPost.Answer exchange(
            String method, HttpUrl url, Map<String, String> headers, byte @Nullable [] body, Iterable<String> wanted)
            throws IOException, InterruptedException {
        addresses.pin(url.host());
        HttpRequest request = request(method, url, headers, body);
        // One for each call: a kept connection may be dead by the next one, and only GET would be sent again then.
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(PinnedAddresses.carriedBy(Thread::startVirtualThread))
                .build();
        try {
            HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
            Map<String, String> found = new TreeMap<>();
            for (String name : wanted) {
                response.headers().firstValue(name).ifPresent(value -> found.put(name, value));
            }
            try (InputStream in = response.body()) {
                return new HttpPost.Answer(response.statusCode(), Map.copyOf(found), in.readNBytes(MOST_BYTES));
            }
        } catch (HttpTimeoutException e) {
            throw unreachable(url, "it does not answer", e);
        } catch (IOException e) {
            throw unreachable(url, e.getMessage() == null ? "no connection" : e.getMessage(), e);
        } finally {
            client.shutdownNow();
        }
    }

    private HttpRequest request(String method, HttpUrl url, Map<String, String> headers, byte @Nullable [] body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(url.uri())
                    .timeout(limit)
                    .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
            request.setHeader("User-Agent", "slipway");
            headers.forEach(request::setHeader);
            return request.build();
        } catch (IllegalArgumentException _) { // such as a host's name with an underscore, which a URI can't have
            // Not what it says: that can have the value of a header field.
            throw unreachable(url, "this is no address for this call", new IllegalArgumentException());
        }
    }

    private static SourceException unreachable(HttpUrl url, String why, Exception cause) {
        return new SourceException(Kind.UNREACHABLE, url + " could not be asked: " + why, null, cause);
    }
}
