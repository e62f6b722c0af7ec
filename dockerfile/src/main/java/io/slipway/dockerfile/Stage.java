package io.slipway.dockerfile;

import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.instruction.Instruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stage: its FROM and the instructions up to the next.
 *
 * @param index its place in the Dockerfile, from 0
 */
public record Stage(int index, From from, List<Instruction> instructions) {

    public Stage {
        instructions = List.copyOf(instructions);
    }

    /** The stage's name in small letters, or null if it has none. */
    @Nullable
    public String name() {
        return from.name();
    }

    /** What to call the stage to a person: its name, or its index. */
    public String label() {
        String name = name();
        return name != null ? name : Integer.toString(index);
    }
}
