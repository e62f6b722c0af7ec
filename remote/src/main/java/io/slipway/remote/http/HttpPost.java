package io.slipway.remote.http;

import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import io.slipway.remote.TimeBox;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Authenticator;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sends a small body to an HTTP server that a user names. Redirects are not followed: what is sent is for one server. Immutable, thread-safe.
 *
 * @param addresses where connections may go
 * @param ioTimeout the longest wait for a connection and for more data
 * @param limit the longest time for all of it
 */
public record HttpPost(AddressPolicy addresses, Duration ioTimeout, Duration limit) {
    /**
     * It knows no passwords. The JDK keeps connections by the name of their host; those that were made for others, who may be allowed more
     * addresses, are not taken for whoever has another authenticator than they had.
     */
    private static final Authenticator NOBODY = new Authenticator() {};

    /** Of an answer no more than its beginning is of interest. */
    private static final int MOST_BYTES = 64 * 1024;

    /**
     * What came back.
     *
     * @param headers header fields that were asked for and are there, by the name that they were asked for by
     * @param body its beginning
     */
    @SuppressWarnings("ArrayRecordComponent") // read only, never compared
    public record Answer(int status, Map<String, String> headers, byte[] body) {}

    /**
     * Sends a body and waits for the answer, whatever its status.
     *
     * @param headers header fields to send
     * @param wanted names of the header fields of the answer that are of interest
     * @throws SourceException if there is no answer, or the address may not be connected to
     */
    public Answer send(String url, Map<String, String> headers, byte[] body, Iterable<String> wanted)
            throws IOException {
        HttpUrl parsed = HttpUrl.parse(url);
        if (parsed == null) {
            throw new SourceException(Kind.UNREACHABLE, "not an http or https URL: " + HttpUrl.shown(url), null);
        }
        return TimeBox.run("asking " + parsed, limit, () -> null, () -> exchange(parsed, headers, body, wanted));
    }

    private Answer exchange(HttpUrl url, Map<String, String> headers, byte[] body, Iterable<String> wanted)
            throws IOException {
        addresses.pin(url.host());
        HttpURLConnection connection = (HttpURLConnection) url.url().openConnection();
        try {
            connection.setAuthenticator(NOBODY);
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setConnectTimeout(millis());
            connection.setReadTimeout(millis());
            connection.setRequestMethod("POST");
            connection.setRequestProperty("User-Agent", "slipway");
            headers.forEach(connection::setRequestProperty);
            connection.setDoOutput(true); // not streamed: then a 401 would have no body (HttpRetryException)
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body);
            }
            int status = connection.getResponseCode();
            if (status < 0) {
                throw unreachable(url, "it does not answer in HTTP", null);
            }
            Map<String, String> found = new TreeMap<>();
            for (String name : wanted) {
                String value = connection.getHeaderField(name);
                if (value != null) {
                    found.put(name, value);
                }
            }
            return new Answer(status, Map.copyOf(found), beginning(connection, status));
        } catch (SocketTimeoutException e) {
            throw unreachable(url, "it does not answer", e);
        } catch (IOException e) {
            throw unreachable(url, e.getMessage() == null ? "no connection" : e.getMessage(), e);
        } finally {
            connection.disconnect();
        }
    }

    private static byte[] beginning(HttpURLConnection connection, int status) throws IOException {
        try (@Nullable InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return in == null ? new byte[0] : in.readNBytes(MOST_BYTES);
        }
    }

    private int millis() {
        return (int) Math.min(Integer.MAX_VALUE, ioTimeout.toMillis());
    }

    private static SourceException unreachable(HttpUrl url, String why, @Nullable IOException cause) {
        String message = url + " could not be asked: " + why;
        return cause == null
                ? new SourceException(Kind.UNREACHABLE, message, null)
                : new SourceException(Kind.UNREACHABLE, message, null, cause);
    }
}
