package io.slipway.api.launch;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.AccessTokens;
import io.slipway.api.build.QueueReasons;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import io.slipway.db.build.EndedAttempt;
import io.slipway.db.build.RunningBuild;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Keeps idle workers ready, each for one build, and no more workers than there are slots. What a worker that died was building
 * goes back to the queue at once. Thread-safe.
 */
@Component
public final class WorkerPool implements SmartLifecycle, QueueReasons {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration REPLACEMENT_PAUSE = Duration.ofSeconds(1);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final LocalLauncher launcher;
    private final BuildQueue queue;
    private final Builds builds;
    private final WorkLeftovers leftovers;
    private final FinishedBuilds finished;
    private final WebServerApplicationContext server;
    private final SlipwayProperties.Workers settings;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition gone = lock.newCondition();
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private boolean open;
    private int failedStarts;
    private Instant notBefore = Instant.MIN;
    private volatile @Nullable String trouble;

    WorkerPool(
            LocalLauncher launcher,
            BuildQueue queue,
            Builds builds,
            WorkLeftovers leftovers,
            FinishedBuilds finished,
            WebServerApplicationContext server,
            SlipwayProperties properties) {
        this.launcher = launcher;
        this.queue = queue;
        this.builds = builds;
        this.leftovers = leftovers;
        this.finished = finished;
        this.server = server;
        this.settings = properties.workers();
    }

    /** A worker of the pool: idle until it has a build. */
    private static final class Member {
        private final LaunchedWorker worker;
        private final byte[] tokenHash;
        private volatile boolean heard;
        private volatile @Nullable Attempt attempt;

        Member(LaunchedWorker worker, byte[] tokenHash) {
            this.worker = worker;
            this.tokenHash = tokenHash;
        }
    }

    private record Attempt(BuildId build, int number) {}

