package io.slipway.worker.build;

import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.LogStream;
import io.slipway.worker.guard.SecretMask;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Passes events on without the secrets of the build, so that no log ever has them. Of output, what may be the beginning of a secret waits until
 * there is more of it, or the step ends. Thread-safe.
 */
final class MaskedEvents implements EventSink {
    private final EventSink sink;
    private final SecretMask mask;
    private final Map<Source, SecretMask.Stream> streams = new ConcurrentHashMap<>();

    /** Where output comes from. */
    private record Source(@Nullable Integer step, LogStream stream) {}

    private MaskedEvents(EventSink sink, SecretMask mask) {
        this.sink = sink;
        this.mask = mask;
    }

    /** The same sink, for a build with these secrets. */
    static EventSink over(EventSink sink, Collection<byte[]> secrets) {
        SecretMask mask = SecretMask.of(secrets);
        return mask.isEmpty() ? sink : new MaskedEvents(sink, mask);
    }

    @Override
    public void emit(BuildEvent event) {
        switch (event) {
            case BuildEvent.Log log -> output(log);
            case BuildEvent.Warned warned ->
                sink.emit(
                        new BuildEvent.Warned(warned.at(), warned.line(), warned.rule(), mask.text(warned.message())));
            case BuildEvent.StepFinished finished -> {
                letGo(finished.step());
                sink.emit(finished);
            }
            case BuildEvent.Failed failed -> {
                letGo(null);
                sink.emit(new BuildEvent.Failed(failed.at(), masked(failed.error())));
            }
            case BuildEvent.Succeeded succeeded -> {
                letGo(null);
                sink.emit(succeeded);
            }
            case BuildEvent.Planned _, BuildEvent.StepStarted _, BuildEvent.BaseResolved _ -> sink.emit(event);
            case BuildEvent.Pushed _, BuildEvent.Kept _ -> sink.emit(event);
        }
    }

    private void output(BuildEvent.Log log) {
        if (log.stream() == LogStream.SYSTEM) {
            // Whole lines, from any thread.
            sink.emit(new BuildEvent.Log(log.at(), log.step(), log.stream(), mask.whole(log.data())));
            return;
        }
        SecretMask.Stream stream = streams.computeIfAbsent(new Source(log.step(), log.stream()), _ -> mask.stream());
        synchronized (stream) {
            pass(log.at(), log.step(), log.stream(), stream.take(log.data()));
        }
    }

    /** Passes on what waits of a step's output, or of all when {@code step} is null. */
    private void letGo(@Nullable Integer step) {
        streams.forEach((source, stream) -> {
            if (step == null || Objects.equals(source.step(), step)) {
                synchronized (stream) {
                    pass(Instant.now(), source.step(), source.stream(), stream.rest());
                }
                streams.remove(source);
            }
        });
    }

    private void pass(Instant at, @Nullable Integer step, LogStream stream, byte[] data) {
        if (data.length > 0) {
            sink.emit(new BuildEvent.Log(at, step, stream, data));
        }
    }

    private BuildError masked(BuildError error) {
        String hint = error.hint();
        return new BuildError(
                error.code(),
                mask.text(error.message()),
                error.instruction(),
                error.line(),
                error.exitCode(),
                hint == null ? null : mask.text(hint));
    }
}
