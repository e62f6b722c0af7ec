package io.slipway.remote.http;

import io.slipway.remote.AddressPolicy;
import io.slipway.remote.Passing;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import io.slipway.remote.TimeBox;
import io.slipway.remote.http.HttpSource.Validators;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fetches from HTTP servers, over {@link HttpURLConnection}: docs/decisions/0008-one-room-for-fetching.md says why that. Follows
 * redirects itself, because each one's address is checked and credentials must not follow. Immutable, thread-safe.
 *
 * @param addresses where connections may go
 * @param ioTimeout the longest wait for a connection and for more data
 * @param fetchTimeout the longest time for a whole fetch
 * @param mostBytes the most bytes of a body
 */
public record HttpRemote(AddressPolicy addresses, Duration ioTimeout, Duration fetchTimeout, long mostBytes) {
    private static final int MOST_REDIRECTS = 10;
    private static final long MOST_DRAINED_BYTES = 64 * 1024;

    /** A server, or a proxy before it, that can't answer at the moment (RFC 9110, section 15.6; RFC 6585, section 4). */
    private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);

    /**
     * Fetches the URL and hands the body over as it comes.
     *
     * @param receiver reads the body on another thread than the caller's
     * @throws SourceException if there is nothing to be had at the URL, its checksum is another, or it is too large
     * @throws IOException if {@code receiver} says so
     */
    public <T extends Closeable> T fetch(HttpSource source, HttpFile.Receiver<T> receiver) throws IOException {
        HttpUrl url = HttpUrl.parse(source.url());
        if (url == null) {
            throw new SourceException(
                    Kind.UNREACHABLE, "not an http or https URL: " + HttpUrl.shown(source.url()), null);
        }
        return TimeBox.run("fetching " + url, fetchTimeout, () -> null, () -> receive(source, url, receiver));
    }

    private <T extends Closeable> T receive(HttpSource source, HttpUrl url, HttpFile.Receiver<T> receiver)
            throws IOException {
        HttpURLConnection connection = Passing.tried(_ -> open(source, url));
        try (InputStream body = connection.getInputStream();
                Download download =
                        new Download(body, url.toString(), announced(connection), mostBytes, source.checksum())) {
            boolean unchanged = connection.getResponseCode() == HttpURLConnection.HTTP_NOT_MODIFIED;
            Validators validators =
                    new Validators(connection.getHeaderField("ETag"), connection.getHeaderField("Last-Modified"));
            if (unchanged) {
                return receiver.receive(new HttpFile(true, validators, InputStream.nullInputStream()));
            }
            return received(url, new HttpFile(false, validators, download), download, receiver);
        } finally {
            connection.disconnect();
        }
    }

    private static <T extends Closeable> T received(
            HttpUrl url, HttpFile file, Download download, HttpFile.Receiver<T> receiver) throws IOException {
        T received;
        try {
            received = receiver.receive(file);
        } catch (IOException e) {
            throw blamed(url, download, e);
        }
        try {
            download.finish();
            return received;
        } catch (IOException e) {
            received.close();
            throw blamed(url, download, e);
        } catch (RuntimeException e) {
            received.close();
            throw e;
        }
    }

    private static IOException blamed(HttpUrl url, Download download, IOException e) {
        IOException failure = download.failure();
        if (failure != null) {
            throw unreachable(url, failure);
        }
        return e;
    }

    private static long announced(HttpURLConnection connection) throws IOException {
        return connection.getResponseCode() == HttpURLConnection.HTTP_NOT_MODIFIED
                ? -1
                : connection.getContentLengthLong();
    }

    private HttpURLConnection open(HttpSource source, HttpUrl first) throws IOException {
        HttpUrl url = first;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpURLConnection connection = send(source, first, url);
            int status = connection.getResponseCode();
            boolean unchanged = status == HttpURLConnection.HTTP_NOT_MODIFIED && source.known() != null;
            if (unchanged || (status / 100 == 2 && status != HttpURLConnection.HTTP_PARTIAL)) {
                return connection;
            }
            String location = connection.getHeaderField("Location");
            Duration after = retryAfter(connection);
            discard(connection);
            if (PASSING.contains(status)) {
                throw new Passing(refused(source, first, status), after);
            }
            if (!isRedirect(status)) {
                throw refused(source, first, status);
            }
            if (location == null) {
                throw unreachable(first, "it redirects to nowhere");
            }
            url = url.redirected(location);
            if (url == null) {
                throw unreachable(first, "it redirects to what is no http or https URL");
            }
        }
        throw unreachable(first, "it redirects more than " + MOST_REDIRECTS + " times");
    }

    private HttpURLConnection send(HttpSource source, HttpUrl first, HttpUrl url) throws IOException {
        addresses.pin(url.host());
        HttpURLConnection connection = (HttpURLConnection) url.url().openConnection();
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(millis(ioTimeout));
        connection.setReadTimeout(millis(ioTimeout));
        connection.setRequestProperty("User-Agent", "slipway");
        connection.setRequestProperty("Accept", "*/*");
        String authorization = authorization(source, first);
        if (authorization != null && first.isTrusting(url)) {
            connection.setRequestProperty("Authorization", authorization);
        }
        Validators known = source.known();
        if (known != null && known.etag() != null) {
            connection.setRequestProperty("If-None-Match", known.etag());
        } else if (known != null && known.lastModified() != null) {
            connection.setRequestProperty("If-Modified-Since", known.lastModified());
        }
        try {
            if (connection.getResponseCode() < 0) {
                throw unreachable(first, "it does not answer in HTTP");
            }
            return connection;
        } catch (ConnectException e) {
            connection.disconnect();
            throw new Passing(unreachable(first, e), null);
        } catch (IOException e) {
            connection.disconnect();
            throw unreachable(first, e);
        }
    }

    /** Seconds only: with a date, which hardly anybody sends, it is as if the server did not say. */
    private static @Nullable Duration retryAfter(HttpURLConnection connection) {
        String seconds = connection.getHeaderField("Retry-After");
        return seconds != null && seconds.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(seconds)) : null;
    }

    private static int millis(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE, duration.toMillis());
    }

    private static @Nullable String authorization(HttpSource source, HttpUrl first) {
        return source.authorization() != null ? source.authorization() : first.authorization();
    }

    /** Reads what little a refusal or redirect says, so that the connection can be used again, else cuts it. */
    private static void discard(HttpURLConnection connection) {
        try (InputStream body =
                connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            if (body != null && body.skip(MOST_DRAINED_BYTES) == MOST_DRAINED_BYTES) {
                connection.disconnect();
            }
        } catch (IOException e) {
            connection.disconnect(); // the answer is known
        }
    }

    private static SourceException refused(HttpSource source, HttpUrl url, int status) {
        boolean known = source.authorization() != null || url.user() != null;
        String hint = switch (status) {
            case 401, 403 ->
                known
                        ? "the server does not take these credentials"
                        : "give username and password with a context, or the secret HTTP_AUTH_TOKEN_" + url.host()
                                + " for ADD";
            case 404, 410 -> "check the URL";
            default -> null;
        };
        return new SourceException(Kind.UNREACHABLE, url + " answers with status " + status, hint);
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static SourceException unreachable(HttpUrl url, String why) {
        return new SourceException(Kind.UNREACHABLE, url + " could not be fetched: " + why, null);
    }

    private static SourceException unreachable(HttpUrl url, IOException e) {
        String why = e instanceof SocketTimeoutException
                ? "it does not answer"
                : e.getMessage() == null ? "no connection" : e.getMessage();
        return new SourceException(Kind.UNREACHABLE, url + " could not be fetched: " + why, null, e);
    }
}