    /** The worker whose token this is, if it lives. */
    public Optional<String> authenticate(String token) {
        byte[] hash = AccessTokens.hash(token);
        return members.entrySet().stream()
                .filter(member -> MessageDigest.isEqual(member.getValue().tokenHash, hash))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Notes that the worker asks for a build; false when it may not have one: it is dead, has one, or the service is stopping. */
    public boolean asks(String worker) {
        lock.lock();
        try {
            Member member = members.get(worker);
            if (!open || member == null || member.attempt != null) {
                return false;
            }
            member.heard = true;
            failedStarts = 0;
            trouble = null;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Notes that the worker has a build from now on, and starts the next idle one.
     *
     * @return false when the worker is dead or the service is stopping: the caller hands the build back
     */
    public boolean claimed(String worker, BuildId build, int attempt) {
        lock.lock();
        try {
            Member member = members.get(worker);
            if (!open || member == null) {
                return false;
            }
            member.attempt = new Attempt(build, attempt);
        } finally {
            lock.unlock();
        }
        replaceSoon();
        return true;
    }

    /** Kills the worker if it is one of this pool's. */
    void kill(String worker) {
        Member member = members.get(worker);
        if (member != null) {
            member.worker.kill();
        }
    }

    /** How many builds run side by side at most. */
    public int slots() {
        return settings.slots();
    }

    /** Workers that have a build. */
    public long busy() {
        return members.values().stream()
                .filter(member -> member.attempt != null)
                .count();
    }

    /** Workers that wait for a build and have asked for one. */
    public long idle() {
        return members.values().stream()
                .filter(member -> member.attempt == null && member.heard)
                .count();
    }

    /** Why no worker can be started, or null when nothing is wrong. */
    public @Nullable String trouble() {
        return launcher.isEnabled() ? trouble : null;
    }

    @Override
    public String reason(long ahead) {
        String wrong = trouble;
        if (!launcher.isEnabled()) {
            return "No workers are started here (slipway.workers.command is empty).";
        }
        if (wrong != null) {
            return wrong;
        }
        if (busy() >= settings.slots()) {
            return "All %d slots are busy; %s.".formatted(settings.slots(), waiting(ahead));
        }
        return ahead == 0
                ? "It is the next one; a worker takes it in a moment."
                : "Workers are starting; " + waiting(ahead) + ".";
    }

    private static String waiting(long ahead) {
        return ahead == 0
                ? "it is the next one"
                : ahead == 1 ? "one build is ahead of it" : ahead + " builds are ahead of it";
    }

    /**
     * Starts the next idle workers: at once if none is left, otherwise after a while. A worker that gets ready keeps a processor
     * busy for about as long as a small build takes, and whoever builds now, or comes next, has better use for it.
     */
    private void replaceSoon() {
        boolean hurry = idle() == 0;
        Thread.ofVirtual().name("worker-start").start(() -> {
            try {
                if (!hurry) {
                    Thread.sleep(REPLACEMENT_PAUSE);
                }
                fill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Starts idle workers as long as some are wanted. Called from the watch as well, so a failed start is tried again. */
    void fill() {
        lock.lock();
        try {
            while (open
                    && launcher.isEnabled()
                    && members.size() < settings.slots()
                    && members.values().stream()
                                    .filter(member -> member.attempt == null)
                                    .count()
                            < settings.spares()
                    && !Instant.now().isBefore(notBefore)) {
                startOne();
            }
        } finally {
            lock.unlock();
        }
    }

    private void startOne() {
        String id = AccessTokens.create("wrk_").substring(0, 20);
        String token = AccessTokens.create("wkt_");
        try {
            add(new Member(launcher.launch(id, token, api()), AccessTokens.hash(token)));
        } catch (IOException e) {
            startFailed("Workers can't be started: " + e.getMessage());
        }
    }

    private URI api() {
        var web = java.util.Objects.requireNonNull(server.getWebServer(), "the web server runs");
        return URI.create("http://127.0.0.1:" + web.getPort());
    }

    private void add(Member member) {
        members.put(member.worker.id(), member);
        member.worker
                .ended()
                .thenAccept(how ->
                        Thread.ofVirtual().name(member.worker.id() + "-end").start(() -> ended(member, how)));
    }

    private void startFailed(String why) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failedStarts, 10));
        notBefore = Instant.now().plus(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
        failedStarts++;
        trouble = why;
        LOG.warn("{} (failure {} in a row)", why, failedStarts);
    }

    private void ended(Member member, String how) {
        String id = member.worker.id();
        Attempt attempt;
        boolean stopping;
        lock.lock();
        try {
            members.remove(id);
            attempt = member.attempt;
            stopping = !open;
            if (attempt == null && open) {
                startFailed("A worker ended before it had a build (" + how + "); the service's log has what it said.");
            }
        } finally {
            lock.unlock();
        }
        leftovers.removeWarmUp(id);
        if (attempt != null) {
            giveUp(id, attempt, stopping);
        }
        lock.lock();
        try {
            gone.signalAll();
        } finally {
            lock.unlock();
        }
        replaceSoon();
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
            LOG.warn("{} ended while it built {}, and the database can't be told", worker, attempt.build(), e);
        }
    }

    @Override
    public void start() {
        lock.lock();
        try {
            open = true;
        } finally {
            lock.unlock();
        }
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
                    LOG.info("{} still builds {}", worker.id(), build.id());
                    Member member = new Member(worker, new byte[0]);
                    member.attempt = new Attempt(build.id(), build.attempt());
                    member.heard = true;
                    add(member);
                }
            }
        } catch (IOException e) {
            LOG.warn("Workers of an earlier run can't be looked for", e);
        }
    }

    /** Ends every worker; what they were building goes back to the queue. */
    @Override
    public void stop() {
        long nanos = STOP_LIMIT.toNanos();
        lock.lock();
        try {
            open = false;
            members.values().forEach(member -> member.worker.kill());
            while (!members.isEmpty() && nanos > 0) {
                nanos = gone.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isRunning() {
        lock.lock();
        try {
            return open;
        } finally {
            lock.unlock();
        }
    }

    /** Starts after the web server, which workers talk to, and stops before it. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
