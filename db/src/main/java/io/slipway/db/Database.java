package io.slipway.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/** Slipway's database: transactions and notifications over a {@link DataSource}. Thread-safe when the source is. */
public final class Database {
    private static final System.Logger LOG = System.getLogger(Database.class.getName());

    private final DataSource source;
    private final Consumer<Committed> listener;
    private final Reachability reachability = new Reachability();

    /** @param source connections to PostgreSQL 15 or newer; pooled or not */
    public Database(DataSource source) {
        this(source, _ -> {});
    }

    /**
     * @param source connections to PostgreSQL 15 or newer; pooled or not
     * @param listener is told what {@linkplain Transaction#announce is announced}, after its commit, by the thread that has done it
     */
    public Database(DataSource source, Consumer<Committed> listener) {
        this.source = source;
        this.listener = listener;
    }

    /** Brings the schema to this version of Slipway (Flyway, {@code classpath:db/migration}). */
    public void migrate() {
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:db/migration")
                .load()
                .migrate();
    }

    /**
     * Runs {@code work} in one transaction (read committed): committed when it returns, rolled back when it throws.
     *
     * @throws DatabaseException when the database refuses or can't be reached
     */
    public <T> T inTransaction(Function<Transaction, T> work) {
        try (Connection connection = open()) {
            connection.setAutoCommit(false);
            boolean committed = false;
            try {
                Transaction transaction = new Transaction(connection);
                T result = work.apply(transaction);
                commit(connection);
                committed = true;
                reachability.reached();
                transaction.announced().forEach(listener);
                return result;
            } finally {
                if (!committed) {
                    rollback(connection);
                }
                restoreAutoCommit(connection);
            }
        } catch (SQLException e) {
            throw noted(new DatabaseException(e));
        } catch (DatabaseException e) {
            throw noted(e);
        }
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw DatabaseException.ofCommit(e);
        }
    }

    private DatabaseException noted(DatabaseException e) {
        if (e.isUnreachable()) {
            reachability.failed(e.reason());
        }
        return e;
    }

    /**
     * The first row of one query, mapped, or empty; the query is a transaction of its own, in one round trip.
     *
     * @throws DatabaseException when the database refuses or can't be reached
     */
    public <T> Optional<T> first(String sql, Function<Row, T> mapper, @Nullable Object... parameters) {
        try (Connection connection = open()) {
            Optional<T> row = new Transaction(connection).first(sql, mapper, parameters);
            reachability.reached();
            return row;
        } catch (SQLException e) {
            throw noted(new DatabaseException(e));
        } catch (DatabaseException e) {
            throw noted(e);
        }
    }

    /** Like {@link #inTransaction}, without a result. */
    public void run(Consumer<Transaction> work) {
        inTransaction(transaction -> {
            work.accept(transaction);
            return true;
        });
    }

    /**
     * Wakes who waits on {@code channel}. Called after a commit and not within it: a NOTIFY inside a transaction takes a
     * lock on the whole cluster until the commit is through. It may be lost, so every waiter polls as well.
     */
    public void notify(Channel channel, String payload) {
        try {
            var _ = first("select pg_notify(?, ?)", _ -> true, channel.name().toLowerCase(Locale.ROOT), payload);
        } catch (DatabaseException e) {
            // What it is about is committed: the caller must not take it for failed.
            if (!e.isUnreachable()) {
                LOG.log(System.Logger.Level.WARNING, "A notification was not sent", e);
            }
        }
    }

    /** A connection of its own for {@link Notifications}; the caller closes it. */
    Connection open() throws SQLException {
        try {
            return source.getConnection();
        } catch (SQLException e) {
            reachability.failed(e);
            throw e;
        }
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // The work has already failed with its own reason, and a connection that can't roll back is closed by the
            // pool.
            LOG.log(System.Logger.Level.DEBUG, "Rollback failed", e);
        }
    }

    private static void restoreAutoCommit(Connection connection) {
        try {
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "Connection is broken", e);
        }
    }
}
