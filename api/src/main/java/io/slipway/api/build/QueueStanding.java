package io.slipway.api.build;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.build.QueueReason.Cause;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.QueuePlace;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Says where queued builds stand, and why they wait. Thread-safe. */
@Component
final class QueueStanding {
    private final BuildQueue queue;
    private final QueueReasons reasons;
    private final HomeId home;
    private final Duration awayLimit;

    QueueStanding(BuildQueue queue, QueueReasons reasons, HomeId home, SlipwayProperties properties) {
        this.queue = queue;
        this.reasons = reasons;
        this.home = home;
        this.awayLimit = properties.homes().awayLimit();
    }

    /** The same for people and for machines. */
    record Place(String reason, BuildResource.Queue queue) {}

    /** Where the build stands; empty if it has just been taken. */
    Optional<Place> of(Build build) {
        return queue.place(build.id())
                .map(place -> place(place, build.isAt(home.value()) ? reason(place) : elsewhere(place)));
    }

    private QueueReason elsewhere(QueuePlace place) {
        Instant since = place.awaySince();
        if (since != null) {
            return new QueueReason(
                    Cause.HOME,
                    "The service that has its context has been away since " + since.truncatedTo(ChronoUnit.SECONDS)
                            + ". If it is not back by "
                            + since.plus(awayLimit).truncatedTo(ChronoUnit.SECONDS) + ", the build fails.");
        }
        return new QueueReason(
                Cause.SLOTS,
                "It was submitted to another service of this database, which has its context; " + waiting(place) + ".");
    }

    private static Place place(QueuePlace place, QueueReason reason) {
        return new Place(
                reason.sentence(),
                new BuildResource.Queue(
                        reason.cause().wireName(),
                        place.ahead() + 1,
                        place.isExact() ? null : true,
                        place.expectedStartAt() == null
                                ? null
                                : place.expectedStartAt().truncatedTo(ChronoUnit.SECONDS)));
    }

    private QueueReason reason(QueuePlace place) {
        QueueReason usual = reasons.reason(waiting(place), place.ahead() == 0);
        Long limit = place.concurrentBuilds();
        if (limit == null || usual.cause() == Cause.MACHINE) {
            return usual;
        }
        String running = limit == 1 ? "One build of its project runs" : limit + " builds of its project run";
        return new QueueReason(
                Cause.PROJECT_LIMIT, running + ", as many as may at the same time; " + waiting(place) + ".");
    }

    private static String waiting(QueuePlace place) {
        if (place.ahead() == 0) {
            return "it is the next one";
        }
        return place.ahead() == 1
                ? "one build is ahead of it"
                : (place.isExact() ? "" : "at least ") + place.ahead() + " builds are ahead of it";
    }
}
