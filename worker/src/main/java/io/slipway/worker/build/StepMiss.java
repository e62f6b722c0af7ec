package io.slipway.worker.build;

import io.slipway.protocol.CacheMiss;
import io.slipway.protocol.ChangedInput;
import io.slipway.protocol.MissReason;
import io.slipway.worker.cache.StepHistory;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A step that has to be done because the cache does not have it. Why is found out beside doing it: the files of a large COPY may be many.
 * Thread-safe.
 */
final class StepMiss {
    private static final int MOST_TOLD = 5;

    private final Session session;
    private final StepKey key;
    private final StepLog.Running log;
    private final CompletableFuture<Found> found = new CompletableFuture<>();

    private record Found(StepHistory.Done done, StepHistory.Explained explained) {}

    private StepMiss(Session session, StepKey key, StepLog.Running log) {
        this.session = session;
        this.key = key;
        this.log = log;
    }

    /** A step that is done now; says in its log what has changed, if it was looked for. */
    static StepMiss of(Session session, StepKey key, StepLog.Running log) {
        StepMiss miss = new StepMiss(session, key, log);
        var _ = session.executor().submit(() -> {
            try {
                miss.explain();
            } catch (Throwable t) {
                miss.found.completeExceptionally(t);
            }
        });
        return miss;
    }

    /** Keeps what a step depended on that another machine has done: of an edited one it is to be known what was edited. */
    static void keepImported(Session session, StepKey key, StepLog.Running log) {
        session.results()
                .beside(
                        () -> {
                            StepHistory.Done done = done(key);
                            session.history()
                                    .keep(
                                            log.place(),
                                            session.history()
                                                    .explain(log.place(), done, null)
                                                    .slots(),
                                            done,
                                            key.on().digest());
                        },
                        session.executor());
    }

    private static StepHistory.Done done(StepKey key) throws IOException {
        return new StepHistory.Done(key.inputs(), key.on().base().digest());
    }

    private void explain() throws Exception {
        StepHistory.Done done = done(key);
        boolean wanted = !session.spec().noCache();
        StepHistory.Explained explained =
                session.history().explain(log.place(), done, wanted ? session.lookedUp(key) : null);
        if (wanted) {
            tell(explained.miss());
        } else {
            explained = explained.as(CacheMiss.of(MissReason.NO_CACHE));
        }
        found.complete(new Found(done, explained));
    }

    /** What is done for the first time surprises nobody. */
    private void tell(CacheMiss miss) {
        switch (miss.reason()) {
            case FIRST, NO_CACHE -> {
                // Nothing to compare with.
            }
            case COLLECTED -> log.say("not cached: the result is not in the store any more");
            case CHANGED, CONTENT_BELOW -> log.say("not cached: " + changes(miss));
        }
    }

    private static String changes(CacheMiss miss) {
        String named =
                miss.inputs().stream().limit(MOST_TOLD).map(StepMiss::told).collect(Collectors.joining(", "));
        int rest = miss.more() + Math.max(0, miss.inputs().size() - MOST_TOLD);
        return rest == 0 ? named : named + " and " + rest + " more";
    }

    private static String told(ChangedInput input) {
        return input.input()
                + switch (input.change()) {
                    case ADDED -> " added";
                    case REMOVED -> " removed";
                    case MODIFIED -> " changed";
                    case ATTRIBUTES -> " has other attributes";
                };
    }

    /** The layer that was made instead; what it depended on is kept with it. */
    StepLayer keptWith(StepLayer made) {
        return made.after(() -> {
            Found known = Awaited.of(found);
            session.history()
                    .keep(
                            log.place(),
                            known.explained().slots(),
                            known.done(),
                            key.on().digest());
        });
    }

    /** The explanation; waits for it. Null if it can't be had: because the build ended before, or the disk is full. */
    @Nullable
    CacheMiss explanation() {
        return found.handle(
                        (known, _) -> known == null ? null : known.explained().miss())
                .join();
    }
}
