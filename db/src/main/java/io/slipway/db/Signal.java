package io.slipway.db;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Remembers that something happened until somebody {@linkplain #await awaits} it. Thread-safe. */
public final class Signal implements AutoCloseable {
    private final Notifications owner;
    private final String channel;
    private final @Nullable String payload;
    private final Semaphore happened = new Semaphore(0);

    Signal(Notifications owner, Channel channel, @Nullable String payload) {
        this.owner = owner;
        this.channel = channel.name().toLowerCase(Locale.ROOT);
        this.payload = payload;
    }

    boolean matches(String channel, String payload) {
        return this.channel.equals(channel) && (this.payload == null || this.payload.equals(payload));
    }

    void set() {
        happened.release();
    }

    /**
     * Waits until something happened since the last call, at most for {@code limit}; whatever happened until now is then
     * taken as known. Returns early, with false, when the thread is interrupted (the flag stays set).
     *
     * @return whether something happened
     */
    public boolean await(Duration limit) {
        try {
            boolean set = happened.tryAcquire(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
            happened.drainPermits();
            return set;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Stops hearing. */
    @Override
    public void close() {
        owner.unsubscribe(this);
    }
}
