package io.slipway.api.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedPostgresTest {
    private static final String PASSWORD = "of the first start";

    @TempDir
    private Path home;

    @Test
    void whatIsCommittedOutlivesEveryEndOfTheServer() throws Exception {
        try (EmbeddedPostgres postgres = open()) {
            execute(postgres, "create table kept (word text)");
            execute(postgres, "insert into kept values ('by a stop')");
        }
        assertThat(Postmaster.running(home.resolve("data"))).isEmpty();

        EmbeddedPostgres left = open();
        ProcessHandle process = left.process();
        execute(left, "insert into kept values ('by a killed service')");
        try (EmbeddedPostgres takenOver = open()) {
            assertThat(takenOver.process()).isEqualTo(process);
            left.close(); // now one alone looks after it; to that one the server has ended by itself
            insertOnceItIsBack(takenOver, "insert into kept values ('by a stranger')");
            Awaitility.await("it is known again")
                    .until(() -> takenOver.process().isAlive());
            takenOver.process().destroyForcibly();
            insertOnceItIsBack(takenOver, "insert into kept values ('by a killed server')");
            assertThat(words(takenOver)).isEqualTo("by a stop, by a killed service, by a stranger, by a killed server");
        }
        assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(20));
        assertThat(Postmaster.running(home.resolve("data"))).isEmpty();
    }

    @Test
    void nobodyGetsInWithoutThePassword() throws Exception {
        try (EmbeddedPostgres postgres = open()) {
            assertThatThrownBy(() -> DriverManager.getConnection(postgres.url(), postgres.user(), "guessed"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password");
            assertThat(Files.getPosixFilePermissions(home.resolve("password")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    private EmbeddedPostgres open() throws IOException {
        return EmbeddedPostgres.open(home, "test", PASSWORD);
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url(), postgres.user(), postgres.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void insertOnceItIsBack(EmbeddedPostgres postgres, String sql) throws SQLException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (true) {
            try {
                execute(postgres, sql);
                return;
            } catch (SQLException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private static String words(EmbeddedPostgres postgres) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url(), postgres.user(), postgres.password());
                Statement statement = connection.createStatement();
                ResultSet results = statement.executeQuery("select string_agg(word, ', ') from kept")) {
            results.next();
            return results.getString(1);
        }
    }
}
