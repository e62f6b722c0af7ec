package io.slipway.api.start;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;

/** Looks at the database before anything in it is changed: one that is no PostgreSQL, or too old, stops the start. */
final class DatabaseVersion implements FlywayMigrationStrategy {
    private static final int OLDEST = 15;

    @Override
    public void migrate(Flyway flyway) {
        try (Connection connection = Objects.requireNonNull(
                        flyway.getConfiguration().getDataSource(), "there is a database")
                .getConnection()) {
            StartException refusal = refusal(
                    connection.getMetaData().getDatabaseProductName(),
                    connection.getMetaData().getDatabaseMajorVersion());
            if (refusal != null) {
                throw refusal;
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the database can't be asked what it is", e);
        }
        flyway.migrate();
    }

    /** Why that database can't be used, or null. */
    static @Nullable StartException refusal(String product, int major) {
        if (product.equals("PostgreSQL") && major >= OLDEST) {
            return null;
        }
        return new StartException(
                "The database at spring.datasource.url is " + product + " " + major + ", and Slipway needs PostgreSQL "
                        + OLDEST + " or newer.",
                "Upgrade it, name another one, or leave spring.datasource.url out for the embedded one.");
    }
}
