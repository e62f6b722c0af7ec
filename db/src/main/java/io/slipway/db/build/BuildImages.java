package io.slipway.db.build;

import io.slipway.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The images of builds, as far as they are not known to be gone. Thread-safe. */
public final class BuildImages {
    private final Database database;
    private final String home;

    /**
     * @param database migrated
     * @param home only of builds whose files lie there, or nowhere in particular
     */
    public BuildImages(Database database, String home) {
        this.database = database;
        this.home = home;
    }

    /**
     * All images.
     *
     * @param at when they were looked up, by the database's clock
     */
    public record Found(List<MadeImage> images, Instant at) {}

    /**
     * Looks up all images.
     *
     * @param age how long after its end a build's image counts as young
     */
    public Found all(Duration age) {
        // Index: builds_with_image. The time first: what is made meanwhile is younger.
        return database.inTransaction(transaction -> {
            Instant at = BuildRows.now(transaction);
            return new Found(
                    transaction.list(
                            """
                            select digest, media_type,
                                   bool_or(coalesce(finished_at > clock_timestamp() - ? * interval '1 millisecond', true)) as young
                            from builds
                            where digest is not null and image_removed_at is null and (home is null or home = ?)
                            group by digest, media_type
                            """,
                            row -> new MadeImage(row.text("digest"), row.text("media_type"), row.flag("young")),
                            age.toMillis(),
                            home),
                    at);
        });
    }

    /** The options of builds that have not ended: they may name images of other builds. */
    public List<String> optionsOfUnfinished() {
        // Indexes: builds_claimable, builds_running.
        return database.inTransaction(transaction -> transaction.list("""
                select options from builds where state = 'queued' and context_path is not null
                union all
                select options from builds where state = 'running'
                """, row -> row.text("options")));
    }

    /**
     * Notes that these images are gone, of builds that had ended at that time: one that has made the same image since has it.
     *
     * @param at when the images were looked up
     */
    public void removed(List<String> digests, Instant at) {
        // Index: builds_with_image.
        database.run(transaction -> transaction.update("""
                update builds set image_removed_at = clock_timestamp()
                where digest = any (?) and image_removed_at is null and finished_at <= ? and (home is null or home = ?)
                """, digests, at, home));
    }
}
