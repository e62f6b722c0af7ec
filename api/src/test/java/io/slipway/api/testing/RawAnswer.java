package io.slipway.api.testing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An answer of the service that is read from a connection itself, by tests that do with it what no HTTP client does. It is as
 * {@code openapi.yaml} says: whoever reads one that is not fails.
 *
 * @param body as much of it as has come
 * @param whole whether that is all
 */
@SuppressWarnings("ArrayRecordComponent") // read once
public record RawAnswer(int status, HttpHeaders headers, byte[] body, boolean whole) {
    /**
     * Reads an answer that has to come as a whole.
     *
     * @param target the request's path with its query
     */
    public static RawAnswer read(String method, String target, InputStream in) throws IOException {
        return readBeginning(method, target, in)
                .filter(RawAnswer::whole)
                .orElseThrow(() -> new EOFException(method + " " + target + " has no whole answer"));
    }

    /**
     * Reads as much of an answer as comes.
     *
     * @param target the request's path with its query
     * @return nothing if the connection ends before the answer's body begins
     */
    public static Optional<RawAnswer> readBeginning(String method, String target, InputStream in) throws IOException {
        Optional<HttpMessage> head = HttpMessage.read(in);
        while (head.isPresent() && status(head.get()) < 200) { // "go on" is not the answer yet
            head = HttpMessage.read(in);
        }
        if (head.isEmpty()) {
            return Optional.empty();
        }
        RawAnswer answer = read(method, head.get(), in);
        if (answer.whole) {
            OpenApi.contract().check(method, target, answer.status, answer.headers, answer.body);
        } else {
            OpenApi.contract().checkBeginning(method, target, answer.status, answer.headers, answer.body);
        }
        return Optional.of(answer);
    }

    /** Waits until the service asks for the body of a request that says {@code Expect: 100-continue}; that is no answer yet. */
    public static void awaitContinue(InputStream in) throws IOException {
        HttpMessage head = HttpMessage.read(in).orElseThrow(() -> new EOFException("the connection was closed"));
        if (status(head) != 100) {
            throw new AssertionError("the body is not wanted: " + head.start());
        }
    }

    private static RawAnswer read(String method, HttpMessage head, InputStream in) throws IOException {
        int status = status(head);
        HttpMessage.Body body = method.equals("HEAD") || status == 204 || status == 304
                ? new HttpMessage.Body(new byte[0], true)
                : head.body(in);
        return new RawAnswer(status, head.headers(), body.bytes(), body.whole());
    }

    private static int status(HttpMessage head) {
        String[] words = head.words();
        if (!words[0].equals("HTTP/1.1")) {
            throw new AssertionError("no status line: " + head.start());
        }
        return Integer.parseInt(words[1]);
    }

    /** The body as UTF-8. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The body as JSON. */
    public JsonNode json() {
        return JsonMapper.shared().readTree(body);
    }
}
