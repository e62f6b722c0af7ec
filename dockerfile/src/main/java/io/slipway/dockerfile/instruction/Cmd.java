package io.slipway.dockerfile.instruction;

/** {@code CMD}: the default command, or the default arguments of the entrypoint. The last one counts; {@code CMD []} clears it. */
public record Cmd(Origin origin, CommandLine command) implements Instruction {}
