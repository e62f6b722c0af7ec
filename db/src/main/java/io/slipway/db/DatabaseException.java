package io.slipway.db;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** The database refused a statement or can't be reached. */
public final class DatabaseException extends RuntimeException {
    private final SQLException reason;
    private final @Nullable String sqlState;

    DatabaseException(SQLException cause) {
        super(cause.getMessage(), cause);
        this.reason = cause;
        this.sqlState = cause.getSQLState();
    }

    /**
     * True when the database was away, or went away, rather than refuse a statement: no connection was to be had, it broke
     * (SQLSTATE class 08), or the server was ending or starting (57P01 to 57P03).
     */
    public boolean isUnreachable() {
        return reason instanceof SQLTransientConnectionException
                || (sqlState != null && (sqlState.startsWith("08") || sqlState.matches("57P0[123]")));
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
