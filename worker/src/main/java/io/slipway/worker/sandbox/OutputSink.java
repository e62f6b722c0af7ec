package io.slipway.worker.sandbox;

import io.slipway.protocol.LogStream;

/** Takes what a container prints, as it comes. Called from two threads, one for each stream. */
@FunctionalInterface
public interface OutputSink {
    /**
     * Takes a piece of output.
     *
     * @param bytes the caller keeps the array: copy what you keep
     * @param length how many of them count
     */
    void accept(LogStream stream, byte[] bytes, int length);
}
