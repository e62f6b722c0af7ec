package io.slipway.dockerfile.instruction;

/** {@code ENTRYPOINT}: the program of the container. The last one counts; {@code ENTRYPOINT []} clears it. */
public record Entrypoint(Origin origin, CommandLine command) implements Instruction {}
