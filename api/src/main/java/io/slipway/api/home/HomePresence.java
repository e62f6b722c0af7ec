package io.slipway.api.home;

import io.slipway.api.HomeId;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.build.Homes;
import java.time.Duration;
import org.springframework.stereotype.Component;

/**
 * Says every few seconds that this service is there, from before it claims the first build until after the last one has drained. Thread-safe.
 */
@Component
final class HomePresence implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final PeriodicTask says;

    HomePresence(Homes homes, HomeId home) {
        // Now, while nothing is started yet: from here on no other service ends what waits for this one.
        homes.seen(home.value());
        this.says = PeriodicTask.every(PAUSE, "home-presence", () -> homes.seen(home.value()));
    }

    @Override
    public void close() {
        says.close();
    }
}
