package io.slipway.db.build;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One step of a build.
 *
 * @param number 1-based number within the build
 * @param stage the stage's name or index
 * @param instruction the instruction as written, on one line
 * @param line 1-based line in the Dockerfile, or null
 * @param state {@code pending}, {@code running}, {@code executed}, {@code cached}, {@code failed} or {@code cancelled}
 * @param startedAt null before
 * @param finishedAt null before
 * @param durationMillis null before the end
 * @param layer digest of the compressed layer, or null where there is none
 * @param layerBytes its size, or null
 * @param miss why it was not found in the cache, as JSON of the protocol; null if it was, or is not done yet, or can't be cached
 */
public record Step(
        int number,
        String stage,
        String instruction,
        @Nullable Integer line,
        String state,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Long durationMillis,
        @Nullable String layer,
        @Nullable Long layerBytes,
        @Nullable String miss) {

    static final String PENDING = "pending";

    /** A step that has not begun. */
    public static Step planned(int number, String stage, String instruction, @Nullable Integer line) {
        return new Step(number, stage, instruction, line, PENDING, null, null, null, null, null, null);
    }

    static Step from(Row row) {
        return new Step(
                row.integer("number"),
                row.text("stage"),
                row.text("instruction"),
                row.integerOrNull("line"),
                row.text("state"),
                row.timeOrNull("started_at"),
                row.timeOrNull("finished_at"),
                row.numberOrNull("duration_millis"),
                row.textOrNull("layer"),
                row.numberOrNull("layer_bytes"),
                row.textOrNull("miss"));
    }
}
