package io.slipway.worker.remote;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A value that is made when it is first asked for; whoever asks meanwhile waits. Thread-safe. */
public final class Once<T> {
    private final Maker<T> maker;
    private @Nullable T value;

    public Once(Maker<T> maker) {
        this.maker = maker;
    }

    /** Makes the value. If it fails, the next who asks has it try again. */
    @FunctionalInterface
    public interface Maker<T> {
        T make() throws IOException;
    }

    /** The value; never null if the maker's is not. */
    public synchronized T get() throws IOException {
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
