package io.slipway.api.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Tars;
import io.slipway.dockerfile.hostile.Hostile;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Hostile Dockerfiles are answered through the front door as they are by themselves, up to the largest that a service can be told to
 * take. The client gives up after a minute.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class HostileRequestTest {
    /** What the language itself refuses as too large is more than any limit that can be set. */
    private static final int MOST_BYTES = 16 << 20;

    private static RunningService service;

    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start("slipway.limits.dockerfile-size=16MB");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @ParameterizedTest
    @EnumSource
    void isCheckedOrRefusedByALimit(Hostile hostile) throws IOException {
        byte[] text = hostile.text().getBytes(UTF_8);
        ApiClient client = service.client();
        Answer answer = client.post("/v1/dockerfiles/check", text, "Content-Type", "text/plain");
        if (text.length > MOST_BYTES) {
            assertThat(answer.status()).isEqualTo(413);
            return;
        }
        assertThat(answer.status()).isEqualTo(200);
        if (hostile.refusal() != null) {
            assertThat(answer.json().path("problems").toString()).contains(hostile.refusal());
        }
    }

    @ParameterizedTest
    @EnumSource
    void isQueuedOrRefusedByALimit(Hostile hostile) throws IOException {
        Tars context = Tars.dockerfile(hostile.text());
        @Nullable String ignored = hostile.ignored();
        if (ignored != null) {
            context.file(".dockerignore", ignored);
        }
        Answer answer = service.client().post("/v1/builds", context.bytes());
        @Nullable String refusal = hostile.refusal();
        if (refusal == null) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        } else {
            assertThat(answer.status()).as(answer.text()).isEqualTo(422);
            assertThat(answer.json().path("code").stringValue()).isEqualTo("dockerfile_invalid");
            assertThat(answer.text()).hasSizeLessThan(5_000);
        }
    }
}
