package io.slipway.dockerfile.instruction;

/** {@code WORKDIR PATH}: the working directory, absolute or relative to the one before; stored as it is written. */
public record Workdir(Origin origin, String path) implements Instruction {}
