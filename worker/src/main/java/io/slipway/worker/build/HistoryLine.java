package io.slipway.worker.build;

import io.slipway.image.ImageConfig.History;
import org.jspecify.annotations.Nullable;

/** A line of an image's history. */
sealed interface HistoryLine {
    /** A line of the base, as it is. */
    record OfBase(History line) implements HistoryLine {}

    /**
     * A line of this build, of an instruction that made a layer.
     *
     * @param createdBy the instruction in the reference builder's words
     * @param layer the layer
     * @param stage the index of the stage that it stands in
     * @param step the name of its step
     */
    record OfStep(String createdBy, StepLayer layer, int stage, String step) implements HistoryLine {}

    /**
     * A line of this build, of an instruction that no layer of the image stands for.
     *
     * @param createdBy the instruction in the reference builder's words
     * @param step the name of its step, or null if it has none
     * @param created when it ran, RFC 3339, or null for the time of the next layer
     */
    record Empty(
            String createdBy,
            @Nullable String step,
            @Nullable String created) implements HistoryLine {}
}
