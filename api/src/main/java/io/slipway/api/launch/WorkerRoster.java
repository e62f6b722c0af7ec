package io.slipway.api.launch;

import io.slipway.api.access.AccessTokens;
import io.slipway.db.build.BuildId;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The workers that live, and which of them hold the slots. A worker holds one from the moment at which it may look for a build until
 * it finds none or, with a build, until its process has ended; so there are never more builds than slots, however many workers
 * wait. Thread-safe.
 */
final class WorkerRoster {
    private final int slots;
    private final Map<String, Member> members = new HashMap<>();
    private Phase phase = Phase.CLOSED;

    /** Workers whose process has ended and whose build is being given up. */
    private int ending;

    WorkerRoster(int slots) {
        this.slots = slots;
    }

    /** Whether workers get builds. */
    private enum Phase {
        OPEN,
        /** None gets another one; those that have one may finish it. */
        DRAINING,
        CLOSED
    }

    /** What a worker builds. */
    record Attempt(BuildId build, int number) {}

    private static final class Member {
        private final LaunchedWorker worker;
        private final byte[] tokenHash;
        private boolean ready;

        /** Requests that look for a build now; two for a moment when the worker asked again on a new connection. */
        private int looking;

        private @Nullable Attempt attempt;

        /** Of the token that it reports with; empty if an earlier run of the service gave it. */
        private byte[] attemptTokenHash = {};

        /** Builds that it has been given. */
        private int builds;

        Member(LaunchedWorker worker, byte[] tokenHash) {
            this.worker = worker;
            this.tokenHash = tokenHash;
        }

        boolean holdsSlot() {
            return attempt != null || looking > 0;
        }
    }

    /** From now on workers may look for builds. */
    synchronized void open() {
        phase = Phase.OPEN;
    }

    /** From now on no worker gets a build; kills those that have none. */
    synchronized void drain() {
        if (phase == Phase.OPEN) {
            phase = Phase.DRAINING;
            members.values().stream().filter(member -> member.attempt == null).forEach(member -> member.worker.kill());
            notifyAll();
        }
    }

    /** From now on no worker gets a build; kills them all. */
    synchronized void close() {
        phase = Phase.CLOSED;
        members.values().forEach(member -> member.worker.kill());
        notifyAll();
    }

    /** Whether workers get builds. */
    synchronized boolean isOpen() {
        return phase == Phase.OPEN;
    }

    /** Whether workers are ended that have builds. */
    synchronized boolean isClosed() {
        return phase == Phase.CLOSED;
    }

    /** Adds a worker that has just been started. */
    synchronized void add(LaunchedWorker worker, byte[] tokenHash) {
        members.put(worker.id(), new Member(worker, tokenHash));
    }

    /** Adds a worker of an earlier run, which has a build. It holds a slot even if there are fewer now. */
    synchronized void adopt(LaunchedWorker worker, Attempt attempt) {
        Member member = new Member(worker, new byte[0]);
        member.attempt = attempt;
        member.ready = true;
        members.put(worker.id(), member);
    }

    /** Takes a worker out whose process has ended. {@link #settled} follows when its build has been given up. */
    synchronized Optional<Attempt> remove(String worker) {
        Member member = members.remove(worker);
        ending++;
        notifyAll();
        return Optional.ofNullable(member).map(ended -> ended.attempt);
    }

    /** Nothing is left to do about a worker that was {@linkplain #remove removed}. */
    synchronized void settled() {
        ending--;
        notifyAll();
    }

    /** The worker whose token this is, if it lives. */
    synchronized Optional<String> authenticate(String token) {
        byte[] hash = AccessTokens.hash(token);
        return members.entrySet().stream()
                .filter(member -> MessageDigest.isEqual(member.getValue().tokenHash, hash))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Notes that the worker is ready for a build. */
    synchronized void ready(String worker) {
        Member member = members.get(worker);
        if (member != null) {
            member.ready = true;
        }
    }

    /** Whether the worker may have a build: not when it is dead, has one, or the roster is closed. */
    synchronized boolean mayBuild(String worker) {
        return candidate(worker) != null;
    }

    /**
     * Waits for a slot. Whoever gets one calls {@link #leaves} after it has looked for a build, found or not.
     *
     * @return false when none became free within {@code limit}, or the worker may not have a build (any more)
     */
    synchronized boolean awaitSlot(String worker, Duration limit) {
        if (!await(limit, () -> candidate(worker) == null || slotIsFreeFor(candidate(worker)))) {
            return false;
        }
        Member member = candidate(worker);
        if (member != null) {
            member.looking++;
        }
        return member != null;
    }

    private boolean slotIsFreeFor(@Nullable Member member) {
        return (member != null && member.holdsSlot()) || count(Member::holdsSlot) < slots;
    }

    /** The worker if it may have a build. */
    private @Nullable Member candidate(String worker) {
        Member member = members.get(worker);
        return isOpen() && member != null && member.attempt == null ? member : null;
    }

    /** Notes that the worker looks for no build any more; its slot becomes free unless it has {@link #claimed} one. */
    synchronized void leaves(String worker) {
        Member member = members.get(worker);
        if (member != null) {
            member.looking--;
            notifyAll();
        }
    }

    /** Notes that the worker has a build from now on; false when it is dead or the roster is closed. */
    synchronized boolean claimed(String worker, Attempt attempt, byte[] tokenHash) {
        Member member = members.get(worker);
        if (!isOpen() || member == null) {
            return false;
        }
        member.attempt = attempt;
        member.attemptTokenHash = tokenHash;
        member.builds++;
        return true;
    }

    /** Whether a worker that lives was given this token with this build. */
    synchronized boolean isAttempt(BuildId build, byte[] tokenHash) {
        return members.values().stream()
                .anyMatch(member -> member.attempt != null
                        && member.attempt.build().equals(build)
                        && MessageDigest.isEqual(member.attemptTokenHash, tokenHash));
    }

    /** Whether the worker was given this build last, and may be given another one: it has been given fewer than {@code most}. */
    synchronized boolean mayFollow(String worker, BuildId build, int most) {
        Member member = members.get(worker);
        return isOpen()
                && member != null
                && member.attempt != null
                && member.attempt.build().equals(build)
                && member.builds < most;
    }

    /** Kills the worker if it is here. */
    synchronized void kill(String worker) {
        Member member = members.get(worker);
        if (member != null) {
            member.worker.kill();
        }
    }

    /** Workers that have a build. */
    synchronized long busy() {
        return count(member -> member.attempt != null);
    }

    /** Workers that have no build, ready for one or not. */
    synchronized long waiting() {
        return count(member -> member.attempt == null);
    }

    /** Workers that have no build and are ready for one. */
    synchronized long idle() {
        return count(member -> member.attempt == null && member.ready);
    }

    /** Waits until all have ended and been settled, at most for {@code limit}. */
    synchronized void awaitEmpty(Duration limit) {
        await(limit, this::isEmpty);
    }

    /** The same, and no longer than the roster is not {@linkplain #close closed}. */
    synchronized void awaitDrained(Duration limit) {
        await(limit, () -> isClosed() || isEmpty());
    }

    private synchronized boolean isEmpty() {
        return members.isEmpty() && ending == 0;
    }

    /** What the worker builds at the moment. */
    synchronized Optional<Attempt> attempt(String worker) {
        Member member = members.get(worker);
        return Optional.ofNullable(member == null ? null : member.attempt);
    }

    private long count(Predicate<Member> kind) {
        return members.values().stream().filter(kind).count();
    }

    /** Returns whether {@code condition} holds; false early when the thread is interrupted. */
    private synchronized boolean await(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
