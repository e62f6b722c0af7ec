package io.slipway.api.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ServiceExtension.class)
final class UnreadableRequestsTest {
    private final RunningService service;

    UnreadableRequestsTest(RunningService service) {
        this.service = service;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/builds?tag=a#b", "/v1/builds/a%00b", "/v1/builds?tag=<a>"})
    void whatTomcatCannotReadIsAProblemDocument(String target) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.1 400")
                    .containsIgnoringCase("Content-Type: application/problem+json")
                    .contains("\"type\":\"/problems/request-invalid\"")
                    .doesNotContain("<html");
        }
    }
}
