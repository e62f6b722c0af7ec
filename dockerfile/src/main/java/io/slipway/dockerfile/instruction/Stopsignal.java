package io.slipway.dockerfile.instruction;

/** {@code STOPSIGNAL SIGNAL}: what stops the container; see {@link StopSignals} for what is valid after expansion. */
public record Stopsignal(Origin origin, String signal) implements Instruction {}
