package io.slipway.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What a worker holds its build to, or tells of; the rest of a project's limits the service holds it to.
 *
 * @param imageBytes the largest image, compressed, or null for any
 * @param diskBytes what may lie on the disk that is not finished yet, or null for as much as there is
 * @param memoryBytes what the kernel lets build and worker have together, for whoever is told that it was not enough; null for as much as there is
 */
public record BuildLimits(
        @Nullable Long imageBytes,
        @Nullable Long diskBytes,
        @Nullable Long memoryBytes) {
    /** No limits. */
    public static final BuildLimits NONE = new BuildLimits(null, null, null);
}
