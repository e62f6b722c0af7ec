package io.slipway.db.build;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import java.time.Instant;
import java.util.List;

/** Reads the logs of builds, page by page. Entries become visible in their order, so what was read is never added to. Thread-safe. */
public final class BuildLog {
    private static final int PAGE_ENTRIES = 256;

    /** A page's last entry may reach beyond: by 64 KiB at most. */
    private static final int PAGE_BYTES = 128 * 1024;

    private static final String WANTED =
            "(kind = 'ended' or (?::integer is null or step = ?) and (? or kind <> 'output'))";

    private final Database database;

    /** @param database migrated */
    public BuildLog(Database database) {
        this.database = database;
    }

    /**
     * A part of a log.
     *
     * @param entries those that are wanted, in their order
     * @param through everything that is wanted up to this position is there
     */
    public record Page(List<LogEntry> entries, long through) {
        public Page {
            entries = List.copyOf(entries);
        }
    }

    /**
     * The next entries of a build's log: at most 256, with at most 192 KiB of output.
     *
     * @param after the last entry that is known, or 0
     * @return without entries when there is nothing newer (yet)
     */
    public Page page(BuildId id, long after, LogFilter filter) {
        return database.inTransaction(transaction -> {
            long last = last(transaction, id); // before the entries: what is added meanwhile may be among them or not
            List<LogEntry> entries = read(transaction, id, "seq > ?", after, "asc", filter);
            return new Page(
                    entries,
                    entries.isEmpty()
                            ? Math.max(after, last)
                            : entries.getLast().seq());
        });
    }

    /**
     * The entries before a position, the last one first; as many as in a {@link #page}.
     *
     * @param before a position, which is not among them
     */
    public List<LogEntry> before(BuildId id, long before, LogFilter filter) {
        return database.inTransaction(transaction -> read(transaction, id, "seq < ?", before, "desc", filter));
    }

    private static List<LogEntry> read(
            Transaction transaction, BuildId id, String range, long bound, String order, LogFilter filter) {
        // Index: primary key, in its order. How long an entry is, is known without reading it.
        return transaction.list(
                """
                select * from (
                    select e.*, sum(coalesce(octet_length(data), 0)) over (order by seq %2$s)
                                - coalesce(octet_length(data), 0) as bytes_before
                    from (
                        select * from log_entries
                        where build_id = ? and %1$s and %3$s
                        order by seq %2$s limit ?) e) e
                where bytes_before < ?
                order by seq %2$s
                """.formatted(range, order, WANTED),
                LogEntry::from,
                id.value(),
                bound,
                filter.step(),
                filter.step(),
                filter.output(),
                PAGE_ENTRIES,
                PAGE_BYTES);
    }

    /** The position of the last entry, or 0. */
    public long last(BuildId id) {
        return database.inTransaction(transaction -> last(transaction, id));
    }

    private static long last(Transaction transaction, BuildId id) {
        // Index: primary key.
        return transaction
                .first("select last_entry from builds where id = ?", row -> row.number("last_entry"), id.value())
                .orElse(0L);
    }

    /** The position before the first entry that is not older than {@code since}, or the last one if all are. */
    public long since(BuildId id, Instant since) {
        // Index: primary key, over the build's entries.
        return database.inTransaction(transaction -> transaction
                .first("""
                        select coalesce(min(seq) - 1, (select last_entry from builds where id = ?), 0) as position
                        from log_entries where build_id = ? and at >= ?
                        """, row -> row.number("position"), id.value(), id.value(), since)
                .orElse(0L));
    }
}
