package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code RUN [flags] COMMAND}: runs a command and keeps what it changed.
 *
 * @param mountFlags the flags {@code --mount}, in their order
 * @param network what {@code --network} says
 * @param security what {@code --security} says
 * @param devices the words of {@code --device}, in their order
 */
public record Run(
        Origin origin,
        List<MountFlag> mountFlags,
        Network network,
        Security security,
        List<String> devices,
        CommandLine command)
        implements Instruction {

    public Run {
        mountFlags = List.copyOf(mountFlags);
        devices = List.copyOf(devices);
    }

    /** The network of a command. */
    public enum Network {
        /** A network of its own with a way out. */
        DEFAULT,
        /** Loopback only. */
        NONE,
        /** The network of the machine that builds; has to be allowed. */
        HOST
    }

    /** The confinement of a command. */
    public enum Security {
        /** The usual one. */
        SANDBOX,
        /** None; has to be allowed. */
        INSECURE
    }

    /**
     * The mounts of the flags, which have to be expanded, in their order.
     *
     * @throws DockerfileException if a flag is malformed or its keys do not go together
     */
    public List<Mount> mounts() {
        List<Mount> mounts = new ArrayList<>();
        for (MountFlag flag : mountFlags) {
            try {
                mounts.add(flag.mount());
            } catch (InvalidValueException e) {
                throw e.at(origin.range());
            }
        }
        return List.copyOf(mounts);
    }
}
