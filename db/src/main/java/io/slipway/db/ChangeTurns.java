package io.slipway.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Turns of those who look at something and change it only if it is what they think: of one name one at a time has it, whichever service on the database it
 * asks. It is an advisory lock of a transaction (PostgreSQL, 13.3.5), which goes with its connection. Whoever doesn't take a turn is not held off.
 * Thread-safe.
 */
public final class ChangeTurns {
    /** Each has a connection, and takes another one for what it does: both have to come from the pool. */
    private static final int AT_ONCE = 4;

    private static final int WAIT_SECONDS = 5;

    /** Several names may have one of them, which costs them time and nothing else. */
    private static final int STRIPES = 256;

    private final Database database;

    /** Whoever waits for a name here has no place yet: those who want one name only never keep others from theirs. */
    private final List<Semaphore> names =
            Stream.generate(() -> new Semaphore(1, true)).limit(STRIPES).toList();

    private final Semaphore places = new Semaphore(AT_ONCE, true);

    public ChangeTurns(Database database) {
        this.database = database;
    }

    /** A turn; ended by closing it. */
    public final class Turn implements AutoCloseable {
        private final Semaphore name;
        private final Connection connection;

        private Turn(Semaphore name, Connection connection) {
            this.name = name;
            this.connection = connection;
        }

        @Override
        public void close() {
            try {
                end(connection);
            } finally {
                places.release();
                name.release();
            }
        }
    }

    /**
     * Waits for a turn, for some seconds at most.
     *
     * @throws DatabaseException if it does not come by then
     */
    public Turn take(String name) {
        Semaphore own = names.get(Math.floorMod(name.hashCode(), STRIPES));
        acquire(own);
        boolean placed = false;
        boolean taken = false;
        try {
            acquire(places);
            placed = true;
            Turn turn = new Turn(own, locked(name));
            taken = true;
            return turn;
        } finally {
            if (!taken) {
                if (placed) {
                    places.release();
                }
                own.release();
            }
        }
    }

    private static void acquire(Semaphore semaphore) {
        try {
            if (!semaphore.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new DatabaseException(new SQLTransientConnectionException("too many wait for their turn"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseException(new SQLTransientConnectionException("interrupted", e));
        }
    }

    private Connection locked(String name) {
        Connection connection = null;
        try {
            connection = database.open();
            connection.setAutoCommit(false);
            lock(connection, name);
            return connection;
        } catch (SQLException e) {
            if (connection != null) {
                end(connection);
            }
            throw new DatabaseException(e);
        }
    }

    private static void lock(Connection connection, String name) throws SQLException {
        try (PreparedStatement limit =
                connection.prepareStatement("set local lock_timeout = '" + WAIT_SECONDS + "s'")) {
            limit.execute();
        }
        try (PreparedStatement lock =
                connection.prepareStatement("select pg_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, name);
            lock.execute();
        }
    }

    private static void end(Connection connection) {
        try (connection) {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            // The lock went with the connection.
            System.getLogger(ChangeTurns.class.getName())
                    .log(System.Logger.Level.DEBUG, "A turn ended with its connection", e);
        }
    }
}
