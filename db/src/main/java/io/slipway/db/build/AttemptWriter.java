package io.slipway.db.build;

import io.slipway.db.Transaction;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what one worker reports about its attempt, within the transaction of {@link BuildQueue#record}, which has checked
 * the fencing token and holds the build's row locked. Not to be kept.
 */
public final class AttemptWriter {
    private final Transaction transaction;
    private final LockedBuild build;
    private final LogWriter log;
    private boolean finished;

    AttemptWriter(Transaction transaction, LockedBuild build, LogWriter log) {
        this.transaction = transaction;
        this.build = build;
        this.log = log;
    }

    boolean isFinished() {
        return finished;
    }

    /** The steps of the build, once, before the first of them starts. */
    public void planned(List<Step> steps) {
        transaction.update("delete from steps where build_id = ?", id());
        transaction.batch(
                "insert into steps (build_id, number, stage, instruction, line) values (?, ?, ?, ?, ?)",
                steps.stream().map(this::row).toList());
    }

    private @Nullable Object[] row(Step step) {
        return new @Nullable Object[] {id(), step.number(), step.stage(), step.instruction(), step.line()};
    }

    /** A warning about the Dockerfile; nothing happens if it is known already, from the request or from an earlier attempt. */
    public void warned(Instant at, Warning warning) {
        boolean known = transaction
                .first("""
                        select 1 as one from warnings
                        where build_id = ? and line is not distinct from ?::integer and rule = ? and message = ?
                        """, _ -> true, id(), warning.line(), warning.rule(), warning.message())
                .isPresent();
        if (known) {
            return;
        }
        BuildRows.insertWarnings(transaction, build.id(), build.attempt(), List.of(warning));
        log.warning(at, warning.line(), warning.message());
    }

    /** Where several platforms are built, their stages are named with a blank, and the same steps come several times. */
    private static String line(String stage, String instruction) {
        return stage.indexOf(' ') > 0 ? "[" + stage + "] " + instruction : instruction;
    }

    /** A step began. */
    public void stepStarted(Instant at, int step) {
        String instruction = transaction
                .first("""
                        update steps set state = 'running', started_at = ?
                        where build_id = ? and number = ?
                        returning stage, instruction
                        """, row -> line(row.text("stage"), row.text("instruction")), at, id(), step)
                .orElseThrow(() -> unplanned(step));
        log.stepStarted(at, step, instruction);
    }

    /** Output of a step, or of the build as a whole when {@code step} is null. */
    public void output(Instant at, @Nullable Integer step, String stream, byte[] data) {
        log.output(at, step, stream, data);
    }

    /**
     * A step ended; {@code outcome} becomes its state.
     *
     * @param miss why it was not found in the cache, as JSON, or null
     */
    public void stepFinished(
            Instant at,
            int step,
            String outcome,
            long durationMillis,
            @Nullable String layer,
            @Nullable Long layerBytes,
            @Nullable String miss) {
        int changed = transaction.update("""
                update steps
                set state = ?, finished_at = ?, duration_millis = ?, layer = ?, layer_bytes = ?, miss = ?::jsonb
                where build_id = ? and number = ?
                """, outcome, at, durationMillis, layer, layerBytes, miss, id(), step);
        if (changed == 0) {
            throw unplanned(step);
        }
        log.stepFinished(at, step, outcome, durationMillis);
    }

    /** A base's name was resolved. */
    public void baseResolved(Base base) {
        transaction.update("""
                insert into bases (build_id, name, digest) values (?, ?, ?)
                on conflict (build_id, name) do update set digest = excluded.digest
                """, id(), base.name(), base.digest());
    }

    /** The image is at the registry under this name. */
    public void pushed(Instant at, String name) {
        transaction.update("update builds set images = array_append(images, ?) where id = ?", name, id());
        log.pushed(at, name);
    }

    /** The build succeeded. */
    public void succeeded(BuildResult result) {
        made(result);
        BuildRows.finish(transaction, log, build.id(), BuildState.SUCCEEDED, null);
        finished = true;
    }

    /** The image is made, however the build ends. */
    public void made(BuildResult result) {
        transaction.update(
                "update builds set digest = ?, media_type = ?, image_bytes = ? where id = ?",
                result.digest(),
                result.mediaType(),
                result.imageBytes(),
                id());
    }

    /** The build failed, or ended because it was cancelled (code {@code cancelled}). */
    public void failed(Failure failure) {
        BuildState state = failure.code().equals(Failure.CANCELLED) ? BuildState.CANCELLED : BuildState.FAILED;
        BuildRows.finish(transaction, log, build.id(), state, failure);
        finished = true;
    }

    private String id() {
        return build.id().value();
    }

    private IllegalArgumentException unplanned(int step) {
        return new IllegalArgumentException("step " + step + " of build " + id() + " was not planned");
    }
}
