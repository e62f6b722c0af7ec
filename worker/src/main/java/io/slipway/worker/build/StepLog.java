package io.slipway.worker.build;

import io.slipway.dockerfile.check.Warning;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.CacheMiss;
import io.slipway.protocol.LogStream;
import io.slipway.protocol.StepOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Reports what steps do as events. Thread-safe. */
final class StepLog {
    private final ConcurrentSkipListSet<Integer> running = new ConcurrentSkipListSet<>();
    private final Set<Warning> warnings = ConcurrentHashMap.newKeySet();
    private final EventSink sink;
    private final AtomicReference<@Nullable String> first = new AtomicReference<>();

    StepLog(EventSink sink) {
        this.sink = sink;
    }

    /** The number of the first step that has started and not finished, or null. */
    @Nullable
    Integer firstRunning() {
        return running.isEmpty() ? null : running.first();
    }

    /** Forgets the steps that were running: the build begins again. */
    void restart() {
        running.clear();
    }

    /** Has something said in Slipway's own name at the beginning of the first step that starts. */
    void sayFirst(String line) {
        first.set(line);
    }

    /** Passes an event on as it is. */
    void emit(BuildEvent event) {
        sink.emit(event);
    }

    /** Passes a warning of a build check on, once: what is said of one platform is not said again of the next. */
    void emit(Warning warning) {
        if (!warnings.add(warning)) {
            return;
        }
        sink.emit(new BuildEvent.Warned(
                Instant.now(),
                warning.line() == 0 ? null : warning.line(),
                warning.rule().label(),
                warning.message()));
    }

    /** A step that has started; it must be finished once. */
    final class Running {
        private final int step;
        private final Instant start;
        private final Digest place;
        private volatile @Nullable StepMiss miss;
        private volatile Duration waited = Duration.ZERO;

        private Running(int step, Instant start, Digest place) {
            this.step = step;
            this.start = start;
            this.place = place;
        }

        /** Its number among all steps of the build, from 1. */
        int number() {
            return step;
        }

        /** Names the step's place in the Dockerfile, whatever the rest of that is like. */
        Digest place() {
            return place;
        }

        /** Remembers that the step is done because it was not found. */
        StepMiss missed(StepMiss why) {
            miss = why;
            return why;
        }

        /** Remembers that it has waited, for its turn or for others: that is not time that it took. For the step's own thread. */
        void waited(Duration time) {
            waited = waited.plus(time);
        }

        /** Passes output on; copies it. */
        void output(LogStream stream, byte[] bytes, int length) {
            sink.emit(new BuildEvent.Log(Instant.now(), step, stream, Arrays.copyOf(bytes, length)));
        }

        /** Says something in Slipway's own name, on a line of its own. */
        void say(String line) {
            byte[] text = (line + "\n").getBytes(StandardCharsets.UTF_8);
            output(LogStream.SYSTEM, text, text.length);
        }

        void finished(StepOutcome outcome, @Nullable Descriptor layer) {
            running.remove(step);
            StepMiss missed = miss;
            CacheMiss why = missed == null ? null : missed.explanation();
            Instant now = Instant.now();
            sink.emit(new BuildEvent.StepFinished(
                    now,
                    step,
                    outcome,
                    Math.max(0, Duration.between(start, now).minus(waited).toMillis()),
                    layer == null ? null : layer.digest().toString(),
                    layer == null ? null : layer.size(),
                    why));
        }
    }

    /**
     * Starts a step.
     *
     * @param place names its place in the Dockerfile
     */
    Running start(int step, Digest place) {
        Instant now = Instant.now();
        running.add(step);
        sink.emit(new BuildEvent.StepStarted(now, step));
        Running started = new Running(step, now, place);
        String line = first.getAndSet(null);
        if (line != null) {
            started.say(line);
        }
        return started;
    }
}
