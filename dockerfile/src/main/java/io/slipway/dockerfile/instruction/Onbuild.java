package io.slipway.dockerfile.instruction;

/**
 * {@code ONBUILD INSTRUCTION}: an instruction that runs right after the FROM of a child image.
 *
 * @param trigger the text to store in the image, the bodies of its heredocs included
 */
public record Onbuild(Origin origin, String trigger) implements Instruction {}
