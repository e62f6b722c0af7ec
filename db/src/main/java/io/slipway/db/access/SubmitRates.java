package io.slipway.db.access;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import java.time.Duration;

/**
 * Counts what each project submits, for all services on the database together: so many within a minute, all at once if the project had been
 * quiet, and from then on evenly. It is the generic cell rate algorithm (a token bucket that is one time): a row has the time at which the
 * project would be if it had sent its requests one by one at its rate. Times are the database's. Thread-safe.
 */
public final class SubmitRates {
    private static final Duration WINDOW = Duration.ofMinutes(1);

    /** Where the project stands: a time that can't be, since the clock was set back, is as good as none. */
    private static final String STANDS = """
            case when rate.spent_at between clock_timestamp() and clock_timestamp() + interval '61 seconds'
                 then rate.spent_at else clock_timestamp() end
            """;

    private final Database database;

    /** @param database migrated */
    public SubmitRates(Database database) {
        this.database = database;
    }

    /**
     * What a request came to.
     *
     * @param accepted whether it is within the rate; if not, it was not counted
     * @param remaining how many more may come at once
     * @param reset how long until as many as ever may come at once, if none comes before
     * @param retryAfter how long until one may come; zero if one may come now
     */
    public record Spent(boolean accepted, long remaining, Duration reset, Duration retryAfter) {}

    /**
     * Counts a request if it is within the rate.
     *
     * @param perMinute how many may come within a minute
     */
    public Spent spend(String project, long perMinute) {
        double interval = (double) WINDOW.toMillis() / perMinute;
        return database.inTransaction(transaction -> {
            // A count that is lost when the server crashes is no harm, so nobody waits for the disk.
            transaction.update("set local synchronous_commit = off");
            return transaction
                    .first(
                            """
                            insert into submit_rates as rate (project, spent_at)
                            values (?, clock_timestamp() + ? * interval '1 millisecond')
                            on conflict (project) do update set spent_at = (%1$s) + ? * interval '1 millisecond'
                            where (%1$s) + ? * interval '1 millisecond' <= clock_timestamp() + interval '1 minute'
                            returning extract(epoch from spent_at - clock_timestamp()) * 1000 as ahead
                            """.formatted(STANDS),
                            row -> spent(true, row.decimal("ahead"), interval),
                            project,
                            interval,
                            interval,
                            interval)
                    .orElseGet(() -> refused(transaction, project, interval));
        });
    }

    private static Spent refused(Transaction transaction, String project, double interval) {
        return transaction
                .first("""
                        select extract(epoch from spent_at - clock_timestamp()) * 1000 as ahead from submit_rates where project = ?
                        """, row -> spent(false, row.decimal("ahead"), interval), project)
                .orElseThrow();
    }

    private static Spent spent(boolean accepted, double ahead, double interval) {
        double left = WINDOW.toMillis() - Math.clamp(ahead, 0, (double) WINDOW.toMillis());
        long remaining = accepted ? (long) (left / interval) : 0;
        double wait = remaining > 0 ? 0 : Math.max(accepted ? 0 : 1, interval - left);
        return new Spent(accepted, remaining, millis(Math.max(0, ahead)), millis(wait));
    }

    private static Duration millis(double millis) {
        return Duration.ofMillis((long) Math.ceil(millis));
    }
}
