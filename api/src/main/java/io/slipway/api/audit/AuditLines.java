package io.slipway.api.audit;

import io.slipway.db.Committed;
import io.slipway.db.audit.Actor;
import io.slipway.db.audit.AuditNote;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** A line of the service's log for each entry of the audit log, once that is committed; with a field for each of its parts. Thread-safe. */
public final class AuditLines implements Consumer<Committed> {
    /** By this name the lines can be switched off, or sent elsewhere. */
    private static final Logger LOG = LoggerFactory.getLogger("io.slipway.audit");

    @Override
    public void accept(Committed committed) {
        if (committed instanceof AuditNote note) {
            write(note);
        }
    }

    private static void write(AuditNote note) {
        Actor actor = note.actor();
        LoggingEventBuilder line = LOG.atInfo()
                .addKeyValue("audit.action", note.action().wireName())
                .addKeyValue("audit.actor.kind", actor.kind().wireName());
        add(line, "audit.project", note.project());
        add(line, "audit.object", note.object());
        add(line, "audit.actor.id", actor.id());
        add(line, "audit.actor.name", actor.name());
        add(line, "audit.address", actor.address());
        note.details().forEach((name, value) -> add(line, "audit.details." + name, value));
        if (note.repeated() > 1) {
            var _ = line.addKeyValue("audit.repeated", note.repeated());
        }
        line.log(text(note));
    }

    private static void add(LoggingEventBuilder line, String name, @Nullable String value) {
        if (value != null) {
            var _ = line.addKeyValue(name, value);
        }
    }

    /** Only what is of closed alphabets: names that people give could hold anything, such as the end of the line. */
    private static String text(AuditNote note) {
        Actor actor = note.actor();
        StringBuilder text = new StringBuilder(note.action().wireName());
        if (note.object() != null) {
            text.append(' ').append(note.object());
        }
        if (note.project() != null) {
            text.append(" in ").append(note.project());
        }
        text.append(" by ").append(actor.id() == null ? actor.kind().wireName() : actor.id());
        if (actor.address() != null) {
            text.append(" from ").append(actor.address());
        }
        return note.repeated() > 1
                ? text.append(", ").append(note.repeated()).append(" times").toString()
                : text.toString();
    }
}
