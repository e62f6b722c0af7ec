package io.slipway.api.launch;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.AccessTokens;
import io.slipway.api.build.QueueReason;
import io.slipway.api.build.QueueReason.Cause;
import io.slipway.api.build.QueueReasons;
import io.slipway.api.diagnostic.LogFields;
import io.slipway.api.launch.WorkerRoster.Attempt;
import io.slipway.db.Channel;
import io.slipway.db.DatabaseException;
import io.slipway.db.Notifications;
import io.slipway.db.Signal;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import io.slipway.db.build.EndedAttempt;
import io.slipway.db.build.RunningBuild;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Keeps idle workers ready beside those that build; of these there are never more than slots. What a worker that died was building
 * goes back to the queue at once. Thread-safe.
 */
@Component
public final class WorkerPool implements SmartLifecycle, QueueReasons {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration REPLACEMENT_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_QUIET = Duration.ofSeconds(10);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final LocalLauncher launcher;
    private final ControlGroups groups;
    private final MachineCheck machine;
    private final DiskRoom disk;
    private final BuildQueue queue;
    private final Builds builds;
    private final WorkLeftovers leftovers;
    private final FinishedBuilds finished;
    private final Notifications notifications;
    private final WebServerApplicationContext server;
    private final HomeId home;
    private final SlipwayProperties.Workers settings;

    private final WorkerRoster roster;
    private final ReentrantLock starting = new ReentrantLock();
    private int failedStarts;

    // By System.nanoTime: the machine's clock may be set.
    private long notBefore = System.nanoTime();
    private long quietSince = System.nanoTime();
    private volatile long quietUntil = System.nanoTime();

    private boolean replacing;
    private volatile @Nullable String trouble;
    private volatile boolean draining;
    private volatile boolean running;

    WorkerPool(
            LocalLauncher launcher,
            ControlGroups groups,
            MachineCheck machine,
            DiskRoom disk,
            BuildQueue queue,
            Builds builds,
            WorkLeftovers leftovers,
            FinishedBuilds finished,
            Notifications notifications,
            WebServerApplicationContext server,
            HomeId home,
            SlipwayProperties properties) {
        this.launcher = launcher;
        this.groups = groups;
        this.machine = machine;
        this.disk = disk;
        this.queue = queue;
        this.builds = builds;
        this.leftovers = leftovers;
        this.finished = finished;
        this.notifications = notifications;
        this.server = server;
        this.home = home;
        this.settings = properties.workers();
        this.roster = new WorkerRoster(settings.slots());
    }

    /** The worker whose token this is, if it lives. */
    public Optional<String> authenticate(String token) {
        return roster.authenticate(token);
    }

    /** Notes that the worker is ready: it waits for a build. */
    public void ready(String worker) {
        roster.ready(worker);
        startsSucceed();
    }

    private void startsSucceed() {
        starting.lock();
        try {
            failedStarts = 0;
            trouble = null;
        } finally {
            starting.unlock();
        }
    }

    /**
     * Waits for one of the slots. Whoever gets it calls {@link #leaves} after it has looked for a build, found or not.
     *
     * @return false when none became free within {@code limit}, or the worker may not have a build: it is dead, has one, or the
     *     service is stopping
     */
    public boolean awaitSlot(String worker, Duration limit) {
        return roster.awaitSlot(worker, limit);
    }

    /** Whether the worker may (still) have a build. */
    public boolean mayBuild(String worker) {
        return roster.mayBuild(worker);
    }

    /** Whether the worker, which has reported the end of this build, its last one, may be given the next of the same project. */
    public boolean mayFollow(String worker, BuildId build) {
        return roster.mayFollow(worker, build, settings.builds());
    }

    /** Notes that the worker looks for no build any more: another one gets its slot unless it has {@link #claimed} a build. */
    public void leaves(String worker) {
        roster.leaves(worker);
    }

    /**
     * Notes that the worker has a build from now on; the next idle one is started soon.
     *
     * @param tokenHash of the token that the worker reports with
     * @return false when the worker is dead or the service is stopping: the caller hands the build back
     */
    public boolean claimed(String worker, BuildId build, int attempt, byte[] tokenHash) {
        if (!roster.claimed(worker, new Attempt(build, attempt), tokenHash)) {
            return false;
        }
        startsSucceed();
        replaceSoon();
        return true;
    }

    /** Sets what a worker may take that is going to do a build of a project with these limits. */
    public void limit(String worker, ProjectLimits limits) throws IOException {
        groups.limit(worker, limits);
    }

    /** Whether a worker of this pool was given this token with this build; the build may have been given to another one since. */
    public boolean isAttempt(BuildId build, byte[] tokenHash) {
        return roster.isAttempt(build, tokenHash);
    }

