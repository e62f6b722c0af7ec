package io.slipway.api.worker;

import io.slipway.db.build.AttemptWriter;
import io.slipway.db.build.Base;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.Failure;
import io.slipway.db.build.Step;
import io.slipway.db.build.Warning;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.WireJson;
import java.util.List;
import java.util.Locale;

/** Writes the events of the protocol into the database. */
final class EventRecorder {
    private EventRecorder() {}

    static void record(AttemptWriter writer, List<BuildEvent> events) {
        boolean plans = events.stream().anyMatch(BuildEvent.Planned.class::isInstance);
        if (!plans) {
            writer.expect(events.stream()
                    .filter(BuildEvent.StepStarted.class::isInstance)
                    .map(event -> ((BuildEvent.StepStarted) event).step())
                    .toList());
        }
        events.forEach(event -> record(writer, event));
    }

    private static void record(AttemptWriter writer, BuildEvent event) {
        switch (event) {
            case BuildEvent.Planned planned ->
                writer.planned(planned.steps().stream()
                        .map(step -> Step.planned(step.number(), step.stage(), step.instruction(), step.line()))
                        .toList());
            case BuildEvent.Warned warned ->
                writer.warned(warned.at(), new Warning(warned.line(), warned.rule(), warned.message()));
            case BuildEvent.StepStarted started -> writer.stepStarted(started.at(), started.step());
            case BuildEvent.Log log -> writer.output(log.at(), log.step(), wireName(log.stream()), log.data());
            case BuildEvent.StepFinished done ->
                writer.stepFinished(
                        done.at(),
                        done.step(),
                        wireName(done.outcome()),
                        done.durationMillis(),
                        done.layer(),
                        done.layerBytes(),
                        done.miss() == null ? null : WireJson.MAPPER.writeValueAsString(done.miss()));
            case BuildEvent.BaseResolved base ->
                writer.baseResolved(new Base(base.name(), base.reference(), base.digest()));
            case BuildEvent.Pushed pushed -> writer.pushed(pushed.at(), pushed.name());
            case BuildEvent.Kept kept ->
                writer.made(new BuildResult(kept.digest(), kept.mediaType(), kept.imageBytes()));
            case BuildEvent.Succeeded succeeded ->
                writer.succeeded(new BuildResult(succeeded.digest(), succeeded.mediaType(), succeeded.imageBytes()));
            case BuildEvent.Failed failed -> writer.failed(failure(failed.error()));
        }
    }

    private static Failure failure(BuildError error) {
        return new Failure(
                error.code().wireName(),
                error.message(),
                error.instruction(),
                error.line(),
                error.exitCode(),
                error.hint());
    }

    private static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
