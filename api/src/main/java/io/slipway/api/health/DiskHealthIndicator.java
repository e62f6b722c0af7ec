package io.slipway.api.health;

import io.slipway.api.launch.DiskRoom;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health component {@code disk}: whether the disk of {@code slipway.home} has room for builds. */
@Component
final class DiskHealthIndicator implements HealthIndicator {
    private final DiskRoom room;

    DiskHealthIndicator(DiskRoom room) {
        this.room = room;
    }

    @Override
    public Health health() {
        String missing = room.shortage();
        Health.Builder health =
                missing == null ? Health.up() : Health.outOfService().withDetail("missing", missing);
        return health.withDetail("freeBytes", room.freeBytes())
                .withDetail("neededBytes", room.neededBytes())
                .build();
    }
}