    /** Kills the worker if it is one of this pool's. */
    void kill(String worker) {
        roster.kill(worker);
    }

    /** How many builds run side by side at most. */
    public int slots() {
        return settings.slots();
    }

    /** Workers that have a build. */
    public long busy() {
        return roster.busy();
    }

    /** Workers that wait for a build and are ready for one. */
    public long idle() {
        return roster.idle();
    }

    /** Whether no more builds are begun, since the service is being stopped. */
    public boolean isDraining() {
        return draining;
    }

    /** Why no worker can be started, or null when nothing is wrong. */
    public @Nullable String trouble() {
        return launcher.isEnabled() ? trouble : null;
    }

    @Override
    public QueueReason reason(String waiting, boolean isNext) {
        String wrong = trouble;
        if (!launcher.isEnabled()) {
            return new QueueReason(Cause.MACHINE, "No workers are started here (slipway.workers.enabled).");
        }
        if (draining) {
            return new QueueReason(Cause.MACHINE, "This service is being stopped; it is built when it runs again.");
        }
        List<String> missing = machine.missing();
        if (!missing.isEmpty()) {
            return new QueueReason(Cause.MACHINE, "This machine is not ready for builds. " + String.join(" ", missing));
        }
        String shortage = disk.shortage();
        if (shortage != null) {
            return new QueueReason(Cause.MACHINE, "This machine is not ready for builds. " + shortage);
        }
        if (wrong != null) {
            return new QueueReason(Cause.MACHINE, wrong);
        }
        if (busy() >= settings.slots()) {
            String busy = settings.slots() == 1 ? "The only slot is" : "All " + settings.slots() + " slots are";
            return new QueueReason(Cause.SLOTS, busy + " busy; " + waiting + ".");
        }
        return new QueueReason(
                Cause.WORKER,
                isNext
                        ? "It is the next one; a worker takes it in a moment."
                        : "Workers are starting; " + waiting + ".");
    }

    /**
     * Starts the next idle workers a while after the last build was taken, or as soon as they are needed. A worker that gets ready keeps a
     * processor busy for longer than a small build takes, and whoever builds now, or comes next, has better use for it. Where one small build
     * follows the other they are not put off for ever.
     */
    private void replaceSoon() {
        long now = System.nanoTime();
        starting.lock();
        try {
            if (now - quietUntil > 0) {
                quietSince = now;
            }
            long last = quietSince + LONGEST_QUIET.toNanos();
            long wanted = now + REPLACEMENT_PAUSE.toNanos();
            quietUntil = wanted - last < 0 ? wanted : last;
            if (replacing) {
                return;
            }
            replacing = true;
        } finally {
            starting.unlock();
        }
        Thread.ofVirtual().name("worker-start").start(this::replace);
    }

    private void replace() {
        try (Signal queued = notifications.subscribe(Channel.BUILD_QUEUED, null)) {
            while (isQuiet()) {
                fill();
                queued.await(Duration.ofNanos(quietUntil - System.nanoTime()));
            }
        }
        fill();
    }

    /** Whether replacements are put off still; when they are not, whoever takes a build next puts them off again. */
    private boolean isQuiet() {
        starting.lock();
        try {
            replacing = roster.isOpen() && !isPast(quietUntil);
            return replacing;
        } finally {
            starting.unlock();
        }
    }

    /**
     * Starts idle workers as long as some are wanted, also while all slots are busy: the next build shall not wait for a worker's
     * start once a slot is free. Called from the watch as well, so a failed start is tried again.
     */
    void fill() {
        starting.lock();
        try {
            while (roster.isOpen()
                    && launcher.isEnabled()
                    // Builds stay queued, and say why, rather than fail for what is not their fault.
                    && machine.missing().isEmpty()
                    && roster.waiting() < settings.spares()
                    && isPast(notBefore)
                    && (isPast(quietUntil) || isOneNeeded())) {
                startOne();
            }
        } finally {
            starting.unlock();
        }
    }

    private static boolean isPast(long nanoTime) {
        return System.nanoTime() - nanoTime >= 0;
    }

    /** Whether no worker is left for the next build, and none builds that would be disturbed or one waits already. */
    private boolean isOneNeeded() {
        if (roster.waiting() > 0) {
            return false;
        }
        long busy = roster.busy();
        try {
            return busy == 0 || (busy < settings.slots() && builds.isAnyWaiting(home.value()));
        } catch (DatabaseException e) {
            return false;
        }
    }

