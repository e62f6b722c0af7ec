package io.slipway.db.build;

import io.slipway.db.Database;
import java.time.Duration;

/** Builds that have ended, which are not kept for ever. Thread-safe. */
public final class BuildHistory {
    private final Database database;

    /** @param database migrated */
    public BuildHistory(Database database) {
        this.database = database;
    }

    /**
     * Removes builds that ended long ago, with their steps and logs, oldest first; those whose files are still there stay until they are not, or for
     * another 30 days if the files lie in another home: nobody may be there any more who would remove them.
     *
     * @param age how long ago
     * @param home of the service that asks
     * @param limit at most so many
     * @return how many were removed
     */
    public int removeOld(Duration age, String home, int limit) {
        // Index: builds_by_age. Steps, warnings, bases and log entries go with their build. Services on one database
        // don't wait for each other.
        return database.inTransaction(
                transaction -> transaction.update("""
                delete from builds where id in (
                    select id from builds
                    where finished_at < clock_timestamp() - ? * interval '1 millisecond'
                      and (files_swept_at is not null
                           or home <> ? and finished_at < clock_timestamp() - ? * interval '1 millisecond' - interval '30 days')
                    order by finished_at limit ? for update skip locked)
                """, age.toMillis(), home, age.toMillis(), limit));
    }
}
