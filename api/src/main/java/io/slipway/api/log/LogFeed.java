package io.slipway.api.log;

import io.slipway.db.DatabaseException;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.LogEntry;
import io.slipway.db.build.LogFilter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is new in the log of a build, read once for all who follow it. Keeps the newest entries; who is further behind reads the database by itself.
 * Thread-safe.
 */
final class LogFeed {
    private static final Logger LOG = LoggerFactory.getLogger(LogFeed.class);
    private static final int MOST_ENTRIES = 1024;
    private static final int MOST_BYTES = 256 * 1024;

    private final BuildId id;
    private final BuildLog log;
    private final SerialTask reading;
    private final Set<LogFollower> followers = ConcurrentHashMap.newKeySet();
    /** Guarded by this; without gaps. */
    private final Deque<LogEntry> recent = new ArrayDeque<>();

    private int recentBytes;
    /** The position of the last entry that was read; guarded by this. */
    private long last;

    /** How many follow or are about to; changed by one thread at a time. */
    private int expected;

    LogFeed(BuildId id, BuildLog log, Executor executor) {
        this.id = id;
        this.log = log;
        this.reading = new SerialTask(executor, this::read);
        this.last = log.last(id);
    }

    /** One more is going to follow; {@link #remove} takes it back. Called by one thread at a time, as that is. */
    LogFeed reserved() {
        expected++;
        return this;
    }

    void add(LogFollower follower) {
        followers.add(follower);
    }

    /** Returns whether nobody follows any more, or is going to. */
    boolean remove(@Nullable LogFollower follower) {
        if (follower != null) {
            followers.remove(follower);
        }
        expected--;
        return expected == 0;
    }

    /** Has it look for what is new. */
    void wake() {
        reading.wake();
    }

    private void read() {
        try {
            BuildLog.Page page = log.page(id, last(), LogFilter.ALL);
            if (!page.entries().isEmpty()) {
                keep(page);
                followers.forEach(LogFollower::wake);
                wake(); // there may be more, when it is its turn again
            }
        } catch (DatabaseException e) {
            // A follower outlives a database that restarts.
            LOG.debug("The log of {} can't be read at the moment", id, e);
        }
    }

    private synchronized long last() {
        return last;
    }

    private synchronized void keep(BuildLog.Page page) {
        for (LogEntry entry : page.entries()) {
            recent.add(entry);
            recentBytes += bytes(entry);
        }
        last = page.through();
        while (recent.size() > MOST_ENTRIES || recentBytes > MOST_BYTES) {
            recentBytes -= bytes(recent.remove());
        }
    }

    private static int bytes(LogEntry entry) {
        return entry instanceof LogEntry.Output output ? output.data().length : 0;
    }

    /** What follows a position, as far as it is known here; null if what follows it was known once. */
    synchronized BuildLog.@Nullable Page after(long position) {
        long first = recent.isEmpty() ? last + 1 : recent.getFirst().seq();
        if (position + 1 < first) {
            return null;
        }
        List<LogEntry> entries =
                recent.stream().dropWhile(entry -> entry.seq() <= position).toList();
        return new BuildLog.Page(entries, Math.max(position, last));
    }
}
