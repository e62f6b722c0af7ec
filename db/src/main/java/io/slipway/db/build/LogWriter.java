package io.slipway.db.build;

import io.slipway.db.Transaction;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects the entries that one transaction adds to a build's log, numbers them and writes them in one round trip. Output
 * of the same step and stream that follows each other becomes one entry; none is larger than {@link #MAX_OUTPUT_BYTES}.
 * The transaction must hold the build's row locked.
 */
final class LogWriter {
    /** So that a reader knows how much memory a page of entries takes. */
    static final int MAX_OUTPUT_BYTES = 64 * 1024;

    private final Transaction transaction;
    private final BuildId id;
    private final List<@Nullable Object[]> rows = new ArrayList<>();
    private long lastEntry;
    private @Nullable PendingOutput pending;

    LogWriter(Transaction transaction, BuildId id, long lastEntry) {
        this.transaction = transaction;
        this.id = id;
        this.lastEntry = lastEntry;
    }

    void output(Instant at, @Nullable Integer step, String stream, byte[] data) {
        int from = 0;
        while (from < data.length) {
            PendingOutput output = pending;
            if (output == null || !output.continues(step, stream) || output.room() == 0) {
                closeOutput();
                output = new PendingOutput(at, step, stream);
                pending = output;
            }
            int length = Math.min(output.room(), data.length - from);
            output.bytes.write(data, from, length);
            from += length;
        }
    }

    void stepStarted(Instant at, int step, String instruction) {
        add(at, "step_started", step, null, null, instruction, null, null, null);
    }

    /** @param cache {@code hit}, {@code miss} or {@code none} */
    void stepFinished(Instant at, int step, String outcome, long durationMillis, String cache) {
        closeOutput();
        addRow(at, "step_finished", step, null, null, null, outcome, durationMillis, null, cache);
    }

    void warning(Instant at, @Nullable Integer line, String message) {
        add(at, "warning", null, null, null, message, null, null, line);
    }

    void pushed(Instant at, String name) {
        add(at, "pushed", null, null, null, name, null, null, null);
    }

    void notice(Instant at, String message) {
        add(at, "notice", null, null, null, message, null, null, null);
    }

    /** A state that is not the last one. */
    void entered(Instant at, BuildState state) {
        add(at, "state", null, null, null, null, state.wireName(), null, null);
    }

    void ended(Instant at, BuildState state, String message, @Nullable Long durationMillis) {
        add(at, "ended", null, null, null, message, state.wireName(), durationMillis, null);
    }

    /** Writes everything; the caller stores the returned number as the build's {@code last_entry}. */
    long flush() {
        closeOutput();
        transaction.batch("""
                insert into log_entries
                    (build_id, seq, at, kind, step, stream, data, message, outcome, duration_millis, line, cache)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, rows);
        rows.clear();
        return lastEntry;
    }

    private void closeOutput() {
        PendingOutput output = pending;
        if (output != null) {
            pending = null;
            addRow(
                    output.at,
                    "output",
                    output.step,
                    output.stream,
                    output.bytes.toByteArray(),
                    null,
                    null,
                    null,
                    null,
                    null);
        }
    }

    private void add(
            Instant at,
            String kind,
            @Nullable Integer step,
            @Nullable String stream,
            byte @Nullable [] data,
            @Nullable String message,
            @Nullable String outcome,
            @Nullable Long durationMillis,
            @Nullable Integer line) {
        closeOutput();
        addRow(at, kind, step, stream, data, message, outcome, durationMillis, line, null);
    }

    private void addRow(Instant at, String kind, @Nullable Object... rest) {
        lastEntry++;
        List<@Nullable Object> row = new ArrayList<>(Arrays.asList(id.value(), lastEntry, at, kind));
        row.addAll(Arrays.asList(rest));
        rows.add(row.toArray());
    }

    private static final class PendingOutput {
        private final Instant at;
        private final @Nullable Integer step;
        private final String stream;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        PendingOutput(Instant at, @Nullable Integer step, String stream) {
            this.at = at;
            this.step = step;
            this.stream = stream;
        }

        boolean continues(@Nullable Integer step, String stream) {
            return Objects.equals(this.step, step) && this.stream.equals(stream);
        }

        int room() {
            return MAX_OUTPUT_BYTES - bytes.size();
        }
    }
}
