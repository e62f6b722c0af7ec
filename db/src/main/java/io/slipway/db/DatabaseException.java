package io.slipway.db;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** The database refused a statement or can't be reached. */
public final class DatabaseException extends RuntimeException {
    private final SQLException reason;
    private final @Nullable String sqlState;
    private final boolean duringCommit;

    DatabaseException(SQLException cause) {
        this(cause, false);
    }

    private DatabaseException(SQLException cause, boolean duringCommit) {
        super(cause.getMessage(), cause);
        this.reason = cause;
        this.sqlState = cause.getSQLState();
        this.duringCommit = duringCommit;
    }

    /** That a commit came back with this. */
    static DatabaseException ofCommit(SQLException cause) {
        return new DatabaseException(cause, true);
    }

    /**
     * True when the database was away, or went away, rather than refuse a statement: no connection was to be had, it broke
     * (SQLSTATE class 08), or the server was ending or starting (57P01 to 57P03).
     */
    public boolean isUnreachable() {
        return reason instanceof SQLTransientConnectionException
                || (sqlState != null && (sqlState.startsWith("08") || sqlState.matches("57P0[123]")));
    }

    /**
     * True when the statement was at fault, and would be again: it had a value that there is not (SQLSTATE class 22), one that a column does not
     * take (23502, 23514), or names what there is not (42601, 42703, 42883, 42P01).
     */
    public boolean isOfStatement() {
        return sqlState != null && sqlState.matches("22...|23502|23514|42601|42703|42883|42P01");
    }

    /**
     * True when the database went away while a transaction was being committed: the answer is lost, and what was written may be there or not.
     * Whoever gives up something that the transaction names finds out first.
     */
    public boolean isOutcomeUnknown() {
        return duringCommit && isUnreachable();
    }

    /** What the driver or the pool said. */
    SQLException reason() {
        return reason;
    }

    /** True when {@code unique_violation} (SQLSTATE 23505) was the reason. */
    public boolean isDuplicate() {
        return "23505".equals(sqlState);
    }
}
