package io.slipway.db;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.access.ProjectLimits;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Builds;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A service of the version before works on beside one that has brought the schema to this version (docs/operating.md). */
final class MigrationsTest {
    private static final Path FOLDER = Path.of("src/main/resources/db/migration");
    private static final Pattern VERSION = Pattern.compile("V(\\d+)__.*\\.sql");

    /** Older ones were never beside a version that they could have disturbed. */
    private static final int FIRST_BESIDE = 12;

    /** Older ones were written before there was the rule. */
    private static final int FIRST_UNDISTURBING = 17;

    private static final List<Pattern> BLOCKING = Stream.of(
                    "create\\s+(?:unique\\s+)?index\\s+(?!concurrently)(?:if\\s+not\\s+exists\\s+)?(?:\\w+\\s+)?on\\s+(\\w+)",
                    "alter\\s+table\\s+(\\w+)[^;]*\\badd\\s+(?:constraint\\s+\\w+\\s+)?(?:check|foreign)(?![^;]*not\\s+valid)")
            .map(rule -> Pattern.compile(rule, Pattern.CASE_INSENSITIVE))
            .toList();

    private static final List<Pattern> FORBIDDEN = Stream.of(
                    "drop\\s+(table|column|constraint|function|type)",
                    "\\brename\\b",
                    "alter\\s+column\\s+\\w+\\s+(set\\s+data\\s+)?type",
                    "set\\s+not\\s+null",
                    "add\\s+column\\s+(?![^,;]*(default|generated))[^,;]*not\\s+null",
                    "alter\\s+column\\s+\\w+\\s+drop\\s+default")
            .map(rule -> Pattern.compile(rule, Pattern.CASE_INSENSITIVE))
            .toList();

