package io.slipway.api.webhook.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.slipway.api.webhook.trigger.AppKeys;
import io.slipway.api.webhook.trigger.StatusSettings;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.http.HttpCall;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.interfaces.RSAPrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long tokens of installations are kept, and whose they are. */
final class InstallationTokensTest {
    private static final KeyPair KEYS = AppKeys.rsa(2048);
    private static final Instant START = Instant.parse("2026-11-29T20:00:00Z");

    private final HttpCall http = new HttpCall(new AddressPolicy(List.of()), Duration.ofSeconds(20));
    private final AtomicInteger asked = new AtomicInteger();
    private final ManualClock clock = new ManualClock();
    private final InstallationTokens tokens = new InstallationTokens(clock);
    private HttpServer server;
    private String url;
    private volatile int status = 201;
    private volatile String answer = "{\"token\": \"ghs_%d\", \"expires_at\": \"2026-11-29T21:00:00Z\"}";

    private static final class ManualClock extends Clock {
        private Instant now = START;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                byte[] body = answer.formatted(asked.incrementAndGet()).getBytes(UTF_8);
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private static StatusSettings.App app(KeyPair keys) {
        return new StatusSettings.App("1", "2", (RSAPrivateKey) keys.getPrivate());
    }

    private String token() throws IOException, UntoldException {
        return tokens.token(http, url, app(KEYS));
    }

    @Test
    void aTokenIsKeptUntilShortlyBeforeItsEnd() throws Exception {
        assertThat(token()).isEqualTo("ghs_1");
        clock.now = START.plus(Duration.ofMinutes(54));
        assertThat(token()).isEqualTo("ghs_1");
        clock.now = START.plus(Duration.ofMinutes(55));
        assertThat(token()).isEqualTo("ghs_2");
    }

    @Test
    void aTokenThatIsNotTakenIsDroppedUnlessThereIsANewerOne() throws Exception {
        String first = token();
        tokens.drop(url, app(KEYS), first);
        assertThat(token()).isEqualTo("ghs_2");
        tokens.drop(url, app(KEYS), first);
        assertThat(token()).isEqualTo("ghs_2");
    }

    @Test
    void aTokenIsTheirsOnlyWhoHaveTheKey() throws Exception {
        assertThat(token()).isEqualTo("ghs_1");
        assertThat(tokens.token(http, url, app(AppKeys.rsa(2048)))).isEqualTo("ghs_2");
        assertThat(tokens.token(http, url + "/api/v3", app(KEYS)))
                .as("another API")
                .isEqualTo("ghs_3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | {}                                             | not of one App",
                "403 | {}                                             | suspended",
                "404 | {}                                             | no installation",
                "422 | {}                                             | may not write checks",
                "302 | {}                                             | not where its API is",
                "200 | hello                                          | something else than a token",
                "201 | {}                                             | something else than a token",
                "201 | {\"token\": \"ghs_hidden\", \"expires_at\": \"soon\"} | something else than a token",
            })
    void whoGetsNoneIsToldWhy(int answered, String body, String why) {
        status = answered;
        answer = body;
        UntoldException untold = catchThrowableOfType(UntoldException.class, this::token);
        assertThat(untold.outcome())
                .isInstanceOfSatisfying(
                        StatusOutcome.Refused.class,
                        refused -> assertThat(refused.error()).contains(why).doesNotContain("hidden"));
    }

    @ParameterizedTest
    @CsvSource({"500", "503", "429"})
    void aHostThatIsAwayIsAskedLater(int answered) {
        status = answered;
        assertThat(catchThrowableOfType(UntoldException.class, this::token).outcome())
                .isInstanceOf(StatusOutcome.Later.class);
    }
}
