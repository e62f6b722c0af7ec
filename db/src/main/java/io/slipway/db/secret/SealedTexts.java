package io.slipway.db.secret;

import io.slipway.db.Database;
import io.slipway.db.Row;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that the service has encrypted, wherever it is. A text's first {@value #MARK} characters say which key it is encrypted with. Read only by
 * those who change keys, so there is no index: it looks through tables that are small, and of builds through those that have not ended. Thread-safe.
 */
public final class SealedTexts {
    /** So many of a text's first characters are the mark of its key. */
    public static final int MARK = 12;

    /**
     * A column that has encrypted texts, in a table whose key is {@code id}.
     *
     * @param owner SQL for what the text belongs to, which was given when it was encrypted
     * @param condition SQL for the rows that can have one
     */
    private record Column(String table, String name, String owner, String condition) {}

    /** Whoever encrypts something that stays adds a line. */
    private static final List<Column> COLUMNS = List.of(
            // Indexes: builds_claimable, builds_running.
            new Column("builds", "sealed", "id", "state = 'queued' and context_path is not null"),
            new Column("builds", "sealed", "id", "state = 'running'"),
            new Column("triggers", "sealed", "id || '/document'", "true"),
            new Column("triggers", "secret", "id || '/secret'", "true"),
            new Column("triggers", "previous_secret", "id || '/secret'", "true"),
            new Column("webhooks", "secret", "id || '/secret'", "true"),
            new Column("webhooks", "previous_secret", "id || '/secret'", "true"),
            new Column("registry_hooks", "secret", "id || '/secret'", "true"),
            new Column("secrets", "sealed", "project || '/secret/' || name || '/' || version", "true"),
            new Column(
                    "registry_credentials",
                    "sealed",
                    "project || '/registry-credential/' || host || '/' || repository",
                    "true"));

    private final Database database;

    /** @param database migrated */
    public SealedTexts(Database database) {
        this.database = database;
    }

    /** How many texts there are, by the mark of their key. */
    public Map<String, Long> count() {
        Map<String, Long> counts = new TreeMap<>();
        for (Column column : COLUMNS) {
            database.inTransaction(transaction -> transaction.list(
                            """
                            select left(%1$s, ?) as mark, count(*) as texts from %2$s
                            where %1$s is not null and %3$s group by 1
                            """.formatted(column.name(), column.table(), column.condition()),
                            row -> Map.entry(row.text("mark"), row.number("texts")),
                            MARK))
                    .forEach(entry -> counts.merge(entry.getKey(), entry.getValue(), Long::sum));
        }
        return counts;
    }

    /**
     * An encrypted text.
     *
     * @param owner what it belongs to, which was given when it was encrypted
     */
    public record Text(String id, String owner, String sealed) {
        private static Text from(Row row) {
            return new Text(row.text("id"), row.text("owner"), row.text("sealed"));
        }

        /** Leaves out what is encrypted. */
        @Override
        public String toString() {
            return "Text[owner=" + owner + "]";
        }
    }

    /**
     * Encrypts anew what has another mark. What somebody else changes meanwhile is left as that left it.
     *
     * @param mark of the key that everything is to be encrypted with
     * @param again encrypts a text anew, or gives back null if it can't
     * @return how many were encrypted anew
     */
    public int reseal(String mark, Function<Text, @Nullable String> again) {
        int done =
                COLUMNS.stream().mapToInt(column -> reseal(column, mark, again)).sum();
        database.run(transaction -> AuditLog.note(
                transaction, AuditAction.KEYS_RESEALED, null, null, Map.of("texts", Integer.toString(done))));
        return done;
    }

    private int reseal(Column column, String mark, Function<Text, @Nullable String> again) {
        int done = 0;
        String after = "";
        while (true) {
            String behind = after;
            List<Text> texts = database.inTransaction(transaction -> transaction.list(
                    """
                    select id, %4$s as owner, %1$s as sealed from %2$s
                    where %1$s is not null and left(%1$s, ?) <> ? and id > ? and %3$s order by id limit 50
                    """.formatted(column.name(), column.table(), column.condition(), column.owner()),
                    Text::from,
                    MARK,
                    mark,
                    behind));
            if (texts.isEmpty()) {
                return done;
            }
            for (Text text : texts) {
                String fresh = again.apply(text);
                done += fresh == null ? 0 : replace(column, text, fresh);
            }
            after = texts.getLast().id();
        }
    }

    private int replace(Column column, Text text, String fresh) {
        return database.inTransaction(transaction -> transaction.update(
                "update %2$s set %1$s = ? where id = ? and %1$s = ?".formatted(column.name(), column.table()),
                fresh,
                text.id(),
                text.sealed()));
    }
}
