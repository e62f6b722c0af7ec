package io.slipway.db.audit;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf something is done. It is bound to the thread that does it ({@link #as}), so that what changes the database need not be told; where
 * nobody is bound, it is the service itself. Immutable.
 *
 * @param id of the token, identity or trigger; null for the service itself and for strangers
 * @param name what people call it, or null
 * @param address where the request came from, or null
 * @param request the id of the request, or null
 */
public record Actor(
        Kind kind,
        @Nullable String id,
        @Nullable String name,
        @Nullable String address,
        @Nullable String request) {
    /** The service itself: what it does at its start, and by and by. */
    public static final Actor SERVICE = new Actor(Kind.SERVICE, null, null, null, null);

    private static final ScopedValue<Actor> CURRENT = ScopedValue.newInstance();

    /** What somebody came with. */
    public enum Kind {
        /** A token of Slipway's. */
        TOKEN,
        /** A token of an OpenID provider's. */
        IDENTITY,
        /** A git host, whose delivery a trigger has taken. */
        TRIGGER,
        /** Nothing: it is the service. */
        SERVICE,
        /** Nothing that is known. */
        UNKNOWN;

        /** As it is stored and shown. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who acts on this thread. */
    public static Actor current() {
        return CURRENT.isBound() ? CURRENT.get() : SERVICE;
    }

    /** Does {@code work} on behalf of {@code actor}, on this thread. */
    public static <T, X extends Throwable> T as(Actor actor, ScopedValue.CallableOp<? extends T, X> work) throws X {
        return ScopedValue.where(CURRENT, actor).call(work);
    }
}