    private void startOne() {
        String id = AccessTokens.create("wrk_").substring(0, 20);
        String token = AccessTokens.create("wkt_");
        try {
            LaunchedWorker worker =
                    launcher.launch(id, token, api(), () -> roster.attempt(id).map(Attempt::build));
            roster.add(worker, AccessTokens.hash(token));
            settleAtItsEnd(worker);
        } catch (IOException e) {
            startFailed("Workers can't be started: " + e.getMessage());
        }
    }

    private URI api() {
        var web = java.util.Objects.requireNonNull(server.getWebServer(), "the web server runs");
        return URI.create("http://127.0.0.1:" + web.getPort());
    }

    private void settleAtItsEnd(LaunchedWorker worker) {
        worker.ended()
                .thenAccept(how -> Thread.ofVirtual().name(worker.id() + "-end").start(() -> ended(worker.id(), how)));
    }

    private void startFailed(String why) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failedStarts, 10));
        notBefore = System.nanoTime() + (pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE).toNanos();
        failedStarts++;
        trouble = why;
        LOG.warn("{} (failure {} in a row)", why, failedStarts);
    }

    private void ended(String worker, String how) {
        boolean open = roster.isOpen();
        boolean closed = roster.isClosed();
        Optional<Attempt> attempt = roster.remove(worker);
        try (LogFields _ = LogFields.worker(worker)) {
            if (attempt.isEmpty() && open) {
                starting.lock();
                try {
                    startFailed(
                            "A worker ended before it had a build (" + how + "); the service's log has what it said.");
                } finally {
                    starting.unlock();
                }
            }
            leftovers.removeWarmUp(worker);
            attempt.ifPresent(left -> {
                try (LogFields _ = LogFields.build(left.build())) {
                    giveUp(worker, left, closed);
                }
            });
        } finally {
            roster.settled();
        }
        fill();
    }

    /** Nothing happens to the build when the worker had reported its end. */
    private void giveUp(String worker, Attempt attempt, boolean stopping) {
        leftovers.removeWork(attempt.build(), attempt.number());
        try {
            List<EndedAttempt> ended = stopping ? queue.handBack(worker) : queue.workerDied(worker);
            ended.forEach(end -> LOG.warn(
                    "{} ended while it built {}, which is {} now",
                    worker,
                    attempt.build(),
                    end.state().wireName()));
            finished.count(ended);
        } catch (DatabaseException e) {
            // Its lease ends soon, and the watch sees to it then.
            LOG.warn(
                    "{} ended while it built {}, and the database can't be told: {}",
                    worker,
                    attempt.build(),
                    e.getMessage());
        }
    }

    @Override
    public void start() {
        running = true;
        roster.open();
        adopt();
        fill();
    }

    /** Workers that an earlier run left: those that build go on, idle ones end (their tokens died with that run). */
    private void adopt() {
        try {
            Map<String, RunningBuild> running = builds.running();
            List<LaunchedWorker> workers = launcher.leftBehind();
            leftovers.removeWarmUps(workers.stream().map(LaunchedWorker::id).collect(Collectors.toSet()));
            for (LaunchedWorker worker : workers) {
                RunningBuild build = running.get(worker.id());
                if (build == null) {
                    worker.ended().thenAccept(_ -> leftovers.removeWarmUp(worker.id()));
                    worker.kill();
                } else {
                    try (LogFields _ = LogFields.build(build.id());
                            LogFields _ = LogFields.worker(worker.id())) {
                        LOG.info("{} still builds {}", worker.id(), build.id());
                    }
                    roster.adopt(worker, new Attempt(build.id(), build.attempt()));
                    settleAtItsEnd(worker);
                }
            }
        } catch (IOException e) {
            LOG.warn("Workers of an earlier run can't be looked for", e);
        }
    }

    /**
     * From now on no worker gets a build, and those that have one may finish it: waits until they have, or {@link #stop} is called, at most for
     * {@code limit}.
     */
    void drain(Duration limit) {
        draining = true;
        // Not while one is being started, which nobody would kill then.
        starting.lock();
        try {
            roster.drain();
        } finally {
            starting.unlock();
        }
        long busy = busy();
        if (busy > 0 && limit.isPositive()) {
            LOG.info("Waiting up to {} s for {} running builds; SIGTERM or Ctrl-C ends that", limit.toSeconds(), busy);
            roster.awaitDrained(limit);
        }
    }

    /** Ends every worker; what they were building goes back to the queue. */
    void cutShort() {
        // Not while one is being started, which nobody would kill then.
        starting.lock();
        try {
            roster.close();
        } finally {
            starting.unlock();
        }
    }

    /** The same, and waits for it. */
    @Override
    public void stop() {
        cutShort();
        roster.awaitEmpty(STOP_LIMIT);
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Starts after the web server, which workers talk to, and stops before it. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
