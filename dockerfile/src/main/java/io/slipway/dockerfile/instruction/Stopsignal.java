package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;

/** {@code STOPSIGNAL SIGNAL}: what stops the container; stored as it is written, after expansion. */
public record Stopsignal(Origin origin, String signal) implements Instruction {

    /**
     * Checks the signal, which has to be expanded.
     *
     * @throws DockerfileException at the instruction, if there is no such signal
     */
    public void requireKnown() {
        try {
            StopSignals.check(signal);
        } catch (InvalidValueException e) {
            throw e.at(origin.range());
        }
    }
}
