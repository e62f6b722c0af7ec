package io.slipway.db.build;

import io.slipway.db.Database;
import io.slipway.db.Transaction;
import io.slipway.db.access.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads builds and what belongs to them. Thread-safe. */
public final class Builds {
    /** The most builds that are looked up at once. */
    public static final int MOST_LOOKED_UP = 500;

    private static final String FIND = "select * from builds where id = ?";

    private final Database database;

    /** @param database migrated */
    public Builds(Database database) {
        this.database = database;
    }

    /** The build of that id, or empty. */
    public Optional<Build> find(BuildId id) {
        // Index: primary key.
        return database.first(FIND, Build::from, id.value());
    }

    /** The build of that id, if it is one of these projects'; others are not even read. */
    public Optional<Build> find(BuildId id, Scope scope) {
        // Index: primary key.
        return database.first(
                "select * from builds where id = ? and (?::text[] is null or project = any (?))",
                Build::from,
                id.value(),
                scope.names(),
                scope.names());
    }

    private static Optional<Build> find(Transaction transaction, BuildId id) {
        return transaction.first(FIND, Build::from, id.value());
    }

    /** The build with its steps, warnings, bases and cause, or empty. */
    public Optional<BuildDetails> details(BuildId id) {
        return database.inTransaction(transaction -> find(transaction, id)
                .map(build -> new BuildDetails(
                        build,
                        steps(transaction, id),
                        warnings(transaction, id),
                        bases(transaction, id),
                        BuildCause.of(transaction, id))));
    }

    private static List<Step> steps(Transaction transaction, BuildId id) {
        return transaction.list("select * from steps where build_id = ? order by number", Step::from, id.value());
    }

    private static List<Warning> warnings(Transaction transaction, BuildId id) {
        return transaction.list(
                "select line, rule, message from warnings where build_id = ? order by position",
                row -> new Warning(row.integerOrNull("line"), row.text("rule"), row.text("message")),
                id.value());
    }

    private static List<Base> bases(Transaction transaction, BuildId id) {
        return transaction.list(
                "select name, reference, digest from bases where build_id = ? order by name",
                row -> new Base(row.text("name"), row.textOrNull("reference"), row.text("digest")),
                id.value());
    }

    /**
     * Builds, newest first.
     *
     * @param filter which
     * @param before only builds that are older than this one, or null for the newest
     * @param limit at most so many
     */
    public List<Build> list(BuildFilter filter, @Nullable BuildId before, int limit) {
        // Index: builds_by_project or the primary key, read backwards; builds_by_tag where a tag is asked for. Only of
        // one project
        // the index has the order, so that is said as an equation.
        List<String> projects = filter.scope().names();
        String only = projects != null && projects.size() == 1 ? projects.getFirst() : null;
        List<String> among = only == null ? projects : null;
        return database.inTransaction(transaction -> transaction.list(
                """
                select * from builds
                where (?::text is null or project = ?)
                  and (?::text[] is null or project = any (?))
                  and (cardinality(?::text[]) = 0 or state = any (?))
                  and (?::text is null or tags @> array[?::text])
                  and (?::text is null or id < ?)
                order by id desc
                limit ?
                """,
                Build::from,
                only,
                only,
                among,
                among,
                filter.stateNames(),
                filter.stateNames(),
                filter.tag(),
                filter.tag(),
                before == null ? null : before.value(),
                before == null ? null : before.value(),
                limit));
    }

    /**
     * Whether a build waits that a worker could get if its project is not at its limit.
     *
     * @param home only of builds whose files lie there, or nowhere in particular
     */
    public boolean isAnyWaiting(String home) {
        // Index: builds_claimable_by_home.
        return database.first("""
                        select exists (
                            select from builds
                            where state = 'queued' and context_path is not null and coalesce(home, '') in ('', ?)) as waiting
                        """, row -> row.flag("waiting"), home).orElse(false);
    }

    /** How many builds are queued and running. */
    public QueueDepth depth() {
        // Indexes: builds_claimable, builds_running.
        return database.inTransaction(transaction -> transaction
                .first("""
                        select (select count(*) from builds where state = 'queued' and context_path is not null) as queued,
                               (select count(*) from builds where state = 'running') as running
                        """, row -> new QueueDepth(row.number("queued"), row.number("running")))
                .orElseThrow());
    }

