package io.slipway.api.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.LogEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The log for people: each step's header {@code #N instruction}, its output as it came, its outcome with seconds; at the end one
 * line that says how the build ended. Where steps run side by side, {@code #N} tells whose output follows.
 */
final class TextSink implements LogSink {
    private final OutputStream out;
    private final BuildId build;
    private @Nullable Integer step;
    private boolean atLineStart = true;

    TextSink(OutputStream out, BuildId build) {
        this.out = out;
        this.build = build;
    }

    @Override
    public void write(LogEntry entry) throws IOException {
        switch (entry) {
            case LogEntry.Output output -> {
                if (!Objects.equals(step, output.step()) && output.step() != null) {
                    line("#" + output.step());
                } else if (!Objects.equals(step, output.step())) {
                    endLine();
                }
                step = output.step();
                out.write(output.data());
                if (output.data().length > 0) {
                    atLineStart = output.data()[output.data().length - 1] == '\n';
                }
            }
            case LogEntry.StepStarted started -> {
                line("#" + started.step() + " " + started.instruction());
                step = started.step();
            }
            case LogEntry.StepFinished finished -> line("#" + finished.step() + " " + outcome(finished));
            case LogEntry.Warned warned ->
                line("WARNING: " + (warned.line() == null ? "" : "line " + warned.line() + ": ") + warned.message());
            case LogEntry.Pushed pushed -> line("Pushed " + pushed.name());
            case LogEntry.Notice notice -> line(notice.message());
            case LogEntry.Ended ended -> line(ending(ended));
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
    public void breakOff(Build build) throws IOException {
        line("Build " + build.id() + " is " + build.state().wireName()
                + "; ask with ?follow=true to see it to its end.");
    }

    private void line(String text) throws IOException {
        endLine();
        step = null;
        out.write((text + "\n").getBytes(UTF_8));
    }

    private void endLine() throws IOException {
        if (!atLineStart) {
            out.write('\n');
            atLineStart = true;
        }
    }
}
