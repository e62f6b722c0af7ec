package io.slipway.db.build;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One entry of a build's log. Entries are numbered from 1 without gaps; the last one is an {@link Ended}. */
public sealed interface LogEntry {
    /** Position in the log. */
    long seq();

    /** When it happened; by the worker's clock for what a worker reported. */
    Instant at();

    /**
     * Output as it came; may end within a line or a character.
     *
     * @param step number of the step, or null for the build as a whole
     * @param stream {@code stdout}, {@code stderr} or {@code system}
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is never compared; a copy per entry would be pure cost
    record Output(long seq, Instant at, @Nullable Integer step, String stream, byte[] data) implements LogEntry {}

    /** A step began. */
    record StepStarted(long seq, Instant at, int step, String instruction) implements LogEntry {}

    /**
     * A step ended.
     *
     * @param outcome executed, cached, failed or cancelled
     * @param cache hit, miss or none; null in logs that are older than this
     */
    record StepFinished(
            long seq,
            Instant at,
            int step,
            String outcome,
            long durationMillis,
            @Nullable String cache) implements LogEntry {}

    /** A warning about the Dockerfile. */
    record Warned(long seq, Instant at, @Nullable Integer line, String message) implements LogEntry {}

    /** The image is at a registry under this name. */
    record Pushed(long seq, Instant at, String name) implements LogEntry {}

    /** Something about the build as a whole, such as a new attempt. */
    record Notice(long seq, Instant at, String message) implements LogEntry {}

    /** The build has come to this state, which is not its last: a worker has it, or it waits again. */
    record Entered(long seq, Instant at, BuildState state) implements LogEntry {}

    /**
     * The build ended; nothing follows.
     *
     * @param message the digest of what was made, or why nothing was
     * @param durationMillis from the first attempt's start, or null when there was none
     */
    record Ended(
            long seq,
            Instant at,
            BuildState state,
            String message,
            @Nullable Long durationMillis) implements LogEntry {}

    static LogEntry from(Row row) {
        long seq = row.number("seq");
        Instant at = row.time("at");
        String kind = row.text("kind");
        return switch (kind) {
            case "output" -> new Output(seq, at, row.integerOrNull("step"), row.text("stream"), row.bytes("data"));
            case "step_started" -> new StepStarted(seq, at, row.integer("step"), row.text("message"));
            case "step_finished" ->
                new StepFinished(
                        seq,
                        at,
                        row.integer("step"),
                        row.text("outcome"),
                        row.number("duration_millis"),
                        row.textOrNull("cache"));
            case "warning" -> new Warned(seq, at, row.integerOrNull("line"), row.text("message"));
            case "pushed" -> new Pushed(seq, at, row.text("message"));
            case "notice" -> new Notice(seq, at, row.text("message"));
            case "state" -> new Entered(seq, at, BuildState.of(row.text("outcome")));
            case "ended" ->
                new Ended(
                        seq,
                        at,
                        BuildState.of(row.text("outcome")),
                        row.text("message"),
                        row.numberOrNull("duration_millis"));
            default -> throw new IllegalStateException("unknown kind of log entry " + kind);
        };
    }
}
