package io.slipway.remote.http;

import io.slipway.image.Digest;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import io.slipway.remote.TimeBox;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Fetches from HTTP servers. Thread-safe. */
public final class HttpRemote implements AutoCloseable {
    private static final int MOST_REDIRECTS = 5;
    private static final int MOST_URL_CHARACTERS = 4096;

    private final AddressPolicy addresses;
    private final Duration ioTimeout;
    private final Duration fetchTimeout;
    private final HttpClient client;

    /**
     * @param addresses where connections may go
     * @param ioTimeout the longest wait for a connection and for an answer's head
     * @param fetchTimeout the longest time for the whole fetch
     */
    public HttpRemote(AddressPolicy addresses, Duration ioTimeout, Duration fetchTimeout) {
        this.addresses = addresses;
        this.ioTimeout = ioTimeout;
        this.fetchTimeout = fetchTimeout;
        this.client = HttpClient.newBuilder()
                .connectTimeout(ioTimeout)
                .followRedirects(HttpClient.Redirect.NEVER) // each one's address is checked first
                .build();
    }

    /** Takes the bytes. */
    @FunctionalInterface
    public interface Receiver<T extends Closeable> {
        /** Reads the body and returns what became of it. */
        T receive(InputStream body) throws IOException;
    }

    /**
     * Fetches the URL and hands the body over as it comes.
     *
     * @param receiver reads the body on another thread than the caller's
     * @throws SourceException if there is nothing to be had at the URL, or its checksum is another
     * @throws IOException if {@code receiver} says so, or the connection is cut
     */
    public <T extends Closeable> T fetch(HttpSource source, Receiver<T> receiver) throws IOException {
        URI uri = parsed(source.url());
        return TimeBox.run("fetching " + shown(source.url()), fetchTimeout, () -> null, () -> {
            try (InputStream body = open(source, uri)) {
                return receive(source, body, receiver);
            }
        });
    }

    private static <T extends Closeable> T receive(HttpSource source, InputStream body, Receiver<T> receiver)
            throws IOException {
        Download download = new Download(body);
        T received;
        try {
            received = receiver.receive(download);
        } catch (IOException e) {
            IOException failure = download.failure;
            if (failure != null) {
                throw unreachable(source, String.valueOf(failure.getMessage()), failure);
            }
            throw e;
        }
        String problem = mismatch(source, download);
        if (problem == null) {
            return received;
        }
        received.close();
        throw new SourceException(Kind.INVALID, problem, null);
    }

    private static @Nullable String mismatch(HttpSource source, Download download) throws IOException {
        if (source.checksum() == null) {
            return null;
        }
        download.transferTo(OutputStream.nullOutputStream());
        String actual = HexFormat.of().formatHex(download.hash.digest());
        return actual.equals(source.checksum())
                ? null
                : "what is at " + shown(source.url()) + " has the SHA-256 " + actual + ", not " + source.checksum();
    }

    /** A body that is hashed, and remembers why it could not be read: the network is to blame then, not the content. */
    private static final class Download extends FilterInputStream {
        private final MessageDigest hash = Digest.sha256();
        private @Nullable IOException failure;

        Download(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int count = super.read(bytes, offset, length);
                if (count > 0) {
                    hash.update(bytes, offset, count);
                }
                return count;
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    private InputStream open(HttpSource source, URI first) throws IOException {
        URI uri = first;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpResponse<InputStream> response = send(source, first, uri);
            int status = response.statusCode();
            if (status == 200) {
                return response.body();
            }
            response.body().close();
            if (!isRedirect(status)) {
                throw refused(source, status);
            }
            String location = response.headers()
                    .firstValue("Location")
                    .orElseThrow(() -> unreachable(source, "it redirects to nowhere", null));
            uri = redirected(source, uri, location);
        }
        throw unreachable(source, "it redirects more than " + MOST_REDIRECTS + " times", null);
    }

    private HttpResponse<InputStream> send(HttpSource source, URI first, URI uri) throws IOException {
        addresses.check(uri.getHost());
        HttpRequest.Builder request = HttpRequest.newBuilder(withoutUser(uri)).timeout(ioTimeout);
        String credentials = credentials(source, first);
        if (credentials != null && sameServer(first, uri)) {
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
        }
        try {
            return client.send(request.build(), BodyHandlers.ofInputStream());
        } catch (HttpConnectTimeoutException e) {
            throw unreachable(source, "it does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (IOException e) {
            String why = e.getMessage();
            throw unreachable(source, why == null ? "no connection" : why, e);
        }
    }

    private static @Nullable String credentials(HttpSource source, URI first) {
        if (source.password() != null) {
            return (source.username() == null ? "" : source.username()) + ":" + source.password();
        }
        return first.getUserInfo();
    }

    private static SourceException refused(HttpSource source, int status) {
        String hint = switch (status) {
            case 401, 403 -> "give username and password";
            case 404, 410 -> "check the URL";
            default -> null;
        };
        return new SourceException(Kind.UNREACHABLE, shown(source.url()) + " answers with status " + status, hint);
    }

    private static URI redirected(HttpSource source, URI from, String location) {
        try {
            URI to = from.resolve(new URI(location));
            if (isHttp(to)) {
                return to;
            }
        } catch (URISyntaxException e) {
            throw unreachable(source, "it redirects to what is no URL", e);
        }
        throw unreachable(source, "it redirects to another protocol than http and https", null);
    }

    private static URI parsed(String url) {
        try {
            URI uri = new URI(url);
            if (url.length() <= MOST_URL_CHARACTERS && isHttp(uri)) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw malformed(url, e);
        }
        throw malformed(url, null);
    }

    private static SourceException malformed(String url, @Nullable Throwable cause) {
        String message = "not an http or https URL: " + shown(url);
        return cause == null
                ? new SourceException(Kind.UNREACHABLE, message, null)
                : new SourceException(Kind.UNREACHABLE, message, null, cause);
    }

    private static boolean isHttp(URI uri) {
        return uri.getHost() != null
                && uri.getScheme() != null
                && uri.getScheme().matches("(?i)https?");
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static boolean sameServer(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && one.getPort() == other.getPort();
    }

    private static URI withoutUser(URI uri) throws IOException {
        if (uri.getRawUserInfo() == null) {
            return uri;
        }
        try {
            return new URI(uri.toString().replaceFirst("://[^/@]*@", "://"));
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static SourceException unreachable(HttpSource source, String why, @Nullable Throwable cause) {
        String message = shown(source.url()) + " could not be fetched: " + why;
        return cause == null
                ? new SourceException(Kind.UNREACHABLE, message, null)
                : new SourceException(Kind.UNREACHABLE, message, null, cause);
    }

    /** The URL as it may be shown: without user, password and query, which often is a signature. */
    static String shown(String url) {
        String shown = url.replaceFirst("\\?.*$", "").replaceFirst("://[^/@]*@", "://");
        shown = shown.replaceAll("\\p{Cntrl}", "?");
        return shown.length() > 200 ? shown.substring(0, 200) + "…" : shown;
    }

    /** Closes idle connections. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
