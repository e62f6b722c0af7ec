package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.source.DockerfileException;

/** What the language has and is never allowed here: refused by name and line before any step runs, never ignored. */
final class Refusals {
    private Refusals() {}

    /**
     * Checks an instruction, expanded or not.
     *
     * @throws DockerfileException at the instruction, if it asks for something that cannot be built
     */
    static void check(Instruction instruction) {
        switch (instruction) {
            case Run run -> {
                if (run.network() == Run.Network.HOST) {
                    throw refused(
                            run,
                            "RUN --network=host is not allowed: a build never gets the network of the machine that it runs on",
                            "leave it out: RUN has a way out anyway, and --network=none takes that away");
                }
                if (run.security() == Run.Security.INSECURE) {
                    throw refused(
                            run,
                            "RUN --security=insecure is not allowed: a build never gets privileges",
                            "leave it out; mounts and devices are not to be had in a build");
                }
                if (!run.devices().isEmpty()) {
                    throw refused(
                            run,
                            "RUN --device=" + run.devices().getFirst()
                                    + " is not allowed: this machine gives no devices to builds",
                            "leave it out");
                }
            }
            case Add _, Arg _, Cmd _, Copy _, Entrypoint _, Env _, Expose _, Healthcheck _, Label _, Maintainer _ -> {
                // Built whole.
            }
            case Onbuild _, Shell _, Stopsignal _, User _, Volume _, Workdir _ -> {
                // Built whole.
            }
        }
    }

    private static DockerfileException refused(Instruction instruction, String what, String hint) {
        return DockerfileException.at(instruction.origin().range(), what, hint);
    }
}
