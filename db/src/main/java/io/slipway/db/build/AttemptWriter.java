package io.slipway.db.build;

import io.slipway.db.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes what one worker reports about its attempt, within the transaction of {@link BuildQueue#record}, which has checked
 * the fencing token and holds the build's row locked. Not to be kept.
 */
public final class AttemptWriter {
    private final Transaction transaction;
    private final LockedBuild build;
    private final LogWriter log;
    private final Map<Integer, String> lines = new HashMap<>();
    private final Map<Integer, StepChange> changes = new LinkedHashMap<>();
    private boolean finished;

    AttemptWriter(Transaction transaction, LockedBuild build, LogWriter log) {
        this.transaction = transaction;
        this.build = build;
        this.log = log;
    }

    boolean isFinished() {
        return finished;
    }

    private void requireOpen() {
        if (finished) {
            throw new IllegalArgumentException("an event follows the end of build " + build.id());
        }
    }

    /** The steps of the build, before the first of them starts; again when the build begins again. */
    public void planned(List<Step> steps) {
        requireOpen();
        transaction.update("delete from steps where build_id = ?", id());
        changes.clear();
        transaction.batch(
                "insert into steps (build_id, number, stage, instruction, line) values (?, ?, ?, ?, ?)",
                steps.stream().map(this::row).toList());
        steps.forEach(step -> lines.put(step.number(), line(step.stage(), step.instruction())));
    }

    private @Nullable Object[] row(Step step) {
        return new @Nullable Object[] {id(), step.number(), step.stage(), step.instruction(), step.line()};
    }

    /** Steps that will be said to have started: so they are looked up together. */
    public void expect(Collection<Integer> steps) {
        List<Integer> unknown =
                steps.stream().filter(step -> !lines.containsKey(step)).toList();
        if (!unknown.isEmpty()) {
            transaction.list(
                    "select number, stage, instruction from steps where build_id = ? and number = any(?::integer[])",
                    row -> lines.put(row.integer("number"), line(row.text("stage"), row.text("instruction"))),
                    id(),
                    unknown);
        }
    }

    /** What the events have said of one step; null: nothing. */
    private record StepChange(
            String state,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable Long durationMillis,
            @Nullable String layer,
            @Nullable Long layerBytes,
            @Nullable String miss) {}

    /** Writes what has been said of steps, in one round trip. */
    void flush() {
        List<@Nullable Object[]> rows = new ArrayList<>();
        changes.forEach((step, change) -> rows.add(new @Nullable Object[] {
            change.state(),
            change.startedAt(),
            change.finishedAt(),
            change.durationMillis(),
            change.layer(),
            change.layerBytes(),
            change.miss(),
            id(),
            step
        }));
        int changed = transaction.batch("""
                update steps
                set state = ?, started_at = coalesce(?, started_at), finished_at = ?, duration_millis = ?, layer = ?, layer_bytes = ?,
                    miss = ?::jsonb
                where build_id = ? and number = ?
                """, rows);
        if (changed < rows.size()) {
            throw new IllegalArgumentException(
                    "a step of build " + id() + " was not planned: one of " + changes.keySet());
        }
        changes.clear();
    }

    /** A warning about the Dockerfile; nothing happens if it is known already, from the request or from an earlier attempt. */
    public void warned(Instant at, Warning warning) {
        requireOpen();
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
        requireOpen();
        expect(List.of(step));
        String line = lines.get(step);
        if (line == null) {
            throw new IllegalArgumentException("step " + step + " of build " + id() + " was not planned");
        }
        changes.put(step, new StepChange("running", at, null, null, null, null, null));
        log.stepStarted(at, step, line);
    }

    /** Output of a step, or of the build as a whole when {@code step} is null. */
    public void output(Instant at, @Nullable Integer step, String stream, byte[] data) {
        requireOpen();
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
        requireOpen();
        StepChange start = changes.get(step);
        changes.put(
                step,
                new StepChange(
                        outcome,
                        start == null ? null : start.startedAt(),
                        at,
                        durationMillis,
                        layer,
                        layerBytes,
                        miss));
        String cache = outcome.equals("cached") ? "hit" : miss == null ? "none" : "miss";
        log.stepFinished(at, step, outcome, durationMillis, cache);
    }

    /** A base's name was resolved. */
    public void baseResolved(Base base) {
        requireOpen();
        transaction.update("""
                insert into bases (build_id, name, reference, digest) values (?, ?, ?, ?)
                on conflict (build_id, name) do update set reference = excluded.reference, digest = excluded.digest
                """, id(), base.name(), base.reference(), base.digest());
    }

    /** The image is at the registry under this name. */
    public void pushed(Instant at, String name) {
        requireOpen();
        transaction.update("update builds set images = array_append(images, ?) where id = ?", name, id());
        log.pushed(at, name);
    }

    /** The build succeeded. */
    public void succeeded(BuildResult result) {
        made(result);
        flush();
        BuildRows.finish(transaction, log, build.id(), BuildState.SUCCEEDED, null);
        finished = true;
    }

    /** The image is made, however the build ends. */
    public void made(BuildResult result) {
        requireOpen();
        transaction.update(
                "update builds set digest = ?, media_type = ?, image_bytes = ? where id = ?",
                result.digest(),
                result.mediaType(),
                result.imageBytes(),
                id());
    }

    /** The build failed, or ended because it was cancelled (code {@code cancelled}); a worker does not know by whom. */
    public void failed(Failure failure) {
        requireOpen();
        flush();
        boolean cancelled = failure.isCancellation();
        BuildRows.finish(
                transaction,
                log,
                build.id(),
                cancelled ? BuildState.CANCELLED : BuildState.FAILED,
                cancelled ? build.cancellation() : failure);
        finished = true;
    }

    private String id() {
        return build.id().value();
    }
}
