package io.slipway.api.home;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.diagnostic.LogFields;
import io.slipway.api.launch.FinishedBuilds;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.AbsentHome;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Homes;
import io.slipway.protocol.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Ends builds that wait for a service which has been away for longer than {@code slipway.homes.away-limit}: nobody else has their contexts. Each service on the database does
 * so for all others, and they don't get into each other's way. Thread-safe.
 */
@Component
final class LostHomes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LostHomes.class);
    private static final Duration PAUSE = Duration.ofSeconds(15);
    private static final int HOMES_AT_ONCE = 100;
    private static final int BUILDS_AT_ONCE = 50;

    /**
     * For so long this service must itself have watched, without a break, that another one is away: after a time in which all were, or the database was, or its
     * clock has jumped, whoever comes first must not take the others for lost.
     */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Homes homes;
    private final BuildQueue queue;
    private final FinishedBuilds finished;
    private final HomeId own;
    private final Duration limit;
    private final PeriodicTask looks;

    /** Those that are away, by id. */
    private final Map<String, Watched> watched = new HashMap<>();

    LostHomes(Homes homes, BuildQueue queue, FinishedBuilds finished, HomeId own, SlipwayProperties properties) {
        this.homes = homes;
        this.queue = queue;
        this.finished = finished;
        this.own = own;
        this.limit = properties.homes().awayLimit();
        Duration patience = limit.compareTo(PATIENCE) < 0 ? limit : PATIENCE;
        this.looks = PeriodicTask.inParts("lost-homes", PAUSE, PAUSE, () -> look(patience));
    }

    /**
     * @param seenAt when it was last seen
     * @param since from when on this service knows that, by {@link System#nanoTime}: clocks may jump
     */
    private record Watched(Instant seenAt, long since) {}

    /**
     * Ends some of the builds that wait for services which are lost.
     *
     * @param patience how long this service must have watched them
     * @return whether there may be more
     */
    synchronized boolean look(Duration patience) {
        try {
            homes.noteUnknown();
            boolean more = false;
            for (AbsentHome home : watch(homes.absent(own.value(), HOMES_AT_ONCE))) {
                if (home.away().compareTo(limit) > 0 && isWatchedFor(home, patience)) {
                    more |= end(home);
                }
            }
            return more;
        } catch (DatabaseException e) {
            // While the database is away nobody can say that he is there.
            watched.clear();
            throw e;
        }
    }

    private List<AbsentHome> watch(List<AbsentHome> absent) {
        long now = System.nanoTime();
        watched.keySet().retainAll(absent.stream().map(AbsentHome::id).collect(Collectors.toSet()));
        for (AbsentHome home : absent) {
            watched.merge(
                    home.id(),
                    new Watched(home.seenAt(), now),
                    (known, fresh) -> known.seenAt().equals(fresh.seenAt()) ? known : fresh);
        }
        return absent;
    }

    private boolean isWatchedFor(AbsentHome home, Duration patience) {
        Watched known = watched.get(home.id());
        return known != null && System.nanoTime() - known.since() >= patience.toNanos();
    }

    private boolean end(AbsentHome home) {
        homes.lookForSigns(home.id(), limit);
        List<BuildId> ended = queue.endLost(home.id(), limit, BUILDS_AT_ONCE);
        for (BuildId build : ended) {
            try (LogFields _ = LogFields.build(build)) {
                LOG.warn(
                        "{} has failed ({}): it waited for the service of {}, which was last seen at {}",
                        build,
                        ErrorCode.HOME_LOST.wireName(),
                        home.id(),
                        home.seenAt());
            }
            finished.count(build);
        }
        return ended.size() >= BUILDS_AT_ONCE;
    }

    @Override
    public void close() {
        looks.close();
    }
}
