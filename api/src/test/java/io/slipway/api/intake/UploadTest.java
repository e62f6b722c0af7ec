package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.RawAnswer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(ServiceExtension.class)
final class UploadTest {
    private static final int PIECE = 1 << 20;

    private final RunningService service;

    UploadTest(RunningService service) {
        this.service = service;
    }

    @Test
    void aConnectionThatIsCutLeavesNothing() throws IOException {
        var before = service.contexts();
        byte[] tar =
                Tars.dockerfile("FROM scratch\n").file("big", new byte[1 << 20]).bytes();
        for (String framing : new String[] {"Content-Length: " + tar.length, "Transfer-Encoding: chunked"}) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
                OutputStream out = socket.getOutputStream();
                send(out, head(framing));
                if (framing.startsWith("Transfer")) {
                    send(out, Integer.toHexString(tar.length) + "\r\n");
                }
                out.write(tar, 0, tar.length / 2);
                out.flush();
                Awaitility.await().atMost(1, TimeUnit.MINUTES).until(() -> !before.containsAll(service.contexts()));
            }
            service.requireNothingKept(before);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, Content-Length, 413", "true, chunked, 413", "false, Content-Length, 401", "false, chunked, 401"})
    void aClientThatSendsEverythingFirstStillReadsWhyItWasRefused(boolean known, String framing, int status)
            throws IOException {
        byte[] tar = Tars.dockerfile("FROM scratch\n")
                .file("big", new byte[80 << 20])
                .bytes();
        boolean chunked = framing.equals("chunked");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            OutputStream out = socket.getOutputStream();
            String head = head(chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + tar.length);
            send(out, known ? head : head.replace(service.token(), "wrong"));
            for (int at = 0; at < tar.length; at += PIECE) {
                int length = Math.min(PIECE, tar.length - at);
                if (chunked) {
                    send(out, Integer.toHexString(length) + "\r\n");
                }
                out.write(tar, at, length);
                if (chunked) {
                    send(out, "\r\n");
                }
            }
            if (chunked) {
                send(out, "0\r\n\r\n");
            }
            assertThat(RawAnswer.read("POST", "/v1/builds", socket.getInputStream())
                            .status())
                    .isEqualTo(status);
        }
    }

    @Test
    void aPartThatIsTooLargeIsRefusedWhileItIsSent() throws IOException {
        byte[] tar = Tars.dockerfile("FROM scratch\n")
                .file("big", new byte[80 << 20])
                .bytes();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            // More is announced than is ever sent: who waits for it does not answer.
            send(out, head("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: " + (1L << 32)));
            send(out, "--x\r\nContent-Disposition: form-data; name=context; filename=c.tar\r\n\r\n");
            out.write(tar);
            out.flush();
            assertThat(RawAnswer.read("POST", "/v1/builds", socket.getInputStream())
                            .status())
                    .isEqualTo(413);
        }
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String head(String framing) throws IOException {
        return "POST /v1/builds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + service.token() + "\r\n" + framing
                + "\r\n\r\n";
    }
}
