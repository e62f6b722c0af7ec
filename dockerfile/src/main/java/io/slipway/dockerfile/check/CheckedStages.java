package io.slipway.dockerfile.check;

import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.stage.ResolvedStage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stages as the checks found them.
 *
 * @param all all stages, in the order of the Dockerfile
 * @param needed those that the target needs, in their order; null if there is no such target
 * @param runs the RUNs of the needed stages and of the triggers that they fire, up to a refusal
 */
public record CheckedStages(
        List<ResolvedStage> all, @Nullable List<ResolvedStage> needed, List<ExpandedRun> runs) {

    public CheckedStages {
        all = List.copyOf(all);
        needed = needed == null ? null : List.copyOf(needed);
        runs = List.copyOf(runs);
    }

    /**
     * A RUN with its words expanded.
     *
     * @param stage index of its stage
     */
    public record ExpandedRun(int stage, Run run) {}
}
