package io.slipway.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.HttpsURLConnection;

/**
 * One HTTP request, one answer, streamed both ways over {@link HttpURLConnection}: docs/decisions/0002-registry-client.md
 * says why that. Follows redirects of GET and HEAD itself, because credentials must not follow. Thread-safe.
 */
final class Http {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int MAX_REDIRECTS = 10;
    /** Bodies up to this size are held in memory, which lets the JDK send them again over a fresh connection by itself. */
    private static final int MAX_BUFFERED_BYTES = 64 * 1024;
    /** A registry may hash or move a whole blob before it answers an upload. */
    private static final Duration UPLOAD_ANSWER_TIMEOUT = Duration.ofMinutes(10);

    private final RegistrySettings settings;
    private final Trust trust;
    private final CheckedHosts hosts;

    Http(RegistrySettings settings) {
        this.settings = settings;
        this.hosts = new CheckedHosts(settings.addresses());
        this.trust = new Trust(settings.caFile());
    }

    /**
     * Sends the request and follows redirects of GET and HEAD, without the Authorization header once the origin changes.
     *
     * @return the answer, whatever its status; must be closed
     * @throws LocalFailure if the request's body can't be read
     * @throws BrokenProtocolException if the answer is not HTTP or redirects where we don't go
     * @throws DeniedAddressException if the host, or one that it redirects to, is where we don't connect to
     * @throws IOException if the connection fails
     */
    HttpResponse send(HttpRequest request) throws IOException {
        HttpRequest current = request;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse response = exchange(current);
            String location = response.header("Location");
            boolean read = current.method().equals("GET") || current.method().equals("HEAD");
            if (!read || location == null || !REDIRECTS.contains(response.status())) {
                return response;
            }
            response.close();
            URI target = follow(current.uri(), location);
            if (!sameOrigin(current.uri(), target)) {
                current = current.without("Authorization");
            }
            current = current.to(target);
        }
        throw new BrokenProtocolException(
                request.uri().getAuthority() + " redirects more than " + MAX_REDIRECTS + " times");
    }

    /**
     * The URL that a host's answer sends us to. A host may not send us from https to http, nor from outside to this machine or
     * its link-local network: who names a registry in a Dockerfile must not reach through us what only we can reach.
     *
     * @throws BrokenProtocolException if we don't go there
     */
    static URI follow(URI from, String location) throws IOException {
        URI target;
        try {
            target = from.resolve(new URI(location));
        } catch (URISyntaxException e) {
            throw new BrokenProtocolException(from.getAuthority() + " names a location that is not a URL");
        }
        String scheme = target.getScheme();
        boolean http = "http".equals(scheme) || "https".equals(scheme);
        if (!http || target.getHost() == null || target.getRawUserInfo() != null) {
            throw new BrokenProtocolException(from.getAuthority() + " names a location that is not an http URL");
        }
        if ("https".equals(from.getScheme()) && "http".equals(scheme)) {
            throw new BrokenProtocolException(
                    from.getAuthority() + " sends us from https to plain http at " + target.getAuthority());
        }
        if (!target.getHost().equals(from.getHost()) && isNear(target) && !isNear(from)) {
            throw new BrokenProtocolException(
                    from.getAuthority() + " sends us to " + target.getAuthority() + ", which is this machine");
        }
        return target;
    }

    static boolean sameOrigin(URI one, URI other) {
        return Objects.equals(one.getScheme(), other.getScheme())
                && Objects.equals(one.getHost(), other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
    }

    private static boolean isNear(URI uri) throws IOException {
        // Not the URI's own host, which is null for names that it does not think are any, such as my_host.
        for (InetAddress address : CheckedHosts.addresses(uri.toURL().getHost())) {
            if (address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isAnyLocalAddress()) {
                return true;
            }
        }
        return false;
    }

    private HttpResponse exchange(HttpRequest request) throws IOException {
        URL url = request.uri().toURL();
        return hosts.connecting(url, () -> exchange(request, url));
    }

    private HttpResponse exchange(HttpRequest request, URL url) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        if (connection instanceof HttpsURLConnection secure) {
            trust.apply(secure);
        }
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(Math.toIntExact(settings.connectTimeout().toMillis()));
        connection.setReadTimeout(Math.toIntExact(answerTimeout(request).toMillis()));
        connection.setRequestMethod(request.method());
        connection.setRequestProperty("User-Agent", "slipway");
        for (Map.Entry<String, String> header : request.headers().entrySet()) {
            connection.setRequestProperty(header.getKey(), header.getValue());
        }
        HttpRequest.Body body = request.body();
        if (body != null) {
            write(connection, body);
        } else if (request.method().equals("POST")) {
            write(connection, HttpRequest.Body.of(new byte[0]));
        }
        int status = connection.getResponseCode();
        if (status < 0) {
            connection.disconnect();
            throw new BrokenProtocolException(request.uri().getAuthority() + " does not answer in HTTP");
        }
        return new HttpResponse(connection, status, body(connection, status));
    }

    private Duration answerTimeout(HttpRequest request) {
        boolean upload = request.body() != null && request.body().size() > MAX_BUFFERED_BYTES;
        return upload && UPLOAD_ANSWER_TIMEOUT.compareTo(settings.idleTimeout()) > 0
                ? UPLOAD_ANSWER_TIMEOUT
                : settings.idleTimeout();
    }

    private static InputStream body(HttpURLConnection connection, int status) throws IOException {
        if (status >= 400) {
            InputStream error = connection.getErrorStream();
            return error == null ? InputStream.nullInputStream() : error;
        }
        return connection.getInputStream();
    }

    private void write(HttpURLConnection connection, HttpRequest.Body body) throws IOException {
        connection.setDoOutput(true);
        boolean streamed = body.size() > MAX_BUFFERED_BYTES;
        if (streamed) {
            connection.setFixedLengthStreamingMode(body.size());
        }
        byte[] buffer = new byte[Math.clamp(body.size(), 1, 128 * 1024)];
        try (InputStream in = open(body);
                OutputStream out = connection.getOutputStream()) {
            if (streamed) {
                // A socket has no write timeout: a host that stops reading would hold us for ever.
                try (StallGuard guard = new StallGuard(settings.idleTimeout(), connection::disconnect)) {
                    for (int n = read(in, buffer); n >= 0; n = read(in, buffer)) {
                        out.write(buffer, 0, n);
                        guard.progress();
                    }
                }
            } else {
                for (int n = read(in, buffer); n >= 0; n = read(in, buffer)) {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            connection.disconnect();
            throw e;
        }
    }

    private static InputStream open(HttpRequest.Body body) throws LocalFailure {
        try {
            return body.open();
        } catch (IOException e) {
            throw new LocalFailure(e);
        }
    }

    private static int read(InputStream in, byte[] buffer) throws LocalFailure {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw new LocalFailure(e);
        }
    }
}
