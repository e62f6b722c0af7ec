package io.slipway.dockerfile.check;

import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;

/**
 * What a RUN may ask for and no build is ever given: the entitlements of the reference (dockerfile.md §5 RUN, {@code --network},
 * {@code --security}, {@code --device}).
 */
public final class Entitlements {
    private Entitlements() {}

    /**
     * Refuses an instruction, expanded or not, that asks for one.
     *
     * @throws DockerfileException at the instruction
     */
    public static void check(Instruction instruction) {
        if (!(instruction instanceof Run run)) {
            return;
        }
        if (run.network() == Run.Network.HOST) {
            throw refused(
                    run,
                    "RUN --network=host is not allowed: a build never gets the network of the machine that it runs on",
                    "leave it out: RUN has a way out anyway, and --network=none takes that away",
                    "--network");
        }
        if (run.security() == Run.Security.INSECURE) {
            throw refused(
                    run,
                    "RUN --security=insecure is not allowed: a build never gets privileges",
                    "leave it out; mounts and devices are not to be had in a build",
                    "--security");
        }
        if (!run.devices().isEmpty()) {
            throw refused(
                    run,
                    "RUN --device=" + run.devices().getFirst() + " is not allowed: no devices are given to builds",
                    "leave it out",
                    "--device");
        }
    }

    private static DockerfileException refused(Run run, String what, String hint, String flag) {
        return new InvalidValueException(what, hint, flag).at(run.origin().range());
    }
}
