package io.slipway.api.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The head of an HTTP/1.1 request or answer, as it is read from a connection (RFC 9112).
 *
 * @param start the request line or the status line
 * @param headers the header fields
 */
record HttpMessage(String start, HttpHeaders headers) {
    /** What follows a head; {@code whole} says that it was not cut off. */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record Body(byte[] bytes, boolean whole) {}

    /** Reads a head; there is none if the connection ends before it does. */
    static Optional<HttpMessage> read(InputStream in) throws IOException {
        Optional<String> start = line(in);
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Optional<String> field = start.isEmpty() ? start : line(in);
        while (field.isPresent() && !field.get().isEmpty()) {
            String[] parts = field.get().split(":", 2);
            fields.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(parts[1].strip());
            field = line(in);
        }
        return field.map(_ -> new HttpMessage(start.orElseThrow(), HttpHeaders.of(fields, (_, _) -> true)));
    }

    /** The start line's words; what is behind the second space is one. */
    String[] words() {
        return start.split(" ", 3);
    }

    /** Whether it says how long its body is; a request that does not has none, an answer that does not goes on to the connection's end. */
    boolean hasLength() {
        return isChunked() || headers.firstValue("Content-Length").isPresent();
    }

    private boolean isChunked() {
        return headers.firstValue("Transfer-Encoding")
                .map(coding -> coding.toLowerCase(Locale.ROOT))
                .filter("chunked"::equals)
                .isPresent();
    }

    /** Reads the body; chunks are joined. */
    Body body(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean whole;
        if (isChunked()) {
            whole = chunks(in, body);
        } else if (hasLength()) {
            long length = headers.firstValueAsLong("Content-Length").orElseThrow();
            whole = copy(in, length, body) == length;
        } else {
            whole = copy(in, Long.MAX_VALUE, body) >= 0;
        }
        return new Body(body.toByteArray(), whole);
    }

    private static boolean chunks(InputStream in, ByteArrayOutputStream to) throws IOException {
        for (Optional<String> line = line(in); line.isPresent(); line = line(in)) {
            int length = Integer.parseInt(line.get(), 16);
            if (copy(in, length, to) != length || !line(in).equals(Optional.of(""))) {
                return false;
            }
            if (length == 0) { // the service has no trailers
                return true;
            }
        }
        return false;
    }

    /** Returns how much has come, at most {@code length}; below 0 if the connection was reset. */
    private static long copy(InputStream in, long length, ByteArrayOutputStream to) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long copied = 0;
        try {
            while (copied < length) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, length - copied));
                if (count < 0) {
                    return copied;
                }
                to.write(buffer, 0, count);
                copied += count;
            }
            return copied;
        } catch (SocketException e) {
            return -1;
        }
    }

    /** A line without its end; none if the connection ends, or is reset, before it does. */
    private static Optional<String> line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    return Optional.empty();
                }
                line.write(next);
            }
        } catch (SocketException e) {
            return Optional.empty();
        }
        return Optional.of(line.toString(StandardCharsets.ISO_8859_1).stripTrailing());
    }
}
