package io.slipway.db.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Committed;
import io.slipway.db.Database;
import io.slipway.db.DatabaseException;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.Projects;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AuditLogTest {
    private static final Actor JANE = new Actor(Actor.Kind.TOKEN, "tok_1", "jane", "192.0.2.1", "req_1");
    private static final Duration DAY = Duration.ofDays(1);

    private final DataSource source = TestDatabase.createSource();
    private final List<Committed> heard = new ArrayList<>();
    private final Database database = new Database(source, heard::add);
    private final AuditLog log = new AuditLog(database);

    private static AuditFilter everything() {
        return new AuditFilter(null, null, List.of(), null, null);
    }

    private static AuditFilter by(@Nullable String project, @Nullable String actor, AuditAction... actions) {
        return new AuditFilter(project, actor, List.of(actions), null, null);
    }

    private List<String> objects(AuditFilter filter) {
        return log.list(filter, "", 100).stream()
                .map(entry -> String.valueOf(entry.object()))
                .toList();
    }

    private void age(String object, Duration age) {
        // As it would be if the day had been another: the table itself takes no changes.
        database.run(transaction ->
                transaction.update("""
                insert into audit_entries (id, at, action, object, actor_kind)
                values (?, clock_timestamp() - ? * interval '1 millisecond', ?, ?, 'service')
                """, "aud_" + object, age.toMillis(), AuditAction.TOKEN_CREATED.wireName(), object));
    }

    @Test
    void whatSomebodyDoesIsWrittenDownWithWhoAndFromWhere() {
        Actor.as(JANE, () -> new Projects(database).create("team", null, "tok_1"));

        AuditEntry entry = log.list(everything(), "", 10).getFirst();
        assertThat(entry.action()).isEqualTo("project.created");
        assertThat(entry.project()).isEqualTo("team");
        assertThat(entry.object()).isEqualTo("team");
        assertThat(entry.actorKind()).isEqualTo("token");
        assertThat(entry.actor()).isEqualTo("tok_1");
        assertThat(entry.actorName()).isEqualTo("jane");
        assertThat(entry.address()).isEqualTo("192.0.2.1");
        assertThat(entry.request()).isEqualTo("req_1");
        assertThat(entry.at())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        assertThat(heard)
                .singleElement()
                .isInstanceOfSatisfying(
                        AuditNote.class, note -> assertThat(note.actor()).isEqualTo(JANE));
    }

    @Test
    void whatNobodyHasAskedForIsTheServicesOwn() {
        log.add(AuditAction.STORAGE_COLLECTED, null, null, Map.of("freedBytes", "1"));

        AuditEntry entry = log.list(everything(), "", 10).getFirst();
        assertThat(entry.actorKind()).isEqualTo("service");
        assertThat(entry.details()).isEqualTo("{\"freedBytes\": \"1\"}");
    }

    @Test
    void whatIsRolledBackIsNeitherThereNorTold() {
        assertThatThrownBy(() -> database.run(transaction -> {
                    AuditLog.note(transaction, AuditAction.TOKEN_CREATED, "team", "tok_2");
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(log.list(everything(), "", 10)).isEmpty();
        assertThat(heard).isEmpty();
    }

    @Test
    void nothingIsChangedOrRemovedBeforeItIsOld() {
        log.add(AuditAction.TOKEN_CREATED, null, "tok_1", Map.of());

        for (String sql : List.of(
                "update audit_entries set object = 'tok_2'", "delete from audit_entries", "truncate audit_entries")) {
            assertThatThrownBy(() -> database.run(transaction -> transaction.update(sql)))
                    .as(sql)
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("only added");
        }
        assertThat(objects(everything())).containsExactly("tok_1");
    }

    @Test
    void oldEntriesGoAFewAtATimeAndRefusalsSooner() {
        age("year", Duration.ofDays(366));
        age("month", Duration.ofDays(40));
        database.run(transaction -> transaction.update("""
                insert into audit_entries (id, at, action, object, actor_kind)
                values ('aud_refused', clock_timestamp() - interval '40 days', 'access.refused', 'refused', 'unknown')
                """));
        log.add(AuditAction.TOKEN_CREATED, null, "new", Map.of());

        assertThat(log.removeOld(Duration.ofDays(365), Duration.ofDays(30), 1)).isEqualTo(1);
        assertThat(objects(everything())).contains("month", "refused", "new").doesNotContain("year");
        assertThat(log.removeOld(Duration.ofDays(365), Duration.ofDays(30), 10)).isEqualTo(1);
        assertThat(objects(everything())).containsExactlyInAnyOrder("month", "new");
        assertThat(log.removeOld(DAY, DAY, 10)).isEqualTo(1);
        assertThat(objects(everything())).containsExactly("new");
    }

    @Test
    void entriesAreFoundByProjectActorActionAndTime() {
        Actor.as(JANE, () -> {
            log.add(AuditAction.SECRET_SET, "a", "of-a", Map.of());
            log.add(AuditAction.SECRET_DELETED, "b", "of-b", Map.of());
            return true;
        });
        log.add(AuditAction.SECRET_SET, null, "of-all", Map.of());
        age("old", Duration.ofDays(2));

        assertThat(objects(by("a", null))).containsExactly("of-a");
        assertThat(objects(by(null, "tok_1"))).containsExactly("of-b", "of-a");
        assertThat(objects(by(null, null, AuditAction.SECRET_SET))).containsExactly("of-all", "of-a");
        assertThat(objects(by(null, null, AuditAction.SECRET_SET, AuditAction.SECRET_DELETED)))
                .containsExactly("of-all", "of-b", "of-a");
        Instant yesterday = Instant.now().minus(DAY);
        assertThat(objects(new AuditFilter(null, null, List.of(), null, yesterday)))
                .containsExactly("old");
        assertThat(objects(new AuditFilter(null, null, List.of(), yesterday, null)))
                .doesNotContain("old")
                .hasSize(3);
        AuditEntry newest =
                log.list(by(null, null, AuditAction.SECRET_SET), "", 1).getFirst();
        assertThat(log.list(by(null, null, AuditAction.SECRET_SET), newest.id(), 10))
                .extracting(AuditEntry::object)
                .containsExactly("of-a");
    }
}
