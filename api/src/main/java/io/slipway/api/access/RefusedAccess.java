package io.slipway.api.access;

import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.DatabaseException;
import io.slipway.db.audit.Actor;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import io.slipway.db.audit.AuditNote;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Writes refusals into the audit log, aside from the requests. Anybody can cause as many as he likes: what is the same within half a minute is one entry, which
 * says how often it was, and what is of more kinds than {@link #MOST_KINDS} is one together. So there are 32,000 a day at most. Thread-safe.
 */
@Component
final class RefusedAccess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedAccess.class);

    /** Kinds of refusals within {@link #PAUSE} that have an entry each. */
    static final int MOST_KINDS = 10;

    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final int MOST_PATH = 200;

    private final AuditLog log;
    private final Object lock = new Object();
    private Map<Kind, Refused> kinds = new LinkedHashMap<>();
    private int others;
    private final PeriodicTask writes;

    RefusedAccess(AuditLog log) {
        this.log = log;
        this.writes = PeriodicTask.every(PAUSE, "refused-access", this::write);
    }

    /** What makes refusals the same. */
    private record Kind(
            @Nullable String actor,
            @Nullable String address,
            @Nullable String project,
            int status) {}

    /** The first of its kind, and how many there were. */
    private record Refused(Actor actor, String method, String path, int count) {
        Refused again() {
            return new Refused(actor, method, path, count + 1);
        }
    }

    /**
     * Notes that somebody was refused.
     *
     * @param project whose the thing is that was asked for, if that is known
     * @param status of the answer
     * @param path without the query, in which people put tokens
     */
    void note(Actor actor, @Nullable String project, int status, String method, String path) {
        Kind kind = new Kind(actor.id(), actor.address(), project, status);
        synchronized (lock) {
            if (kinds.size() >= MOST_KINDS && !kinds.containsKey(kind)) {
                others++;
                return;
            }
            kinds.compute(
                    kind, (_, known) -> known == null ? new Refused(actor, method, shortened(path), 1) : known.again());
        }
    }

    private static String shortened(String path) {
        return path.length() <= MOST_PATH ? path : path.substring(0, MOST_PATH) + "…";
    }

    /** Writes down what there is. */
    void write() {
        List<AuditNote> notes;
        synchronized (lock) {
            notes = new ArrayList<>(kinds.entrySet().stream()
                    .map(refused -> note(refused.getKey(), refused.getValue()))
                    .toList());
            if (others > 0) {
                notes.add(new AuditNote(
                        AuditAction.ACCESS_REFUSED,
                        null,
                        null,
                        Map.of("of", "various"),
                        others,
                        new Actor(Actor.Kind.UNKNOWN, null, null, null, null)));
            }
            kinds = new LinkedHashMap<>();
            others = 0;
        }
        if (notes.isEmpty()) {
            return;
        }
        try {
            log.add(notes);
        } catch (DatabaseException e) {
            LOG.warn("{} refusals of access could not be written into the audit log", notes.size(), e);
        }
    }

    private static AuditNote note(Kind kind, Refused refused) {
        return new AuditNote(
                AuditAction.ACCESS_REFUSED,
                kind.project(),
                null,
                Map.of("status", Integer.toString(kind.status()), "method", refused.method(), "path", refused.path()),
                refused.count(),
                refused.actor());
    }

    @Override
    public void close() {
        writes.close();
        write();
    }
}
