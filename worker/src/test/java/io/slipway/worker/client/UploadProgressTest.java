package io.slipway.worker.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class UploadProgressTest {
    @Test
    void aLongUploadSaysHowFarItIsAndAShortOneNothing() throws Exception {
        AtomicLong now = new AtomicLong();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        UploadProgress progress = new UploadProgress(5_000_000, now::get, new PrintStream(said, true, UTF_8));
        InputStream file = progress.of(new ByteArrayInputStream(new byte[5_000_000]));
        byte[] buffer = new byte[1_250_000];
        for (int i = 0; i < 4; i++) {
            assertThat(said.toString(UTF_8).lines()).hasSize(i / 2);
            now.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(file.read(buffer)).isEqualTo(buffer.length);
        }
        assertThat(said.toString(UTF_8)).isEqualTo("sent 2.5 MB of 5.0 MB\n");
    }
}
