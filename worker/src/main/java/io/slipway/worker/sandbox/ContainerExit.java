package io.slipway.worker.sandbox;

/** How a container ended. */
public sealed interface ContainerExit {
    /** The process ended with this status (0–255); one that a signal ended has 128 and the signal's number, as in a shell. */
    record Exited(int status) implements ContainerExit {}

    /** The runtime could not start the process; {@code message} says why. */
    record NotStarted(String message) implements ContainerExit {}
}
