package io.slipway.db.build;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a queued build stands.
 *
 * @param ahead how many builds would be started before it if nothing changed; counted to {@link #MOST_COUNTED}
 * @param concurrentBuilds how many builds of its project may run at the same time, if as many do; null if another one may
 * @param expectedStartAt when it is likely to start, by the database's clock, or null if nothing runs, or has ended of late, to tell from, or the service
 *     that has its context is away
 * @param awaySince when the service that has its context was last seen, if it is away, or null
 */
public record QueuePlace(
        long ahead,
        @Nullable Long concurrentBuilds,
        @Nullable Instant expectedStartAt,
        @Nullable Instant awaySince) {
    /** If so many builds are ahead, there may be more. */
    public static final long MOST_COUNTED = 1000;

    /** Whether {@code ahead} is the number and not only the least that it can be. */
    public boolean isExact() {
        return ahead < MOST_COUNTED;
    }
}
