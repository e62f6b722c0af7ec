package io.slipway.worker.client;

import io.slipway.protocol.WireJson;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Speaks to a service as any client does. Uses {@link HttpURLConnection} as the worker does (docs/decisions/0002-registry-client.md).
 * Thread-safe.
 */
final class ServiceClient {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** A followed log is silent while a step is. */
    private static final Duration READ = Duration.ofHours(24);

    private static final int CHUNK_BYTES = 64 * 1024;

    private final URI server;
    private final @Nullable SSLSocketFactory trust;
    private final String token;
    private final boolean far;

    /** @param trust whose certificates are believed; null for the JDK's own authorities */
    ServiceClient(URI server, @Nullable SSLSocketFactory trust, String token) {
        this.server = server;
        this.trust = trust;
        this.token = token;
        this.far = !isLoopback(server.getHost());
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // told when it is connected to
        }
    }

    /** Writes a body. */
    @FunctionalInterface
    interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    JsonNode get(String path) throws IOException {
        return json(open("GET", path));
    }

    JsonNode post(String path, String type, Body body) throws IOException {
        return send("POST", path, type, body);
    }

    JsonNode put(String path, String type, Body body) throws IOException {
        return send("PUT", path, type, body);
    }

    /** An answer's body, which the caller closes. */
    InputStream stream(String path) throws IOException {
        HttpURLConnection connection = open("GET", path);
        refuse(connection);
        return connection.getInputStream();
    }

    private HttpURLConnection open(String method, String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(server + path).toURL().openConnection();
        if (trust != null && connection instanceof HttpsURLConnection tls) {
            tls.setSSLSocketFactory(trust);
        }
        connection.setConnectTimeout(Math.toIntExact(CONNECT.toMillis()));
        connection.setReadTimeout(Math.toIntExact(READ.toMillis()));
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false); // the token is for this server
        connection.setRequestProperty("Authorization", "Bearer " + token);
        return connection;
    }

    /** Over a network the body is compressed: fast, since it is mostly what is compressed already, or small. */
    private JsonNode send(String method, String path, String type, Body body) throws IOException {
        HttpURLConnection connection = open(method, path);
        connection.setRequestProperty("Content-Type", type);
        connection.setDoOutput(true);
        connection.setChunkedStreamingMode(CHUNK_BYTES);
        if (far) {
            connection.setRequestProperty("Content-Encoding", "gzip");
        }
        try (OutputStream raw = connection.getOutputStream();
                OutputStream out = far ? new FastGzip(raw) : new BufferedOutputStream(raw, CHUNK_BYTES)) {
            body.writeTo(out);
        } catch (IOException e) {
            refuseIfAnswered(connection);
            throw e;
        }
        return json(connection);
    }

    /** Who refuses a body may answer, and close the connection, before it has all come: then that answer is what went wrong. */
    private static void refuseIfAnswered(HttpURLConnection connection) throws ServiceException {
        try {
            refuse(connection);
        } catch (ServiceException refusal) {
            throw refusal;
        } catch (IOException e) {
            // There was none: the caller has a better reason.
        }
    }

    private static JsonNode json(HttpURLConnection connection) throws IOException {
        refuse(connection);
        try (InputStream in = connection.getInputStream()) {
            return WireJson.MAPPER.readTree(in);
        } catch (JacksonException e) {
            throw new IOException(connection.getURL() + " did not answer as a Slipway service does", e);
        }
    }

    private static void refuse(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        if (status < 300) {
            return;
        }
        String body = "";
        try (InputStream in = connection.getErrorStream()) {
            body = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        String detail = null;
        String hint = null;
        try {
            JsonNode problem = WireJson.MAPPER.readTree(body);
            detail = text(problem, "detail");
            hint = text(problem, "hint");
        } catch (JacksonException e) {
            // Not a service's own answer; a proxy's, perhaps.
        }
        if (status == HttpURLConnection.HTTP_UNAUTHORIZED && detail == null) {
            // The JDK keeps the body of a 401 to itself.
            detail = "The service does not take the token.";
            hint = "--token-file FILE or the environment variable SLIPWAY_TOKEN has it";
        }
        throw new ServiceException(
                status, detail == null ? connection.getURL() + " answered with " + status : detail, hint);
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value == null || !value.isString() ? null : value.stringValue();
    }

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, CHUNK_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
