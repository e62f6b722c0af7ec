package io.slipway.db.access;

import io.slipway.db.Database;

/** The tenants. Thread-safe. */
public final class Projects {
    /** The project of builds that name none. */
    public static final String DEFAULT = "default";

    private final Database database;

    /** @param database migrated */
    public Projects(Database database) {
        this.database = database;
    }

    /** Whether there is a project of that name. */
    public boolean exists(String name) {
        return database.inTransaction(transaction -> transaction
                .first("select true as known from projects where name = ?", row -> row.flag("known"), name)
                .isPresent());
    }
}
