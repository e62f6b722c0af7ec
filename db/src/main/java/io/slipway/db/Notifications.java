package io.slipway.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears the notifications of {@link Database#notify} on one connection of its own and wakes those who wait. When the
 * connection breaks it is opened again, and everybody is woken: what was said meanwhile is lost. Thread-safe.
 */
public final class Notifications implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Notifications.class.getName());
    private static final int POLL_MILLIS = 500;
    private static final Duration RECONNECT_PAUSE = Duration.ofMillis(500);

    private final Database database;
    private final Set<Signal> signals = ConcurrentHashMap.newKeySet();
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private final Signal closing = new Signal(this, Channel.BUILD_EVENTS, null);
    private final Thread thread;
    private volatile boolean open = true;

    /** Starts listening. */
    public Notifications(Database database) {
        this.database = database;
        this.thread =
                Thread.ofPlatform().daemon().name("postgres-notifications").start(this::listen);
    }

    /**
     * A signal that is set by notifications on {@code channel}. Take it before looking at the state that it is about, and
     * close it afterwards.
     *
     * @param payload the only payload that sets it, or null for any
     */
    public Signal subscribe(Channel channel, @Nullable String payload) {
        Signal signal = new Signal(this, channel, payload);
        signals.add(signal);
        return signal;
    }

    private record Listener(String channel, Consumer<@Nullable String> heard) {}

    /**
     * Calls {@code heard} with the payload of each notification on {@code channel}, and with null when some may have been missed. It is called by
     * the thread that listens, which must not be held up.
     *
     * @return ends it
     */
    public Runnable listen(Channel channel, Consumer<@Nullable String> heard) {
        Listener listener = new Listener(channel.name().toLowerCase(Locale.ROOT), heard);
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void unsubscribe(Signal signal) {
        signals.remove(signal);
    }

    private void listen() {
        while (open) {
            try (Connection connection = database.open()) {
                connection.setAutoCommit(true);
                try (Statement statement = connection.createStatement()) {
                    for (Channel channel : Channel.values()) {
                        statement.execute("listen " + channel.name().toLowerCase(Locale.ROOT));
                    }
                }
                signals.forEach(Signal::set);
                listeners.forEach(listener -> listener.heard().accept(null));
                PGConnection postgres = connection.unwrap(PGConnection.class);
                while (open) {
                    PGNotification @Nullable [] heard = postgres.getNotifications(POLL_MILLIS);
                    if (heard != null) {
                        for (PGNotification notification : heard) {
                            wake(notification);
                        }
                    }
                }
                try (Statement statement = connection.createStatement()) {
                    statement.execute("unlisten *"); // the connection may go back to a pool
                }
            } catch (SQLException | RuntimeException e) {
                // That the database is away is said once, by those who ask it for something.
                LOG.log(System.Logger.Level.DEBUG, "Listening for notifications stopped, trying again", e);
                closing.await(RECONNECT_PAUSE);
            }
        }
    }

    private void wake(PGNotification notification) {
        for (Signal signal : signals) {
            if (signal.matches(notification.getName(), notification.getParameter())) {
                signal.set();
            }
        }
        for (Listener listener : listeners) {
            if (listener.channel().equals(notification.getName())) {
                listener.heard().accept(notification.getParameter());
            }
        }
    }

    /** Stops listening. Signals stay unset from then on, except that everybody who waits now is woken once. */
    @Override
    public void close() {
        open = false;
        closing.set();
        signals.forEach(Signal::set);
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
