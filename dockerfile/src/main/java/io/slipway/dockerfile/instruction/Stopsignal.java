package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;

/** {@code STOPSIGNAL SIGNAL}: what stops the container; stored as it is written, after expansion. */
public record Stopsignal(Origin origin, String signal) implements Instruction {

    /** Whether the signal, which has to be expanded and {@linkplain #requireAccepted accepted}, is one that Linux has. */
    public boolean exists() {
        return StopSignals.exists(signal);
    }

    /**
     * Checks the signal, which has to be expanded.
     *
     * @throws DockerfileException at the instruction, if the reference takes no such signal
     */
    public void requireAccepted() {
        try {
            StopSignals.requireAccepted(signal);
        } catch (InvalidValueException e) {
            throw e.at(origin.range());
        }
    }
}
