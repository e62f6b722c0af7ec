package io.slipway.protocol;

import org.jspecify.annotations.Nullable;

/**
 * One step of the build as planned.
 *
 * @param number 1-based number of the step within the build
 * @param stage the stage's name, or its index as a decimal string
 * @param instruction the instruction as written, on one line
 * @param line 1-based line in the Dockerfile, or null for what the build itself adds (export)
 */
public record StepInfo(
        int number,
        String stage,
        String instruction,
        @Nullable Integer line) {}
