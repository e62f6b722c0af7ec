package io.slipway.db.audit;

import io.slipway.db.Committed;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is written down of one act; those who listen to the database get it once it is committed. Immutable.
 *
 * @param project whose the object is; null: the whole service's
 * @param object id or name of what it was done to, or null if the action says it
 * @param details what else there is to know, by name; never anything that is confidential
 * @param repeated how often it has happened
 */
public record AuditNote(
        AuditAction action,
        @Nullable String project,
        @Nullable String object,
        Map<String, String> details,
        int repeated,
        Actor actor)
        implements Committed {
    public AuditNote {
        details = Collections.unmodifiableMap(new TreeMap<>(details));
    }

    /** An act of whoever acts on this thread. */
    static AuditNote of(
            AuditAction action, @Nullable String project, @Nullable String object, Map<String, String> details) {
        return new AuditNote(action, project, object, details, 1, Actor.current());
    }
}
