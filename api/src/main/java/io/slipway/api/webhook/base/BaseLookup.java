package io.slipway.api.webhook.base;

import io.micrometer.core.instrument.MeterRegistry;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.registry.RegistryClients;
import io.slipway.db.base.BaseRebuilds;
import io.slipway.db.base.ClaimedBase;
import io.slipway.db.base.WatchedBases;
import io.slipway.image.ImageReference;
import io.slipway.image.registry.RegistryException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Asks a base's registry what it means now, and notes which builds are to be done again. Thread-safe. */
@Component
final class BaseLookup {
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(BaseLookup.class);
    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    private final RegistryClients registries;
    private final WatchedBases bases;
    private final BaseRebuilds rebuilds;
    private final BaseProperties properties;
    private final MeterRegistry meters;
    private final Clock clock;

    BaseLookup(
            RegistryClients registries,
            WatchedBases bases,
            BaseRebuilds rebuilds,
            BaseProperties properties,
            MeterRegistry meters,
            Clock clock) {
        this.registries = registries;
        this.bases = bases;
        this.rebuilds = rebuilds;
        this.properties = properties;
        this.meters = meters;
        this.clock = clock;
    }

    /** Looks at a base. What its registry does wrong is noted with it, and it is looked at again later and later. */
    void look(ClaimedBase claim) throws IOException {
        String digest;
        ImageReference reference = ImageReference.parse(claim.reference());
        try {
            digest = digest(claim, reference);
        } catch (RegistryException e) {
            failed(claim, String.valueOf(e.getMessage()));
            if (e.kind() == RegistryException.Kind.UNREACHABLE) {
                bases.putOff(reference.host(), pause(claim.attempts()));
            }
            return;
        } catch (TimeoutException e) {
            failed(claim, reference.host() + " has not said within " + LONGEST.toSeconds() + " s what it means");
            bases.putOff(reference.host(), pause(claim.attempts()));
            return;
        } catch (ProblemException e) {
            failed(claim, String.valueOf(e.getMessage()));
            return;
        }
        bases.answered(claim, digest, next());
        boolean moved = claim.digest() != null && !digest.equals(claim.digest());
        counted(moved ? "moved" : "same");
        int again = rebuilds.note(claim, clock.instant());
        if (again > 0) {
            LOG.info("{} is {} now: {} builds are done again", claim.reference(), digest, again);
        }
    }

    /** A registry that says a byte now and then is not waited for: others want to be asked, too. */
    private String digest(ClaimedBase claim, ImageReference reference) throws IOException, TimeoutException {
        FutureTask<String> asked = new FutureTask<>(
                () -> registries.asking(claim.project()).digest(reference).toString());
        Thread.ofVirtual().name("base-" + claim.claim()).start(asked);
        try {
            return asked.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        } finally {
            asked.cancel(true);
        }
    }

    /** Notes that a base could not be looked at. */
    void failed(ClaimedBase claim, String why) {
        counted("failed");
        bases.failed(claim, why, pause(claim.attempts()));
    }

    private void counted(String outcome) {
        meters.counter("slipway.bases.checks", "outcome", outcome).increment();
    }

    /** A tenth more or less, so that what came at once does not stay together. */
    private @Nullable Duration next() {
        Duration poll = properties.pollOrNull();
        return poll == null
                ? null
                : Duration.ofMillis((long)
                        ((double) poll.toMillis() * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
    }

    /** Doubles each time; up to a quarter more at random. */
    private Duration pause(int failed) {
        Duration poll = properties.pollOrNull();
        Duration first = poll == null || poll.compareTo(FIRST_PAUSE) > 0 ? FIRST_PAUSE : poll;
        Duration longest = poll == null || poll.compareTo(LONGEST_PAUSE) < 0 ? LONGEST_PAUSE : poll;
        long millis = Math.min(first.toMillis() << Math.min(failed, 20), longest.toMillis());
        return Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
    }
}
