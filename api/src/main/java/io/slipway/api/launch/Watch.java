package io.slipway.api.launch;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.diagnostic.LogFields;
import io.slipway.db.DatabaseException;
import io.slipway.db.access.IdempotencyKeys;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import io.slipway.db.build.EndedAttempt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Looks after running builds once a second: ends those whose worker is silent, overruns its time or does not heed a cancellation,
 * kills that worker, and sweeps what finished builds left.
 */
@Component
final class Watch implements SmartInitializingSingleton, SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** What clocks differ in by being read one after the other, or set right little by little, is less. */
    private static final Duration LEAP = Duration.ofSeconds(5);

    private static final int SWEEP_EVERY = 10;
    private static final int SWEEP_AT_ONCE = 50;

    /** A worker that has just reported its end may still be cleaning up; so may somebody who reads the context. */
    private static final Duration REST = Duration.ofSeconds(10);

    private final BuildQueue queue;
    private final Builds builds;
    private final IdempotencyKeys keys;
    private final WorkerPool pool;
    private final WorkLeftovers leftovers;
    private final FinishedBuilds finished;
    private final String home;
    private final SlipwayProperties.Workers settings;
    private final SlipwayProperties.Storage storage;
    private final Semaphore stopped = new Semaphore(0);
    private @Nullable Thread thread;

    /**
     * Two clocks at about the same moment.
     *
     * @param time the database's
     * @param steadyNanos this process's monotonic one
     */
    private record Reading(Instant time, long steadyNanos) {}

    private @Nullable Reading reading;

    /** Workers could not report for a while: their silence must be forgiven before it is judged. */
    private boolean away = true;

    Watch(
            BuildQueue queue,
            Builds builds,
            IdempotencyKeys keys,
            WorkerPool pool,
            WorkLeftovers leftovers,
            FinishedBuilds finished,
            HomeId home,
            SlipwayProperties properties) {
        this.queue = queue;
        this.builds = builds;
        this.keys = keys;
        this.pool = pool;
        this.leftovers = leftovers;
        this.finished = finished;
        this.home = home.value();
        this.settings = properties.workers();
        this.storage = properties.storage();
    }

    private void run() {
        for (int round = 0; !pause(); round++) {
            try {
                look();
                if (round % SWEEP_EVERY == 0) {
                    sweep();
                }
            } catch (DatabaseException e) {
                away = true;
                if (!e.isUnreachable()) {
                    LOG.error("The database refused, running builds are not looked after; it is tried again", e);
                }
            } catch (RuntimeException e) {
                LOG.error("Looking after running builds failed; it is tried again", e);
            }
        }
    }

    private boolean pause() {
        try {
            return stopped.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void look() {
        Instant now = noticeLeap();
        if (away) {
            queue.forgiveSilence(settings.lease());
            away = false;
        }
        end("did not heed the cancellation", queue.cancelOverdue(now, settings.cancelGrace()));
        end("overran its time limit", queue.timeOutOverdue(now, settings.timeoutGrace()));
        end("was silent for too long", queue.expireLeases(now));
        pool.fill();
    }

    /**
     * A clock that is set, or a machine that was suspended, must not end what runs: time that nobody has lived through does not count.
     *
     * @return the database's time; of a leap after it the next look takes notice, so until then nothing is judged by another
     */
    private Instant noticeLeap() {
        Reading last = reading;
        Reading now = read();
        if (last != null) {
            makeUpForLeap(last, now);
        }
        reading = now; // only now: what was not made up for is a leap next time, too
        return now.time();
    }

    private void makeUpForLeap(Reading last, Reading now) {
        long passedNanos = now.steadyNanos() - last.steadyNanos();
        Duration leap = Duration.between(last.time(), now.time()).minusNanos(passedNanos);
        if (leap.abs().compareTo(LEAP) > 0) {
            LOG.warn("The database's clock has leapt by {}; running builds have as much time as before", leap);
            queue.clockLeapt(leap, now.time().minusNanos(passedNanos), settings.lease());
        }
    }

    private Reading read() {
        return new Reading(queue.now(), System.nanoTime());
    }

    private void end(String why, List<EndedAttempt> attempts) {
        for (EndedAttempt attempt : attempts) {
            try (LogFields _ = LogFields.build(attempt.id());
                    LogFields _ = LogFields.worker(attempt.worker())) {
                LOG.warn(
                        "{} {}; {} is {} now",
                        attempt.worker(),
                        why,
                        attempt.id(),
                        attempt.state().wireName());
            }
            pool.kill(attempt.worker());
        }
        finished.count(attempts);
    }

    private void sweep() {
        keys.removeOld();
        queue.findUnnoticed();
        for (BuildId build : builds.withWork(REST, home, SWEEP_AT_ONCE)) {
            try (LogFields _ = LogFields.build(build)) {
                if (leftovers.removeWork(build)) {
                    builds.workSwept(build);
                }
            }
        }
        boolean low = leftovers.isDiskLow();
        Duration age = low ? Duration.ZERO : storage.contextAge();
        for (Build build : builds.unswept(age, storage.contextMaximum().toBytes(), home, SWEEP_AT_ONCE)) {
            try (LogFields _ = LogFields.build(build.id())) {
                if (leftovers.removeContext(build.context().name())) {
                    builds.swept(build.id());
                }
            }
        }
    }

    /** Reads the clocks before anything is started, so before any worker has a build of this service: a leap may come sooner than the first look. */
    @Override
    public void afterSingletonsInstantiated() {
        try {
            reading = read();
        } catch (DatabaseException e) {
            LOG.warn("The database's time is not known yet: {}", e.getMessage());
        }
    }

    @Override
    public void start() {
        thread = Thread.ofPlatform().name("watch").start(this::run);
    }

    @Override
    public void stop() {
        Thread running = thread;
        stopped.release();
        if (running != null) {
            try {
                running.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
