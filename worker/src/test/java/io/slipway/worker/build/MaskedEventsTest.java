package io.slipway.worker.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.LogStream;
import io.slipway.protocol.StepOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MaskedEventsTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private final List<String> seen = new ArrayList<>();
    private final EventSink events =
            MaskedEvents.over(event -> seen.add(describe(event)), List.of("s3cret-value".getBytes(UTF_8)));

    private static String describe(BuildEvent event) {
        return switch (event) {
            case BuildEvent.Log log -> log.stream() + " " + log.step() + " " + new String(log.data(), UTF_8);
            case BuildEvent.Warned warned -> "warning " + warned.message();
            case BuildEvent.StepFinished finished -> "finished " + finished.step();
            case BuildEvent.Failed failed ->
                failed.error().message() + " " + failed.error().hint();
            default -> event.getClass().getSimpleName();
        };
    }

    private void print(int step, LogStream stream, String text) {
        events.emit(new BuildEvent.Log(AT, step, stream, text.getBytes(UTF_8)));
    }

    @Test
    void streamsOfStepsAreMaskedEachByItself() {
        print(1, LogStream.STDOUT, "a s3cret-");
        print(1, LogStream.STDERR, "value\n");
        print(2, LogStream.STDOUT, "value\n");
        print(1, LogStream.STDOUT, "value b\n");
        assertThat(seen).containsExactly("STDOUT 1 a ", "STDERR 1 value\n", "STDOUT 2 value\n", "STDOUT 1 *** b\n");
    }

    @Test
    void whatWaitsComesBeforeTheEndOfItsStep() {
        print(1, LogStream.STDOUT, "s3cret-");
        print(2, LogStream.STDOUT, "s3c");
        events.emit(new BuildEvent.StepFinished(AT, 1, StepOutcome.EXECUTED, 1, null, null, null));
        events.emit(new BuildEvent.Failed(
                AT,
                new BuildError(ErrorCode.STEP_FAILED, "no s3cret-value here", null, null, null, "not s3cret-value")));
        assertThat(seen).containsExactly("STDOUT 1 s3cret-", "finished 1", "STDOUT 2 s3c", "no *** here not ***");
    }

    @Test
    void whatSlipwaySaysIsMaskedToo() {
        print(1, LogStream.SYSTEM, "it is s3cret-value\n");
        events.emit(new BuildEvent.Warned(AT, 1, "Rule", "mind s3cret-value"));
        assertThat(seen).containsExactly("SYSTEM 1 it is ***\n", "warning mind ***");
    }
}
