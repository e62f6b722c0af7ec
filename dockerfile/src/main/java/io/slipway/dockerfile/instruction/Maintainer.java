package io.slipway.dockerfile.instruction;

/** {@code MAINTAINER TEXT} (deprecated): the author of the image. */
public record Maintainer(Origin origin, String author) implements Instruction {}
