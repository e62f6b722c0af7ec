package io.slipway.db;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The database refused a statement or can't be reached. */
public final class DatabaseException extends RuntimeException {
    private final @Nullable String sqlState;

    DatabaseException(SQLException cause) {
        super(cause.getMessage(), cause);
        this.sqlState = cause.getSQLState();
    }

    /** True when {@code unique_violation} (SQLSTATE 23505) was the reason. */
    public boolean isDuplicate() {
        return "23505".equals(sqlState);
    }

    /** True when a row that is referred to does not exist ({@code foreign_key_violation}, SQLSTATE 23503). */
    public boolean isMissingReference() {
        return "23503".equals(sqlState);
    }
}
