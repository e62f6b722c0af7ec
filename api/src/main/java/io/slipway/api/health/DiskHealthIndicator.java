package io.slipway.api.health;

import io.slipway.api.SlipwayProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health component {@code disk}: whether the disk of {@code slipway.home} has room for builds. */
@Component
final class DiskHealthIndicator implements HealthIndicator {
    private final Path home;
    private final long needed;

    DiskHealthIndicator(SlipwayProperties properties) {
        this.home = properties.home();
        this.needed = properties.limits().freeSpace().toBytes();
    }

    @Override
    public Health health() {
        try {
            long free = Files.getFileStore(home).getUsableSpace();
            Health.Builder health = free < needed
                    ? Health.outOfService().withDetail("missing", "Space on the disk of " + home + ".")
                    : Health.up();
            return health.withDetail("freeBytes", free)
                    .withDetail("neededBytes", needed)
                    .build();
        } catch (IOException e) {
            return Health.down()
                    .withDetail("missing", "The disk of " + home + " can't be looked at.")
                    .build();
        }
    }
}
