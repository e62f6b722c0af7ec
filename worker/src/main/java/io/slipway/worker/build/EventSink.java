package io.slipway.worker.build;

import io.slipway.protocol.BuildEvent;

/** Where a build's events go, in order. Thread-safe. */
@FunctionalInterface
public interface EventSink {
    /** Takes an event; waits where the receiver is too slow. */
    void emit(BuildEvent event);
}
