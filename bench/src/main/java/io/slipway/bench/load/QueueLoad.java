package io.slipway.bench.load;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;

/**
 * Work through a queue of 1, 10 and 100,000, each on a database of its own of the same PostgreSQL, which syncs what it commits: Slipway's queue, and
 * db-scheduler beside it. Each thread takes what is next, ends it, and adds another one, so that the queue keeps its length.
 */
final class QueueLoad {
    static final int THREADS = 4;

    private static final List<Integer> LENGTHS = List.of(1, 10, 100_000);

    private QueueLoad() {}

    /** A queue that is worked through. */
    interface Queue extends AutoCloseable {
        /** Makes it this long. */
        void fill(int length) throws Exception;

        /** Works it through for a while. */
        Worked work() throws Exception;

        @Override
        void close();
    }

    /**
     * What was measured.
     *
     * @param perSecond how many were taken, ended and added
     * @param added how long adding one took
     * @param cells of a table: how long taking and ending one took
     */
    record Worked(double perSecond, Latencies added, String cells) {}

    static void run() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start()) {
            System.out.println(
                    "| queue | of | added per second, while it was filled | taken, ended and added per second | adding: median | 99 % | taking: median | 99 % | ending: median | 99 % |");
            System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            for (int length : LENGTHS) {
                try (HikariDataSource source = database(postgres, "slipway_" + length)) {
                    measure("Slipway", length, new BuildsQueue(source));
                }
                try (HikariDataSource source = database(postgres, "scheduler_" + length)) {
                    measure("db-scheduler 16.9", length, new TasksQueue(source));
                }
            }
        }
    }

    private static void measure(String name, int length, Queue queue) throws Exception {
        try (queue) {
            long start = System.nanoTime();
            queue.fill(length);
            double filled = length / ((System.nanoTime() - start) / 1e9);
            Worked worked = queue.work();
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %,d | %s | %.0f | %s | %s |%n",
                    name,
                    length,
                    length < 1000 ? "" : String.format(Locale.ROOT, "%.0f", filled),
                    worked.perSecond(),
                    worked.added().cells(),
                    worked.cells());
        }
    }

    private static HikariDataSource database(EmbeddedPostgres postgres, String name) throws SQLException {
        DataSource server = postgres.getPostgresDatabase();
        try (Connection connection = server.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(postgres.getJdbcUrl("postgres", name));
        config.setMaximumPoolSize(THREADS + 4);
        return new HikariDataSource(config);
    }
}
