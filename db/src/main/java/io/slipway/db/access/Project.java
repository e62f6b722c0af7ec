package io.slipway.db.access;

import io.slipway.db.Row;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A tenant.
 *
 * @param name unique, also among those that were deleted; a component of images' names
 * @param description for people, or null
 * @param createdBy who made it, or null for the one that is there from the start
 */
public record Project(
        String name,
        @Nullable String description,
        Instant createdAt,
        @Nullable String createdBy) {
    /** The longest name. */
    public static final int MOST_CHARACTERS = 64;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(?:[._-][a-z0-9]+)*");

    /** Whether a project can have this name: it is a component of the names of its images, and of directories. */
    public static boolean canBeNamed(String name) {
        return name.length() <= MOST_CHARACTERS && NAME.matcher(name).matches();
    }

    static Project from(Row row) {
        return new Project(
                row.text("name"), row.textOrNull("description"), row.time("created_at"), row.textOrNull("created_by"));
    }
}
