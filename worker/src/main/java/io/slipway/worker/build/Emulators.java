package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.image.Platform;
import io.slipway.worker.sandbox.Emulation;
import io.slipway.worker.sandbox.EmulationException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Finds out before a build's first step whether all of its RUN steps can run here. */
final class Emulators {
    private Emulators() {}

    /**
     * Enables the emulation of every platform that a RUN of the plan is on.
     *
     * @throws BuildFailure at the first RUN that cannot run
     */
    static void require(Emulation emulation, BuildPlan plan) throws IOException, BuildFailure {
        Map<Integer, Platform> platforms = new HashMap<>();
        for (ResolvedStage stage : plan.stages()) {
            Platform platform = platform(stage, plan, platforms);
            platforms.put(stage.stage().index(), platform);
            for (Instruction instruction : stage.instructions()) {
                if (instruction instanceof Run run) {
                    try {
                        emulation.enable(platform);
                    } catch (EmulationException e) {
                        throw Failures.of(e, run.origin());
                    }
                }
            }
        }
    }

    private static Platform platform(ResolvedStage stage, BuildPlan plan, Map<Integer, Platform> earlier) {
        if (stage.base() instanceof Reference.OfStage(int index)) {
            return earlier.getOrDefault(index, plan.platform());
        }
        return stage.platform() == null
                ? plan.platform()
                : Platform.parse(stage.platform().toString());
    }
}
