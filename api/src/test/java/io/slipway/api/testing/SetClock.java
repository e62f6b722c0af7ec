package io.slipway.api.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** Part of a service for tests ({@link #PART}) whose wall clock a test sets; the monotonic clock, and the database's, go on as they do. */
@Configuration(proxyBeanMethods = false)
public class SetClock {
    /** The property that makes it part of a service. */
    public static final String PART = "spring.main.sources=io.slipway.api.testing.SetClock";

    private static final AtomicReference<Duration> AHEAD = new AtomicReference<>(Duration.ZERO);

    /** Sets the clock to so much before what it is; negative: behind. */
    public static void ahead(Duration by) {
        AHEAD.set(by);
    }

    @Bean
    @Primary
    Clock clockThatIsSet() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Instant instant() {
                return Instant.now().plus(AHEAD.get());
            }
        };
    }
}
