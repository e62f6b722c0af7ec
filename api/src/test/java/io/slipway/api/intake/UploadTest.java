package io.slipway.api.intake;

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

@ExtendWith(ServiceExtension.class)
final class UploadTest {
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
                out.write(head(framing).getBytes(StandardCharsets.US_ASCII));
                if (framing.startsWith("Transfer")) {
                    out.write((Integer.toHexString(tar.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                }
                out.write(tar, 0, tar.length / 2);
                out.flush();
                Awaitility.await()
                        .atMost(20, TimeUnit.SECONDS)
                        .until(() -> !service.contexts().equals(before));
            }
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> service.contexts().equals(before));
        }
    }

    private String head(String framing) throws IOException {
        return "POST /v1/builds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + service.token() + "\r\n" + framing
                + "\r\n\r\n";
    }
}
