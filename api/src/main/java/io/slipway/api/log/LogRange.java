package io.slipway.api.log;

import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.LogEntry;
import io.slipway.db.build.LogFilter;
import java.util.List;
import java.util.Objects;

/**
 * Which part of a log is wanted.
 *
 * @param after the position of the last entry before it, or 0
 * @param skipped how many bytes of the first output are left out
 * @param before the position of the first entry behind it, or {@link #OPEN}
 */
record LogRange(long after, int skipped, long before) {
    /** The end of a range that goes on to the end of the log. */
    static final long OPEN = Long.MAX_VALUE;

    /** Whether nothing that is wanted lies behind a position. */
    boolean endsWith(long position) {
        return position >= before - 1;
    }

    /**
     * The last lines before a position, as the text of the log has them; lines that only say whose output follows are not counted. Reads no more of
     * the log than those lines.
     *
     * @param end the position of the first entry behind them, or {@link #OPEN}
     */
    static LogRange tail(BuildLog log, BuildId id, LogFilter filter, int lines, long end) {
        int left = lines;
        long before = end;
        LogEntry next = null; // the entry behind the one that is looked at
        while (true) {
            List<LogEntry> page = log.before(id, before, filter);
            for (LogEntry entry : page) {
                before = entry.seq();
                switch (entry) {
                    case LogEntry.Entered _ -> {
                        continue; // not in the text
                    }
                    case LogEntry.Output output -> {
                        byte[] data = output.data();
                        boolean goesOn =
                                next instanceof LogEntry.Output more && Objects.equals(more.step(), output.step());
                        for (int i = data.length - 1; i >= 0; i--) {
                            if (data[i] == '\n' || (i == data.length - 1 && !goesOn)) {
                                if (left == 0) {
                                    return i == data.length - 1
                                            ? new LogRange(output.seq(), 0, end)
                                            : new LogRange(output.seq() - 1, i + 1, end);
                                }
                                left--;
                            }
                        }
                    }
                    case LogEntry.StepStarted _, LogEntry.StepFinished _, LogEntry.Warned _, LogEntry.Pushed _ -> {
                        if (left == 0) {
                            return new LogRange(entry.seq(), 0, end);
                        }
                        left--;
                    }
                    case LogEntry.Notice _, LogEntry.Ended _ -> {
                        if (left == 0) {
                            return new LogRange(entry.seq(), 0, end);
                        }
                        left--;
                    }
                }
                next = entry;
            }
            if (page.isEmpty()) {
                return new LogRange(0, 0, end);
            }
        }
    }
}
