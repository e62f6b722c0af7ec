package io.slipway.api.log;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.slipway.api.access.Caller;
import io.slipway.api.access.CallerWatch;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.Channel;
import io.slipway.db.DatabaseException;
import io.slipway.db.Notifications;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Builds;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * All who read logs. A few threads write to all of them, however many there are: a reader has a response and a position, and no thread. Notifications of
 * the database wake the feeds of builds, and these their followers. Thread-safe.
 */
@Component
final class LogFollowers implements SmartLifecycle, MeterBinder, AutoCloseable {

    /** They wait for the database only, and render. */
    private static final int THREADS = Math.max(4, Runtime.getRuntime().availableProcessors());

    /** Notifications wake; this finds what they missed. */
    private static final Duration POLL = Duration.ofSeconds(2);

    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final BuildLog log;
    private final Builds builds;
    private final CallerWatch callers;
    private final Map<BuildId, LogFeed> feeds = new ConcurrentHashMap<>();
    private final Set<LogFollower> followers = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("logs-", 0).factory());
    private final PeriodicTask polls;
    private final Runnable unlisten;
    private volatile boolean running;
    private volatile boolean stopping;

    LogFollowers(BuildLog log, Builds builds, CallerWatch callers, Notifications notifications) {
        this.log = log;
        this.builds = builds;
        this.callers = callers;
        this.unlisten = notifications.listen(Channel.BUILD_EVENTS, this::heard);
        this.polls = PeriodicTask.every(POLL, "logs-clock", this::poll);
    }

    /**
     * Answers a request with the log, from now on and without its thread.
     *
     * @param page the first page
     */
    void answer(HttpServletRequest request, Build build, LogQuery query, LogRange range, BuildLog.Page page)
            throws IOException {
        LogFeed feed = query.follow() ? reserve(build.id()) : null;
        LogFollower follower;
        try {
            follower = new LogFollower(
                    build, query, range, page, Caller.of(request), this, log, feed, threads, request.startAsync());
        } catch (IOException | RuntimeException e) {
            release(build.id(), feed, null);
            throw e;
        }
        followers.add(follower);
        if (feed != null) {
            feed.add(follower);
            feed.wake();
        }
        if (stopping) {
            follower.stop();
        }
        follower.begin();
    }

    private LogFeed reserve(BuildId id) {
        return feeds.compute(id, (_, known) -> (known == null ? new LogFeed(id, log, threads) : known).reserved());
    }

    private void release(BuildId id, @Nullable LogFeed feed, @Nullable LogFollower follower) {
        if (feed != null) {
            feeds.computeIfPresent(id, (_, known) -> feed.remove(follower) ? null : known);
        }
    }

    /** Forgets a follower; nothing happens if that is done. */
    void remove(LogFollower follower) {
        if (followers.remove(follower)) {
            release(follower.build().id(), follower.feed(), follower);
        }
    }

    /** What a build is now, as far as that can be known. */
    BuildState state(Build build) {
        try {
            return builds.find(build.id()).orElse(build).state();
        } catch (DatabaseException e) {
            return build.state();
        }
    }

    private void heard(@Nullable String id) {
        if (id == null) {
            feeds.values().forEach(LogFeed::wake);
            return;
        }
        LogFeed feed = BuildId.parse(id).map(feeds::get).orElse(null);
        if (feed != null) {
            feed.wake();
        }
    }

    private void poll() {
        feeds.values().forEach(LogFeed::wake);
        Map<String, Boolean> admitted = new HashMap<>();
        for (LogFollower follower : followers) {
            Caller caller = follower.caller();
            if (admitted.computeIfAbsent(caller.id(), _ -> callers.isAdmitted(caller))) {
                follower.wake();
            } else {
                follower.cutOff();
            }
        }
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        Gauge.builder("slipway.logs.readers", followers, Set::size)
                .description("Requests that are being answered with a log")
                .register(meters);
    }

    @Override
    public void start() {
        running = true;
    }

    /** Ends all answers, before the web server waits for them. */
    @Override
    public void stop() {
        stopping = true;
        followers.forEach(LogFollower::stop);
        long end = System.nanoTime() + FAREWELL.toNanos();
        while (!followers.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public void close() {
        unlisten.run();
        polls.close();
        threads.shutdownNow();
    }
}
