package io.slipway.db.build;

import io.slipway.db.Database;
import java.util.List;

/** Builds whose traces are to be told. Thread-safe. */
public final class BuildTraces {
    private final Database database;

    public BuildTraces(Database database) {
        this.database = database;
    }

    /**
     * Takes builds that have ended, were submitted in a trace, and were not taken before: for the caller alone, whichever service on the database asks. What
     * it does not tell then is not told.
     *
     * @param limit at most so many
     */
    public List<BuildId> take(int limit) {
        // Index: builds_untraced.
        return database.inTransaction(transaction -> transaction.list("""
                update builds set traced_at = clock_timestamp()
                where id in (
                    select id from builds
                    where trace_parent is not null and traced_at is null and finished_at is not null
                    order by finished_at limit ? for update skip locked)
                returning id
                """, row -> new BuildId(row.text("id")), limit));
    }
}
