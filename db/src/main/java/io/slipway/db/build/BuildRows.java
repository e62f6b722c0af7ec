package io.slipway.db.build;

import io.slipway.db.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Changes to a build's rows that several repositories make; the caller holds the build's row locked. */
final class BuildRows {
    private BuildRows() {}

    static Instant now(Transaction transaction) {
        return transaction
                .first("select clock_timestamp() as now", row -> row.time("now"))
                .orElseThrow();
    }

    /** Ends the build: state, failure, end of lease, steps that were still open, and the log's last entry. */
    static void finish(
            Transaction transaction, LogWriter log, BuildId id, BuildState state, @Nullable Failure failure) {
        transaction.update("""
                update steps
                set state = case when state = 'running' and ? = 'failed' then 'failed' else 'cancelled' end,
                    finished_at = case when state = 'running' then clock_timestamp() end
                where build_id = ? and state in ('pending', 'running')
                """, state.wireName(), id.value());
        Ending ending = transaction
                .first(
                        """
                        update builds
                        set state = ?, finished_at = clock_timestamp(), lease_until = null, sealed = null,
                            error_code = ?, error_message = ?, error_instruction = ?, error_line = ?,
                            error_exit_code = ?, error_hint = ?
                        where id = ?
                        returning started_at, finished_at, digest
                        """,
                        row -> new Ending(
                                row.timeOrNull("started_at"), row.time("finished_at"), row.textOrNull("digest")),
                        state.wireName(),
                        failure == null ? null : failure.code(),
                        failure == null ? null : failure.message(),
                        failure == null ? null : failure.instruction(),
                        failure == null ? null : failure.line(),
                        failure == null ? null : failure.exitCode(),
                        failure == null ? null : failure.hint(),
                        id.value())
                .orElseThrow();
        if (failure != null && failure.hint() != null) {
            log.notice(ending.finishedAt(), "Hint: " + failure.hint());
        }
        log.ended(
                ending.finishedAt(),
                state,
                failure == null ? Objects.requireNonNullElse(ending.digest(), "") : inWords(failure),
                ending.durationMillis());
    }

    private static String inWords(Failure failure) {
        String line = failure.line() == null ? "" : ", line " + failure.line();
        return failure.isCancellation() ? failure.message() : failure.message() + " (" + failure.code() + line + ")";
    }

    private record Ending(
            @Nullable Instant startedAt,
            Instant finishedAt,
            @Nullable String digest) {
        @Nullable
        Long durationMillis() {
            return startedAt == null
                    ? null
                    : Duration.between(startedAt, finishedAt).toMillis();
        }
    }

    /** Adds warnings but those that are known already: the worker checks what was checked at the submission once more. */
    static void insertWarnings(Transaction transaction, BuildId id, int attempt, List<Warning> warnings) {
        transaction.batch(
                """
                insert into warnings (build_id, position, attempt, line, rule, message)
                select b.id, coalesce((select max(position) from warnings where build_id = b.id), 0) + 1, ?, ?, ?, ?
                from builds b where b.id = ? and not exists (
                    select from warnings w
                    where w.build_id = b.id and w.line is not distinct from ?::integer and w.rule = ? and w.message = ?)
                """,
                warnings.stream()
                        .map(warning -> new @Nullable Object[] {
                            attempt,
                            warning.line(),
                            warning.rule(),
                            warning.message(),
                            id.value(),
                            warning.line(),
                            warning.rule(),
                            warning.message()
                        })
                        .toList());
    }

    /** Undoes what an attempt reported, so that the next one starts from a clean sheet. The log is kept. */
    static void forgetAttempt(Transaction transaction, BuildId id) {
        transaction.update("delete from steps where build_id = ?", id.value());
        transaction.update(
                "update builds set digest = null, media_type = null, image_bytes = null where id = ?", id.value());
        transaction.update("delete from bases where build_id = ?", id.value());
        transaction.update("delete from warnings where build_id = ? and attempt > 0", id.value());
    }

    static void storeLastEntry(Transaction transaction, BuildId id, long lastEntry) {
        transaction.update("update builds set last_entry = ? where id = ?", lastEntry, id.value());
    }
}
