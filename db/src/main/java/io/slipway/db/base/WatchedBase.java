package io.slipway.db.base;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A base that is watched for a project.
 *
 * @param reference the whole name, with its tag
 * @param digest what it meant when it was looked at last, or null before the first time
 * @param movedAt when it was first seen to mean that, and had meant something else; or null
 * @param checkedAt when it was looked at last, or null
 * @param nextCheckAt when it is next, or null: when the registry tells
 * @param attempts how many have failed since
 * @param error why the newest has, or null
 * @param refs how many branches and tags of the project's triggers have an image of it
 */
public record WatchedBase(
        String reference,
        @Nullable String digest,
        @Nullable Instant movedAt,
        @Nullable Instant checkedAt,
        @Nullable Instant nextCheckAt,
        int attempts,
        @Nullable String error,
        long refs) {

    static WatchedBase from(Row row) {
        return new WatchedBase(
                row.text("reference"),
                row.textOrNull("digest"),
                row.timeOrNull("moved_at"),
                row.timeOrNull("checked_at"),
                row.timeOrNull("due_at"),
                row.integer("attempts"),
                row.textOrNull("error"),
                row.number("refs"));
    }
}
