package io.slipway.image.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer whose body is still on the wire. Must be closed; closing early gives up the connection. */
final class HttpResponse implements AutoCloseable {
    private static final int MAX_DRAINED_BYTES = 64 * 1024;

    private final HttpURLConnection connection;
    private final int status;
    private final InputStream body;

    HttpResponse(HttpURLConnection connection, int status, @Nullable InputStream body) {
        this.connection = connection;
        this.status = status;
        this.body = body == null ? InputStream.nullInputStream() : body;
    }

    int status() {
        return status;
    }

    /** Where the answer came from, after redirects. */
    URI uri() {
        return URI.create(connection.getURL().toString());
    }

    @Nullable
    String header(String name) {
        return connection.getHeaderField(name);
    }

    /** All values of a header field that may be sent several times. */
    List<String> headers(String name) {
        for (Map.Entry<String, List<String>> field :
                connection.getHeaderFields().entrySet()) {
            if (field.getKey() != null
                    && field.getKey().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                return field.getValue();
            }
        }
        return List.of();
    }

    /** The media type without parameters, or null. */
    @Nullable
    String contentType() {
        String type = header("Content-Type");
        return type == null ? null : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    InputStream body() {
        return body;
    }

    /** Reads the body, at most {@code limit + 1} bytes of it: who gets more than the limit knows that it was too much. */
    byte[] readUpTo(int limit) throws IOException {
        return body.readNBytes(limit + 1);
    }

    /** Reads what little is left so that the connection can be used again, else cuts it. */
    @Override
    public void close() {
        try (InputStream rest = body) {
            if (rest.readNBytes(MAX_DRAINED_BYTES).length == MAX_DRAINED_BYTES) {
                connection.disconnect();
            }
        } catch (IOException e) {
            connection.disconnect(); // the answer has been taken; a failing rest of it changes nothing
        }
    }
}
