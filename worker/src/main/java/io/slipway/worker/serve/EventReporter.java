package io.slipway.worker.serve;

import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.Claim;
import io.slipway.protocol.EventAck;
import io.slipway.protocol.EventBatch;
import io.slipway.worker.build.EventSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a build's events to the API in order, several at a time, and renews the lease with that. A build that prints faster than
 * the API stores is slowed down, never clipped. Events may come from any thread; {@link #run} belongs to one.
 */
final class EventReporter implements EventSink {
    private static final int WAITING_EVENTS = 1024;
    private static final int BATCH_EVENTS = 512;
    private static final int BATCH_LOG_BYTES = 1024 * 1024;
    /** A cancellation is heard of with the answer, and is to be heeded within a second. */
    private static final long HEARTBEAT_MILLIS = 500;

    /** Nobody sees so short a delay, and a transaction that stores ten events costs the API little more than one that stores one. */
    private static final long COLLECT_MILLIS = 8;

    private static final long RETRY_MILLIS = 200;

    private final ApiClient api;
    private final Claim claim;
    private final Runnable cancel;
    private final BlockingQueue<BuildEvent> waiting = new ArrayBlockingQueue<>(WAITING_EVENTS);
    private long nextSequence = 1;
    private long leaseEnd;

    /**
     * A reporter.
     *
     * @param cancel is called when somebody has asked for the build's end, perhaps several times
     */
    EventReporter(ApiClient api, Claim claim, Runnable cancel) {
        this.api = api;
        this.claim = claim;
        this.cancel = cancel;
        this.leaseEnd = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(claim.leaseMillis());
    }

    @Override
    public void emit(BuildEvent event) {
        boolean interrupted = false;
        while (true) {
            try {
                waiting.put(event);
                break;
            } catch (InterruptedException e) {
                // A cancelled build still reports how it ended.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Reports until the build's last event is stored.
     *
     * @throws LeaseLostException if the build is not ours any more, or the API could not be reached for as long as the lease lasts
     */
    void run() throws InterruptedException, LeaseLostException {
        boolean ended = false;
        while (!ended) {
            List<BuildEvent> events = next();
            ended = !events.isEmpty() && isLast(events.getLast());
            send(new EventBatch(claim.spec().fencingToken(), nextSequence, events));
            nextSequence += events.size();
        }
    }

    private static boolean isLast(BuildEvent event) {
        return switch (event) {
            case BuildEvent.Succeeded _, BuildEvent.Failed _ -> true;
            case BuildEvent.Planned _, BuildEvent.Warned _, BuildEvent.StepStarted _, BuildEvent.Log _ -> false;
            case BuildEvent.StepFinished _, BuildEvent.BaseResolved _, BuildEvent.Pushed _, BuildEvent.Kept _ -> false;
        };
    }

    /**
     * The events of the next few milliseconds, or none when it is time for a heartbeat. Pieces of one log are joined: fewer rows to
     * store.
     */
    private List<BuildEvent> next() throws InterruptedException {
        List<BuildEvent> events = new ArrayList<>();
        BuildEvent event = waiting.poll(HEARTBEAT_MILLIS, TimeUnit.MILLISECONDS);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(COLLECT_MILLIS);
        int logBytes = 0;
        while (event != null) {
            BuildEvent joined = events.isEmpty() ? null : join(events.getLast(), event);
            if (joined != null) {
                events.set(events.size() - 1, joined);
            } else {
                events.add(event);
            }
            logBytes += event instanceof BuildEvent.Log log ? log.data().length : 0;
            if (isLast(event) || events.size() >= BATCH_EVENTS || logBytes >= BATCH_LOG_BYTES) {
                break;
            }
            event = waiting.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        return events;
    }

    private static @Nullable BuildEvent join(BuildEvent before, BuildEvent after) {
        if (!(before instanceof BuildEvent.Log one && after instanceof BuildEvent.Log two)
                || one.stream() != two.stream()
                || !Objects.equals(one.step(), two.step())) {
            return null;
        }
        byte[] both = new byte[one.data().length + two.data().length];
        System.arraycopy(one.data(), 0, both, 0, one.data().length);
        System.arraycopy(two.data(), 0, both, one.data().length, two.data().length);
        return new BuildEvent.Log(one.at(), one.step(), one.stream(), both);
    }

    private void send(EventBatch batch) throws InterruptedException, LeaseLostException {
        boolean told = false;
        while (true) {
            try {
                EventAck ack = api.report(claim.spec().buildId(), claim.token(), batch);
                leaseEnd = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ack.leaseMillis());
                if (ack.cancelRequested()) {
                    cancel.run();
                }
                return;
            } catch (IOException e) {
                if (System.nanoTime() > leaseEnd) {
                    throw new LeaseLostException("the API cannot be reached: " + e);
                }
                if (!told) {
                    told = true;
                    System.err.println("events can't be delivered, trying again until the lease ends: " + e);
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
            }
        }
    }
}
