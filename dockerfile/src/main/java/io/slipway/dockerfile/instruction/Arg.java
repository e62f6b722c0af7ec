package io.slipway.dockerfile.instruction;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code ARG NAME[=DEFAULT] …}: declares build arguments. */
public record Arg(Origin origin, List<Declaration> declarations) implements Instruction {

    public Arg {
        declarations = List.copyOf(declarations);
    }

    /**
     * One argument.
     *
     * @param value its default (after evaluation: its value), or null if it has none
     */
    public record Declaration(String name, @Nullable String value) {}
}