    @Test
    void aMigrationOnlyAdds() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<Path> newer =
                    files.filter(file -> version(file) >= FIRST_BESIDE).toList();
            assertThat(newer).isNotEmpty();
            for (Path file : newer) {
                String sql = Files.readString(file, UTF_8).replaceAll("--[^\n]*", "");
                for (Pattern rule : FORBIDDEN) {
                    assertThat(rule.matcher(sql).find())
                            .as("%s: %s", file.getFileName(), rule)
                            .isFalse();
                }
            }
        }
    }

    /** An index of a table that has rows already, and a constraint that is looked up in all of them, keep all writers waiting meanwhile. */
    @Test
    void aMigrationKeepsNobodyFromWriting() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file :
                    files.filter(file -> version(file) >= FIRST_UNDISTURBING).toList()) {
                assertThat(blocking(Files.readString(file, UTF_8)))
                        .as(file.getFileName().toString())
                        .isEmpty();
            }
        }
    }

    /** The statements that keep writers waiting, of tables that the migration does not make itself. */
    private static List<String> blocking(String migration) {
        String sql = migration.replaceAll("--[^\n]*", "");
        List<String> own = Pattern.compile("create\\s+table\\s+(\\w+)", Pattern.CASE_INSENSITIVE)
                .matcher(sql)
                .results()
                .map(table -> table.group(1))
                .toList();
        return BLOCKING.stream()
                .flatMap(rule -> rule.matcher(sql).results())
                .filter(found -> !own.contains(found.group(1)))
                .map(MatchResult::group)
                .toList();
    }

    @Test
    void theRulesSeeWhatKeepsWritersWaiting() {
        assertThat(blocking("create table a (b int); create index on a (b); alter table a add check (b > 0)"))
                .isEmpty();
        assertThat(blocking(
                        "create index concurrently i on builds (b); alter table builds add check (b > 0) not valid"))
                .isEmpty();
        for (String sql : List.of(
                "create index i on builds (b)",
                "create unique index if not exists i on builds (b) where b > 0",
                "alter table builds add constraint c check (b > 0)",
                "alter table builds drop constraint c, add constraint c foreign key (b) references d (e)")) {
            assertThat(blocking(sql)).as(sql).isNotEmpty();
        }
    }

    @Test
    void theRulesSeeWhatTheyAreFor() {
        for (String sql : List.of(
                "alter table a drop column b",
                "alter table a rename to b",
                "alter table a alter column b type text",
                "alter table a add column b text not null",
                "alter table a add column b text, add column c text not null, add column d text")) {
            assertThat(FORBIDDEN).as(sql).anyMatch(rule -> rule.matcher(sql).find());
        }
        assertThat(FORBIDDEN)
                .noneMatch(rule -> rule.matcher("alter table a add column b text not null default ''")
                        .find());
    }

    private static int version(Path file) {
        Matcher name = VERSION.matcher(file.getFileName().toString());
        assertThat(name.matches()).as(file.toString()).isTrue();
        return Integer.parseInt(name.group(1));
    }

    @Test
    void homesThatUnfinishedBuildsNameAreSeenWhenTheTableIsMade() throws IOException {
        String migration = Files.readString(FOLDER.resolve("V17__homes.sql"), UTF_8);
        Database database = TestDatabase.create();
        BuildQueue queued = new BuildQueue(database, ProjectLimits.NONE, "hom_queued");
        BuildQueue running = new BuildQueue(database, ProjectLimits.NONE, "hom_running");
        BuildQueue ended = new BuildQueue(database, ProjectLimits.NONE, "hom_ended");
        queued.submit(draft());
        queued.submit(draft());
        running.submit(draft());
        assertThat(running.claim("wrk_1", null, new byte[32], Duration.ofMinutes(1)))
                .isPresent();
        ended.cancel(ended.submit(draft()).id());
        database.run(transaction -> {
            transaction.update("drop table homes");
            for (String statement : migration.replaceAll("--[^\n]*", "").split(";")) {
                if (!statement.isBlank()) {
                    transaction.update(statement);
                }
            }
        });
        assertThat(database.<List<String>>inTransaction(transaction -> transaction.list("""
                        select id from homes
                        where seen_at > clock_timestamp() - interval '1 minute' and not reporting order by id
                        """, row -> row.text("id"))))
                .containsExactly("hom_queued", "hom_running");
    }

    private static BuildDraft draft() {
        return new BuildDraft(
                BuildId.create(Instant.now()),
                "default",
                "{}",
                null,
                List.of(),
                null,
                0,
                60_000,
                new DockerfileText("Dockerfile", "FROM scratch\n"),
                new ContextFile("/contexts/1.tar", 10240, "ab".repeat(32)),
                null,
                List.of());
    }

    /** The statements of the version that had the schema of V11, word for word. */
    @Test
    void whatTheVersionBeforeWritesIsWrittenAndReadStill() {
        Database database = TestDatabase.create();
        BuildId build = BuildId.create(Instant.now());
        database.run(transaction -> {
            transaction.update("""
                    insert into projects (name, description, created_by) values ('older', null, 'tok_0')
                    on conflict (name) do nothing
                    """);
            transaction.update("insert into project_queues (project) values ('older')");
            transaction.update("""
                    insert into tokens (id, name, project, role, hash, prefix, created_by, expires_at)
                    values ('tok_1', 'ci', 'older', 'builder', decode(repeat('01', 32), 'hex'), 'slp_', 'tok_0', null)
                    """);
            transaction.update("""
                    insert into secrets (id, project, name, created_by) values ('sec_1', 'older', 'npmrc', 'tok_1')
                    """);
            transaction.update("""
                    insert into builds
                        (id, project, state, priority, options, sealed, confidential, tags, supersedes, timeout_millis,
                         dockerfile_name, dockerfile, context_path, context_bytes, context_sha256, retry_of)
                    select ?, name, 'queued', 0, '{}'::jsonb, null, false, '{}', null, 60000,
                           'Dockerfile', 'FROM scratch', '/contexts/1.tar', 1, 'ab', null
                    from (select name from projects where name = 'older' and deleted_at is null for key share) project
                    """, build.value());
            transaction.update("update project_queues set waiting = true where project = 'older' and not waiting");
        });
        assertThat(new Projects(database).find("older")).isPresent();

        BuildQueue newer = new BuildQueue(database, ProjectLimits.NONE, "hom_newer");
        assertThat(newer.claim("wrk_1", null, new byte[32], Duration.ofMinutes(1))
                        .orElseThrow()
                        .build()
                        .id())
                .isEqualTo(build);
        assertThat(newer.handBack("wrk_1")).hasSize(1);

        // And the other way round: it takes what the newer one has queued, or given back.
        List<String> claimed = database.inTransaction(transaction -> transaction.list("""
                with next as (
                    select id from builds
                    where project = 'older' and state = 'queued' and context_path is not null
                      and (select count(*) from builds r where r.project = 'older' and r.state = 'running')
                          < coalesce(
                              (select value from project_limits where project = 'older' and name = 'concurrentBuilds'),
                              9223372036854775807)
                    order by priority desc, queued_at, id
                    limit 1
                    for update skip locked),
                claimed as (
                    update builds b
                    set state = 'running', attempt = b.attempt + 1, worker = 'wrk_2', fencing_token = nextval('fencing_tokens'),
                        attempt_token_hash = decode(repeat('02', 32), 'hex'), attempt_started_at = clock_timestamp(),
                        lease_until = clock_timestamp() + interval '1 minute', last_sequence = 0,
                        started_at = coalesce(b.started_at, clock_timestamp()), last_entry = b.last_entry + 1
                    from next
                    where b.id = next.id
                    returning b.*),
                noted as (
                    insert into log_entries (build_id, seq, at, kind, outcome)
                    select id, last_entry, attempt_started_at, 'state', state from claimed),
                served as (
                    update project_queues set turn = claimed.fencing_token
                    from claimed where project_queues.project = claimed.project)
                select * from claimed
                """, row -> row.text("id")));
        assertThat(claimed).containsExactly(build.value());
        assertThat(new Builds(database).find(build).orElseThrow().state()).isEqualTo(BuildState.RUNNING);
    }
}
