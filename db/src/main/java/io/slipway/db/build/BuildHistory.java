package io.slipway.db.build;

import io.slipway.db.Database;
import io.slipway.db.access.ProjectLimit;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds that have ended, which are not kept for ever. Thread-safe. */
public final class BuildHistory {
    /** So many of a project's oldest builds are looked at: some of them may have to stay for a while. */
    private static final int OLDEST = 2000;

    /** Its parameters are the home of the service that asks, and the age in milliseconds. */
    private static final String FILES_GONE = """
            (files_swept_at is not null
             or home <> ? and finished_at < clock_timestamp() - ? * interval '1 millisecond' - interval '30 days')
            """;

    private final Database database;

    /** @param database migrated */
    public BuildHistory(Database database) {
        this.database = database;
    }

    /**
     * Removes builds that ended long ago, with their steps and logs, oldest first; those whose files are still there stay until they are not, or for
     * another 30 days if the files lie in another home: nobody may be there any more who would remove them.
     *
     * @param age how long ago
     * @param home of the service that asks
     * @param limit at most so many
     * @return how many were removed
     */
    public int removeOld(Duration age, String home, int limit) {
        // Index: builds_by_age. Steps, warnings, bases and log entries go with their build. Services on one database
        // don't wait for each other.
        return database.inTransaction(
                transaction -> transaction.update("""
                delete from builds where id in (
                    select id from builds
                    where finished_at < clock_timestamp() - ? * interval '1 millisecond'
                      and\s""" + FILES_GONE + """
                    order by finished_at limit ? for update skip locked)
                """, age.toMillis(), home, age.toMillis(), limit));
    }

    /**
     * What a project says of its history.
     *
     * @param age how long builds stay after their end, or null
     * @param kept how many builds that have ended stay, or null
     */
    public record OfProject(
            String project,
            @Nullable Duration age,
            @Nullable Long kept) {}

    /**
     * The projects that have something to say of their history.
     *
     * @param all whether those that have not are wanted, too
     */
    public List<OfProject> ofProjects(boolean all) {
        return database.inTransaction(transaction -> transaction.list(
                """
                select p.name, a.value as age, k.value as kept
                from projects p
                left join project_limits a on a.project = p.name and a.name = ?
                left join project_limits k on k.project = p.name and k.name = ?
                where p.deleted_at is null and (? or a.value is not null or k.value is not null)
                """,
                row -> {
                    Long age = row.numberOrNull("age");
                    return new OfProject(
                            row.text("name"), age == null ? null : Duration.ofMillis(age), row.numberOrNull("kept"));
                },
                ProjectLimit.BUILD_AGE.wireName(),
                ProjectLimit.KEPT_BUILDS.wireName(),
                all));
    }

    /**
     * Removes builds of a project as {@link #removeOld} does: those that ended long ago, and all but the newest ones. The newest image of a branch or tag that a
     * trigger builds stays, since that is built again when a base of it moves.
     *
     * @param history of the project
     * @param youngest no build goes that ended less long ago: its image is found by it
     * @return how many were removed
     */
    public int removeOld(OfProject history, Duration youngest, String home, int limit) {
        Duration age = history.age() == null || history.age().compareTo(youngest) < 0 ? youngest : history.age();
        // Indexes: builds_by_project, for its oldest builds, and the newest ones that stay; built_refs_by_build.
        return database.inTransaction(transaction -> transaction.update(
                """
                delete from builds where id in (
                    select id from builds
                    where id in (select id from builds where project = ? order by id limit ?)
                      and finished_at < clock_timestamp() - ? * interval '1 millisecond'
                      and (? and finished_at < clock_timestamp() - ? * interval '1 millisecond'
                           or ? and id <= (select id from builds where project = ? and finished_at is not null
                                           order by id desc offset ? limit 1))
                      and not exists (select from built_refs where build_id = builds.id)
                      and\s""" + FILES_GONE + """
                    order by id limit ? for update skip locked)
                """,
                history.project(),
                OLDEST,
                youngest.toMillis(),
                history.age() != null,
                age.toMillis(),
                history.kept() != null,
                history.project(),
                history.kept() == null ? 0 : history.kept(),
                home,
                age.toMillis(),
                limit));
    }
}
