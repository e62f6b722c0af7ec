package io.slipway.dockerfile.instruction;

/** What a Dockerfile consists of: {@link From}, which starts a stage, and the instructions that belong to stages. */
public sealed interface Statement permits From, Instruction {

    /** Where it stands, and how it is written. */
    Origin origin();

    /** The first line, from 1. */
    default int line() {
        return origin().range().line();
    }
}
