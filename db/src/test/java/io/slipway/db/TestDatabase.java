package io.slipway.db;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** One real PostgreSQL for all tests of this module (ended with the JVM), and an empty, migrated database for each that asks. */
public final class TestDatabase {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private TestDatabase() {}

    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setPGStartupWait(Duration.ofMinutes(2))
                        .start();
                new Database(postgres.getDatabase("postgres", "template1")).migrate();
                return postgres;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A new database with the current schema and nothing else in it. */
    public static Database create() {
        return new Database(createSource());
    }

    /** Waits, half a minute at most, until so many connections to a database wait for locks of others. */
    public static void awaitLockWaits(Database database, int count) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        // Each time in a transaction of its own: one sees the same all the time.
        while (database.first("""
                        select count(*) as waiting from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'
                        """, row -> row.number("waiting")).orElseThrow() < count) {
            if (System.nanoTime() > end) {
                throw new AssertionError(count + " connections should wait for locks");
            }
            Thread.onSpinWait();
        }
    }

    /** Connections to a new database. */
    public static DataSource createSource() {
        String name = "test_" + COUNT.incrementAndGet();
        try (Connection connection = Server.POSTGRES.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {Server.POSTGRES.getPort()});
        source.setDatabaseName(name);
        source.setUser("postgres");
        return source;
    }
}
