package io.slipway.api.health;

import io.slipway.db.Database;
import io.slipway.db.DatabaseException;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health component {@code database}: whether it answers. The reason why not may have addresses in it, so only the log has that. */
@Component
final class DatabaseHealthIndicator implements HealthIndicator {
    private final Database database;

    DatabaseHealthIndicator(Database database) {
        this.database = database;
    }

    @Override
    public Health health() {
        try {
            database.run(transaction -> transaction.first("select 1", row -> true));
            return Health.up().build();
        } catch (DatabaseException e) {
            return Health.down()
                    .withDetail("missing", "The database does not answer; the service's log says why.")
                    .build();
        }
    }
}
