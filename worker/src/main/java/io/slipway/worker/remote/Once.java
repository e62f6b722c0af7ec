package io.slipway.worker.remote;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A value that is made when it is first asked for; whoever asks meanwhile waits. Thread-safe. */
final class Once<T> {
    private final Maker<T> maker;
    private @Nullable T value;

    Once(Maker<T> maker) {
        this.maker = maker;
    }

    @FunctionalInterface
    interface Maker<T> {
        T make() throws IOException;
    }

    synchronized T get() throws IOException {
        T known = value;
        if (known == null) {
            known = maker.make();
            value = known;
        }
        return known;
    }

    /** The value if it was made. */
    synchronized @Nullable T peek() {
        return value;
    }
}
