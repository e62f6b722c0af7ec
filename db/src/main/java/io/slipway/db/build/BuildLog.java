package io.slipway.db.build;

import io.slipway.db.Database;
import java.util.List;

/** Reads the logs of builds, page by page. Thread-safe. */
public final class BuildLog {
    /** A page's output takes at most this many times 64 KiB. */
    private static final int PAGE_ENTRIES = 64;

    private final Database database;

    /** @param database migrated */
    public BuildLog(Database database) {
        this.database = database;
    }

    /**
     * The next entries of a build's log, at most 64 (and so at most 4 MiB of output). Entries become visible in their
     * order, so what was returned is never added to.
     *
     * @param after the last entry that is known, or 0
     * @return empty when there is nothing newer (yet)
     */
    public List<LogEntry> after(BuildId id, long after) {
        // Index: primary key.
        return database.inTransaction(transaction -> transaction.list(
                "select * from log_entries where build_id = ? and seq > ? order by seq limit ?",
                LogEntry::from,
                id.value(),
                after,
                PAGE_ENTRIES));
    }
}
