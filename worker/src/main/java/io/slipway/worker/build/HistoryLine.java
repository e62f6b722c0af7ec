package io.slipway.worker.build;

import io.slipway.image.ImageConfig.History;
import org.jspecify.annotations.Nullable;

/** A line of an image's history. */
sealed interface HistoryLine {
    /** A line of the base, as it is. */
    record OfBase(History line) implements HistoryLine {}

    /**
     * A line of this build.
     *
     * @param createdBy the instruction in the reference builder's words
     * @param layer the layer that it made, or null
     */
    record OfStep(String createdBy, @Nullable StepLayer layer) implements HistoryLine {}
}
