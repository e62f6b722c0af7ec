package io.slipway.dockerfile.instruction;

import java.util.List;

/** {@code SHELL ["EXECUTABLE", "ARGUMENT", …]}: what runs the shell forms after it; never empty. */
public record Shell(Origin origin, List<String> arguments) implements Instruction {

    public Shell {
        arguments = List.copyOf(arguments);
    }
}
