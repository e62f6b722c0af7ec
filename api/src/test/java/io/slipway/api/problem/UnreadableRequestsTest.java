package io.slipway.api.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.RawAnswer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class UnreadableRequestsTest {
    private final RunningService service;

    UnreadableRequestsTest(RunningService service) {
        this.service = service;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/builds?tag=a#b", "/v1/builds/a%00b", "/v1/builds?tag=<a>"})
    void whatTomcatCannotReadIsAProblemDocument(String target) throws IOException {
        isProblem(answer("GET " + target + " HTTP/1.1\r\nHost: x\r\n"), 400, ProblemType.REQUEST_INVALID);
    }

    /** Each is answered by another part of what stands before the controllers, or by Spring itself. */
    static Stream<Arguments> requests() {
        String token = "Authorization: Bearer TOKEN\r\n";
        return Stream.of(
                Arguments.of("no such address", "GET /v9 HTTP/1.1\r\nHost: x\r\n" + token, 404, ProblemType.NOT_FOUND),
                Arguments.of(
                        "no such method there",
                        "DELETE /v1/builds HTTP/1.1\r\nHost: x\r\n" + token,
                        405,
                        ProblemType.METHOD_NOT_ALLOWED),
                Arguments.of(
                        "no such method at all",
                        "BREW /v1/builds HTTP/1.1\r\nHost: x\r\n" + token,
                        405,
                        ProblemType.METHOD_NOT_ALLOWED),
                Arguments.of(
                        "a method of proxies",
                        "TRACE /v1/builds HTTP/1.1\r\nHost: x\r\n" + token,
                        405,
                        ProblemType.METHOD_NOT_ALLOWED),
                Arguments.of(
                        "a type that nobody makes",
                        "GET /v1 HTTP/1.1\r\nHost: x\r\nAccept: image/png\r\n" + token,
                        406,
                        ProblemType.NOT_ACCEPTABLE),
                Arguments.of(
                        "an Accept that is none",
                        "GET /v1 HTTP/1.1\r\nHost: x\r\nAccept: x\r\n" + token,
                        406,
                        ProblemType.NOT_ACCEPTABLE),
                Arguments.of(
                        "a type that is not read",
                        "POST /v1/builds HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 0\r\n"
                                + token,
                        415,
                        ProblemType.MEDIA_TYPE_UNSUPPORTED),
                Arguments.of(
                        "dot segments",
                        "GET /v1/../v1 HTTP/1.1\r\nHost: x\r\n" + token,
                        400,
                        ProblemType.REQUEST_INVALID),
                Arguments.of("no token", "GET /v1 HTTP/1.1\r\nHost: x\r\n", 401, ProblemType.UNAUTHORIZED),
                Arguments.of("no Host", "GET /v1 HTTP/1.1\r\n" + token, 400, ProblemType.REQUEST_INVALID),
                Arguments.of(
                        "two Hosts",
                        "GET /v1 HTTP/1.1\r\nHost: x\r\nHost: y\r\n" + token,
                        400,
                        ProblemType.REQUEST_INVALID),
                Arguments.of(
                        "too long an address",
                        "GET /v1?" + "x".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n" + token,
                        400,
                        ProblemType.REQUEST_INVALID),
                Arguments.of(
                        "too long a header",
                        "GET /v1 HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(100_000) + "\r\n" + token,
                        400,
                        ProblemType.REQUEST_INVALID),
                Arguments.of(
                        "a header without a colon",
                        "GET /v1 HTTP/1.1\r\nHost: x\r\nnonsense\r\n" + token,
                        400,
                        ProblemType.REQUEST_INVALID),
                Arguments.of(
                        "a length that is none",
                        "POST /v1/builds HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n" + token,
                        400,
                        ProblemType.REQUEST_INVALID),
                Arguments.of(
                        "an unknown transfer encoding",
                        "POST /v1/builds HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n" + token,
                        501,
                        ProblemType.REQUEST_INVALID),
                Arguments.of(
                        "another version of HTTP",
                        "GET /v1 HTTP/3.0\r\nHost: x\r\n" + token,
                        505,
                        ProblemType.REQUEST_INVALID),
                Arguments.of(
                        "an expectation that is unknown",
                        "GET /v1 HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n" + token,
                        417,
                        ProblemType.REQUEST_INVALID));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void everyErrorIsAProblemDocument(String name, String head, int status, ProblemType type) throws IOException {
        isProblem(answer(head.replace("TOKEN", service.token())), status, type);
    }

    private RawAnswer answer(String head) throws IOException {
        String[] words = head.split(" ", 3);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return RawAnswer.read(words[0], words[1], socket.getInputStream());
        }
    }

    private static void isProblem(RawAnswer answer, int status, ProblemType type) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(problem.path("type").asString("")).isEqualTo("/problems/" + type.slug());
        assertThat(problem.path("title").asString("")).isEqualTo(type.title());
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("detail").asString("")).endsWith(".");
    }
}
