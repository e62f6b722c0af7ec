package io.slipway.db.build;

import org.jspecify.annotations.Nullable;

/**
 * Which entries of a log are wanted. The last one, {@link LogEntry.Ended}, always is.
 *
 * @param step only those of this step; null: of all, and of the build as a whole
 * @param output whether output is wanted, too
 */
public record LogFilter(@Nullable Integer step, boolean output) {
    /** Everything. */
    public static final LogFilter ALL = new LogFilter(null, true);

    /** Whether an entry is wanted. */
    public boolean admits(LogEntry entry) {
        return switch (entry) {
            case LogEntry.Ended _ -> true;
            case LogEntry.Output e -> output && (step == null || step.equals(e.step()));
            case LogEntry.StepStarted e -> step == null || step == e.step();
            case LogEntry.StepFinished e -> step == null || step == e.step();
            case LogEntry.Warned _, LogEntry.Pushed _, LogEntry.Notice _, LogEntry.Entered _ -> step == null;
        };
    }
}
