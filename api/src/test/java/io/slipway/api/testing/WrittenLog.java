package io.slipway.api.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.build.AttemptWriter;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.ClaimedBuild;
import io.slipway.db.build.Recorded;
import io.slipway.db.build.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** A build that runs, whose log the test writes in its worker's place. Used by one thread. */
public final class WrittenLog {
    /** When everything happens that does not say otherwise: later than what the service writes at the beginning. */
    public static final Instant AT = Instant.parse("2096-01-02T03:04:05Z");

    private static final Duration LEASE = Duration.ofMinutes(5);

    private final BuildQueue queue;
    private final ClaimedBuild claim;
    private long sequence = 1;

    private WrittenLog(BuildQueue queue, ClaimedBuild claim) {
        this.queue = queue;
        this.claim = claim;
    }

    /** A build with so many steps, of a service of the test's own without workers. */
    public static WrittenLog in(RunningService service, int steps) {
        BuildQueue queue = service.part(BuildQueue.class);
        BuildDraft draft = TestService.draft(service.home(), Duration.ofMinutes(5), "FROM scratch");
        queue.submit(draft);
        ClaimedBuild claim = queue.claim("worker", null, new byte[32], LEASE).orElseThrow();
        assertThat(claim.build().id()).as("others leave none in the queue").isEqualTo(draft.id());
        WrittenLog log = new WrittenLog(queue, claim);
        log.write(writer -> writer.planned(IntStream.rangeClosed(1, steps)
                .mapToObj(n -> Step.planned(n, "0", "RUN step " + n, n))
                .toList()));
        return log;
    }

    /** Its id. */
    public BuildId id() {
        return claim.build().id();
    }

    /** The path of its log. */
    public String path() {
        return "/v1/builds/" + id() + "/logs";
    }

    /** Writes what a report of a worker has. */
    private void write(Consumer<AttemptWriter> event) {
        Recorded recorded = queue.record(
                id(),
                claim.fencingToken(),
                sequence,
                List.of(event),
                LEASE,
                (writer, events) -> events.forEach(each -> each.accept(writer)));
        assertThat(recorded).isInstanceOf(Recorded.Stored.class);
        sequence++;
    }

    /** A step starts. */
    public void start(int step) {
        write(writer -> writer.stepStarted(AT, step));
    }

    /** A step prints to stdout. */
    public void print(int step, String text) {
        print(AT, step, "stdout", text);
    }

    /** A step prints. */
    public void print(Instant at, int step, String stream, String text) {
        write(writer -> writer.output(at, step, stream, text.getBytes(UTF_8)));
    }

    /** A step ends, after a second and a half. */
    public void finish(int step, String outcome) {
        write(writer -> writer.stepFinished(AT, step, outcome, 1500, null, null, null));
    }

    /** The build succeeds. */
    public void succeed() {
        write(writer -> writer.succeeded(new BuildResult("sha256:" + "d".repeat(64), "application/x", 1)));
    }
}