    /**
     * The queues of projects that have one.
     *
     * @param most of at most so many projects, of those with the longest queues
     */
    public List<ProjectDepth> depthByProject(int most) {
        // Index: builds_claimable.
        return database.inTransaction(transaction -> transaction.list(
                """
                select project, count(*) as queued, extract(epoch from clock_timestamp() - min(queued_at)) * 1000 as oldest
                from builds where state = 'queued' and context_path is not null
                group by project order by queued desc limit ?
                """,
                row -> new ProjectDepth(
                        row.text("project"), row.number("queued"), Duration.ofMillis((long) row.decimal("oldest"))),
                most));
    }

    /** Running builds by the worker that has them. */
    public Map<String, RunningBuild> running() {
        // Index: builds_running.
        return database
                .inTransaction(transaction -> transaction.list(
                        "select id, worker, attempt, fencing_token from builds where state = 'running'",
                        RunningBuild::from))
                .stream()
                .collect(Collectors.toMap(RunningBuild::worker, build -> build));
    }

    /**
     * Says of builds of an older version, which knew of no homes, that their files lie in this one.
     *
     * @param contexts the absolute path of its contexts, by which they are known
     */
    public void adopt(String home, String contexts) {
        database.run(transaction -> transaction.update(
                "update builds set home = ? where home is null and starts_with(context_path, ?)",
                home,
                contexts + "/"));
    }

    /**
     * Finished builds whose work directories on this machine have not been removed, oldest first.
     *
     * @param rest how long ago the build must have ended
     */
    public List<BuildId> withWork(Duration rest, String home, int limit) {
        // Index: builds_work_unswept.
        return database.inTransaction(
                transaction -> transaction.list("""
                select id from builds
                where finished_at < clock_timestamp() - ? * interval '1 millisecond'
                  and work_swept_at is null and files_swept_at is null and home = ?
                order by finished_at
                limit ?
                """, row -> new BuildId(row.text("id")), rest.toMillis(), home, limit));
    }

    /** Notes that the build's work directories are gone. */
    public void workSwept(BuildId id) {
        database.run(transaction ->
                transaction.update("update builds set work_swept_at = clock_timestamp() where id = ?", id.value()));
    }

    /**
     * Finished builds whose contexts have stayed for long enough, oldest first, once their work directories are gone. Those that can't be done
     * once more do not stay: their secrets are forgotten, or their project is deleted.
     *
     * @param age how long contexts stay after the end
     * @param mostBytes how much the contexts of finished builds may take together; the oldest go first
     * @param home only of builds whose files lie there
     */
    public List<Build> unswept(Duration age, long mostBytes, String home, int limit) {
        // Index: builds_unswept, which has no more than what ended within that time and is not gone.
        return database.inTransaction(
                transaction -> transaction.list("""
                select b.* from builds b join (
                    select id, sum(context_bytes) over (order by finished_at desc, id desc) as bytes
                    from builds
                    where finished_at is not null and files_swept_at is null and work_swept_at is not null
                      and home = ?) ended using (id)
                where b.finished_at < clock_timestamp() - ? * interval '1 millisecond'
                   or ended.bytes > ? or b.confidential
                   or exists (select from projects where name = b.project and deleted_at is not null)
                order by b.finished_at
                limit ?
                """, Build::from, home, age.toMillis(), mostBytes, limit));
    }

    /** What was found in the Dockerfile when the build was submitted. */
    public List<Warning> submittedWarnings(BuildId id) {
        return database.inTransaction(transaction -> transaction.list(
                "select line, rule, message from warnings where build_id = ? and attempt = 0 order by position",
                row -> new Warning(row.integerOrNull("line"), row.text("rule"), row.text("message")),
                id.value()));
    }

    /**
     * Those of some ids that no build has. None in a database that has no build at all whose files lie at {@code home}: it may be another one
     * than that in which they are.
     *
     * @param ids at most {@link #MOST_LOOKED_UP}
     */
    public List<BuildId> missing(List<BuildId> ids, String home) {
        // Index: primary key.
        return database.inTransaction(transaction -> transaction.list(
                """
                select id from unnest(?::text[]) as asked (id)
                where not exists (select from builds where builds.id = asked.id)
                  and exists (select from builds where home = ?)
                """,
                row -> new BuildId(row.text("id")),
                ids.stream().map(BuildId::value).toList(),
                home));
    }

    /** Notes that the build's files are gone. */
    public void swept(BuildId id) {
        database.run(transaction ->
                transaction.update("update builds set files_swept_at = clock_timestamp() where id = ?", id.value()));
    }
}
