package io.slipway.db.webhook;

import io.slipway.db.Row;
import io.slipway.db.build.BuildId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is said to a webhook.
 *
 * @param id {@code msg_…}, which the receiver knows it by
 * @param event its name, such as {@code build.failed}
 * @param buildId the build; null once that is not kept any more
 * @param body what is sent; null before the first attempt
 * @param redeliveryOf the message that somebody wanted to be sent once more, or null
 * @param attempts how often it was begun to be sent
 * @param dueAt when it is (again) to be sent, as long as it is pending
 * @param finishedAt null as long as it is pending
 */
public record Message(
        String id,
        String webhookId,
        String event,
        @Nullable BuildId buildId,
        Instant happenedAt,
        @Nullable String body,
        @Nullable String redeliveryOf,
        MessageState state,
        int attempts,
        Instant dueAt,
        Instant createdAt,
        @Nullable Instant finishedAt) {

    static Message from(Row row) {
        String build = row.textOrNull("build_id");
        return new Message(
                row.text("id"),
                row.text("webhook_id"),
                row.text("event"),
                build == null ? null : new BuildId(build),
                row.time("happened_at"),
                row.textOrNull("body"),
                row.textOrNull("redelivery_of"),
                MessageState.stored(row.text("state")),
                row.integer("attempts"),
                row.time("due_at"),
                row.time("created_at"),
                row.timeOrNull("finished_at"));
    }
}
