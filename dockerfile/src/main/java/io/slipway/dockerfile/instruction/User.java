package io.slipway.dockerfile.instruction;

/** {@code USER NAME|UID[:GROUP|GID]}: who runs later instructions and the container. */
public record User(Origin origin, String user) implements Instruction {}
