package io.slipway.dockerfile.check;

import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.stage.ResolvedStage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stages as the checks found them.
 *
 * @param all all stages, in the order of the Dockerfile
 * @param needed those that the target needs, in their order; null if there is no such target
 * @param arguments the ARGs of the needed stages by where they stand, with the values that they come to, null for none; without those that may
 *     depend on a base that is not known
 * @param images the images that the needed stages name, in FROM and as sources, and where
 * @param runs the RUNs of the needed stages and of the triggers that they fire, up to a refusal
 */
public record CheckedStages(
        List<ResolvedStage> all,
        @Nullable List<ResolvedStage> needed,
        List<NamedImage> images,
        List<ExpandedRun> runs,
        Map<Origin, Arg> arguments) {

    public CheckedStages {
        all = List.copyOf(all);
        needed = needed == null ? null : List.copyOf(needed);
        images = List.copyOf(images);
        runs = List.copyOf(runs);
        arguments = Map.copyOf(arguments);
    }

    /**
     * An image that the Dockerfile names.
     *
     * @param name as it is written, after expansion
     * @param origin the instruction that names it
     */
    public record NamedImage(String name, Origin origin) {}

    /**
     * A RUN with its words expanded.
     *
     * @param stage index of its stage
     */
    public record ExpandedRun(int stage, Run run) {}
}
