package io.slipway.api.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.LogEntry;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the log as JSON. What does not apply is left out.
 *
 * @param seq position in the log, from 1
 * @param type output, step_started, step_finished, warning, pushed, notice, state or ended
 * @param stream of output: stdout, stderr or system
 * @param text output, instruction, warning, name or sentence; where output is no UTF-8 (or ends within a character), what can't
 *     be read is U+FFFD
 * @param base64 the exact bytes of output where {@code text} is not exact
 * @param outcome of a step: executed, cached, failed or cancelled
 * @param cache of a step that has finished: hit, miss or none
 * @param state that the build has come to
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record LogRecord(
        long seq,
        Instant at,
        String type,
        @Nullable Integer step,
        @Nullable String stream,
        @Nullable String text,
        @Nullable String base64,
        @Nullable String outcome,
        @Nullable String cache,
        @Nullable String state,
        @Nullable Long durationMillis,
        @Nullable Integer line) {

    static LogRecord of(LogEntry entry) {
        return switch (entry) {
            case LogEntry.Output output -> output(output);
            case LogEntry.StepStarted e ->
                new LogRecord(
                        e.seq(),
                        e.at(),
                        "step_started",
                        e.step(),
                        null,
                        e.instruction(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
            case LogEntry.StepFinished e ->
                new LogRecord(
                        e.seq(),
                        e.at(),
                        "step_finished",
                        e.step(),
                        null,
                        null,
                        null,
                        e.outcome(),
                        e.cache(),
                        null,
                        e.durationMillis(),
                        null);
            case LogEntry.Warned e ->
                new LogRecord(
                        e.seq(), e.at(), "warning", null, null, e.message(), null, null, null, null, null, e.line());
            case LogEntry.Pushed e -> message(e, "pushed", e.name());
            case LogEntry.Notice e -> message(e, "notice", e.message());
            case LogEntry.Entered e -> state(e, "state", e.state(), null, null);
            case LogEntry.Ended e -> state(e, "ended", e.state(), e.message(), e.durationMillis());
        };
    }

    private static LogRecord state(
            LogEntry entry, String type, BuildState state, @Nullable String text, @Nullable Long durationMillis) {
        return new LogRecord(
                entry.seq(),
                entry.at(),
                type,
                null,
                null,
                text,
                null,
                null,
                null,
                state.wireName(),
                durationMillis,
                null);
    }

    private static LogRecord message(LogEntry entry, String type, String text) {
        return new LogRecord(entry.seq(), entry.at(), type, null, null, text, null, null, null, null, null, null);
    }

    private static LogRecord output(LogEntry.Output output) {
        boolean exact;
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(output.data()));
            exact = true;
        } catch (CharacterCodingException e) {
            exact = false;
        }
        return new LogRecord(
                output.seq(),
                output.at(),
                "output",
                output.step(),
                output.stream(),
                new String(output.data(), UTF_8),
                exact ? null : Base64.getEncoder().encodeToString(output.data()),
                null,
                null,
                null,
                null,
                null);
    }
}
