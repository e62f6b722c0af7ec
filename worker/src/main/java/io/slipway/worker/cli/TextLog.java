package io.slipway.worker.cli;

import io.slipway.dockerfile.check.Warning;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.Excerpt;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.StepInfo;
import io.slipway.protocol.StepOutcome;
import io.slipway.worker.build.EventSink;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints a build's events for people, its steps as the service's log does. Thread-safe. */
final class TextLog implements EventSink {
    /** What is shown of an instruction at most: it may be as long as a Dockerfile. */
    private static final int LONGEST_INSTRUCTION = 10_000;

    private final PrintStream out;
    private List<StepInfo> steps = List.of();
    private final Map<Integer, Boolean> midLine = new HashMap<>();

    TextLog(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void emit(BuildEvent event) {
        switch (event) {
            case BuildEvent.Planned planned -> steps = planned.steps();
            case BuildEvent.Warned warned -> warning(warned.line() == null ? 0 : warned.line(), warned.message(), out);
            case BuildEvent.StepStarted started ->
                out.println("#" + started.step() + " " + line(steps.get(started.step() - 1)));
            case BuildEvent.Log log -> print(log);
            case BuildEvent.StepFinished finished -> finished(finished);
            case BuildEvent.BaseResolved base -> out.println("base " + base.name() + " is " + base.digest());
            case BuildEvent.Pushed pushed -> out.println("Pushed " + pushed.name() + "@" + pushed.digest());
            case BuildEvent.Kept kept -> out.println("made, but not pushed: " + kept.digest());
            case BuildEvent.Succeeded succeeded -> out.println("succeeded: " + succeeded.digest());
            case BuildEvent.Failed failed -> failed(failed.error());
        }
        out.flush();
    }

    /** Where several platforms are built, their stages are named with a blank, and the same steps come several times. */
    private static String line(StepInfo step) {
        String instruction = Excerpt.of(step.instruction(), LONGEST_INSTRUCTION);
        return step.stage().indexOf(' ') > 0 ? "[" + step.stage() + "] " + instruction : instruction;
    }

    private void print(BuildEvent.Log log) {
        String prefix = log.step() == null ? "" : "#" + log.step() + " ";
        boolean open = midLine.getOrDefault(log.step() == null ? 0 : log.step(), false);
        for (byte b : log.data()) {
            if (!open) {
                out.print(prefix);
                open = true;
            }
            out.write(b);
            if (b == '\n') {
                open = false;
            }
        }
        midLine.put(log.step() == null ? 0 : log.step(), open);
    }

    private void finished(BuildEvent.StepFinished finished) {
        if (midLine.getOrDefault(finished.step(), false)) {
            out.println();
            midLine.remove(finished.step());
        }
        String outcome = finished.outcome() == StepOutcome.EXECUTED
                ? "DONE"
                : finished.outcome().name();
        out.printf(Locale.ROOT, "#%d %s %.1fs%n", finished.step(), outcome, finished.durationMillis() / 1000.0);
    }

    private void failed(BuildError error) {
        out.println("failed: " + error.code().wireName() + place(error.line()) + ": " + error.message());
        if (error.instruction() != null) {
            out.println("  " + error.instruction());
        }
        hint(error.hint(), out);
    }

    /** Prints what is wrong with a Dockerfile that is not even begun. */
    static void refused(String name, LocalCheck.Refusal refusal, PrintStream out) {
        for (Warning warning : refusal.warnings()) {
            warning(warning.line(), warning.message(), out);
        }
        DockerfileException error = refusal.error();
        String place = error.line() == 0 ? "" : ", line " + error.line();
        place += error.column() == 0 ? "" : ", column " + error.column();
        out.println(
                "failed: " + ErrorCode.DOCKERFILE_INVALID.wireName() + ": " + name + place + ": " + error.message());
        hint(error.hint(), out);
        out.flush();
    }

    private static void warning(int line, String message, PrintStream out) {
        out.println("WARNING: " + (line == 0 ? "" : "line " + line + ": ") + message);
    }

    private static void hint(@Nullable String hint, PrintStream out) {
        if (hint != null) {
            out.println("  hint: " + hint);
        }
    }

    private static String place(@Nullable Integer line) {
        return line == null ? "" : " (line " + line + ")";
    }
}
