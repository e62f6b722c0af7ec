package io.slipway.api.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.LogEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The log for people: each step's header {@code #N instruction}, its output as it came, its outcome with seconds; at the end one
 * line that says how the build ended. Where steps run side by side, {@code #N} tells whose output follows.
 */
final class TextSink implements LogSink {
    /** RFC 3339 in UTC, always with milliseconds. */
    private static final DateTimeFormatter STAMP =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private final OutputStream out;
    private final BuildId build;
    private @Nullable Integer step;
    private final boolean timestamps;
    private boolean atLineStart = true;

    /** @param timestamps whether each line begins with its time */
    TextSink(OutputStream out, BuildId build, boolean timestamps) {
        this.out = out;
        this.build = build;
        this.timestamps = timestamps;
    }

    @Override
    public void begin() {
        // Text has no head.
    }

    @Override
    public void write(LogEntry entry) throws IOException {
        Instant at = entry.at();
        switch (entry) {
            case LogEntry.Output output -> {
                if (!Objects.equals(step, output.step()) && output.step() != null) {
                    line(at, "#" + output.step());
                } else if (!Objects.equals(step, output.step())) {
                    endLine();
                }
                step = output.step();
                output(at, output.data());
            }
            case LogEntry.StepStarted started -> {
                line(at, "#" + started.step() + " " + started.instruction());
                step = started.step();
            }
            case LogEntry.StepFinished finished -> line(at, "#" + finished.step() + " " + outcome(finished));
            case LogEntry.Warned warned ->
                line(
                        at,
                        "WARNING: " + (warned.line() == null ? "" : "line " + warned.line() + ": ") + warned.message());
            case LogEntry.Pushed pushed -> line(at, "Pushed " + pushed.name());
            case LogEntry.Notice notice -> line(at, notice.message());
            case LogEntry.Entered _ -> {
                // The steps and notices say it.
            }
            case LogEntry.Ended ended -> line(at, ending(ended));
        }
    }

    private void output(Instant at, byte[] data) throws IOException {
        if (!timestamps) {
            out.write(data);
        } else {
            int from = 0;
            for (int i = 0; i < data.length; i++) {
                if (data[i] == '\n' || i == data.length - 1) {
                    if (atLineStart) {
                        stamp(at);
                    }
                    out.write(data, from, i + 1 - from);
                    from = i + 1;
                    atLineStart = data[i] == '\n';
                }
            }
        }
        if (data.length > 0) {
            atLineStart = data[data.length - 1] == '\n';
        }
    }

    private void stamp(Instant at) throws IOException {
        if (timestamps) {
            out.write((STAMP.format(at) + " ").getBytes(UTF_8));
        }
    }

    private static String outcome(LogEntry.StepFinished finished) {
        String outcome = switch (finished.outcome()) {
            case "executed" -> "DONE";
            default -> finished.outcome().toUpperCase(Locale.ROOT);
        };
        return outcome + " " + seconds(finished.durationMillis());
    }

    private String ending(LogEntry.Ended ended) {
        Long millis = ended.durationMillis();
        String time = millis == null ? "" : " after " + seconds(millis);
        return "Build " + build + " " + ended.state().wireName() + time
                + (ended.message().isEmpty() || ended.state() == BuildState.CANCELLED ? "" : ": " + ended.message());
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1fs", millis / 1000.0);
    }

    @Override
    public void keepAlive() {
        // Text has no words that mean nothing.
    }

    @Override
    public void breakOff(BuildState state) throws IOException {
        line(
                Instant.now(),
                "Build " + build + " is " + state.wireName() + "; ask with ?follow=true to see it to its end.");
    }

    private void line(Instant at, String text) throws IOException {
        endLine();
        step = null;
        stamp(at);
        out.write((text + "\n").getBytes(UTF_8));
    }

    private void endLine() throws IOException {
        if (!atLineStart) {
            out.write('\n');
            atLineStart = true;
        }
    }
}
