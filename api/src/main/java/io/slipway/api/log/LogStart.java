package io.slipway.api.log;

import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.LogEntry;
import io.slipway.db.build.LogFilter;
import java.util.List;
import java.util.Objects;

/**
 * Where in a log to begin.
 *
 * @param after the position of the last entry that is left out, or 0
 * @param skipped how many bytes of the first output are left out
 */
record LogStart(long after, int skipped) {
    /** Behind an entry. */
    static LogStart after(long position) {
        return new LogStart(position, 0);
    }

    /**
     * The beginning of the last lines of a log, as its text has them; lines that only say whose output follows are not counted. Reads no more of the
     * log than those lines.
     */
    static LogStart tail(BuildLog log, BuildId id, LogFilter filter, int lines) {
        int left = lines;
        long before = Long.MAX_VALUE;
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
                                            ? after(output.seq())
                                            : new LogStart(output.seq() - 1, i + 1);
                                }
                                left--;
                            }
                        }
                    }
                    case LogEntry.StepStarted _, LogEntry.StepFinished _, LogEntry.Warned _, LogEntry.Pushed _ -> {
                        if (left == 0) {
                            return after(entry.seq());
                        }
                        left--;
                    }
                    case LogEntry.Notice _, LogEntry.Ended _ -> {
                        if (left == 0) {
                            return after(entry.seq());
                        }
                        left--;
                    }
                }
                next = entry;
            }
            if (page.isEmpty()) {
                return after(0);
            }
        }
    }
}
