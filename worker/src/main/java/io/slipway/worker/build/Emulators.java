package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.worker.sandbox.Emulation;
import io.slipway.worker.sandbox.EmulationException;
import java.io.IOException;

/** Finds out before a build's first step whether all of its RUN steps can run here. */
final class Emulators {
    private Emulators() {}

    /**
     * Enables the emulation of every platform that a RUN of the plan is on.
     *
     * @throws BuildFailure at the first RUN that cannot run
     */
    static void require(Emulation emulation, BuildPlan plan) throws IOException, BuildFailure {
        for (ResolvedStage stage : plan.stages()) {
            for (Instruction instruction : stage.instructions()) {
                if (instruction instanceof Run run) {
                    try {
                        emulation.enable(plan.platformOf(stage));
                    } catch (EmulationException e) {
                        throw Failures.of(e, run.origin());
                    }
                }
            }
        }
    }
}
