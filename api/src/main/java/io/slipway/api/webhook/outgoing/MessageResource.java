package io.slipway.api.webhook.outgoing;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.slipway.db.webhook.Message;
import io.slipway.db.webhook.MessageAttempt;
import io.slipway.db.webhook.MessageState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message as the API shows it. What does not apply is left out.
 *
 * @param build its id; not there once the build is not kept any more
 * @param attemptCount how often it was begun to be sent
 * @param dueAt when it is sent (again), as long as it is pending
 * @param body what is sent, JSON; null in lists and before the first attempt
 * @param attempts what came of each; null in lists
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record MessageResource(
        String id,
        String event,
        @Nullable String build,
        String state,
        int attemptCount,
        @Nullable Instant dueAt,
        @Nullable String redeliveryOf,
        Instant happenedAt,
        Instant createdAt,
        @Nullable Instant finishedAt,
        @JsonRawValue @Nullable String body,
        @Nullable List<Attempt> attempts) {

    /**
     * What came of an attempt.
     *
     * @param status of the answer; null if there was none
     * @param response the beginning of its body
     * @param error why it does not count; null if it does
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Attempt(
            int number,
            Instant at,
            long durationMillis,
            @Nullable Integer status,
            @Nullable String response,
            @Nullable String error) {}

    /** Without what was sent and what was answered. */
    static MessageResource summary(Message message) {
        return of(message, null, null);
    }

    /** All of it. */
    static MessageResource whole(Message message, List<MessageAttempt> attempts) {
        return of(
                message,
                message.body(),
                attempts.stream()
                        .map(attempt -> new Attempt(
                                attempt.number(),
                                attempt.at(),
                                attempt.durationMillis(),
                                attempt.status(),
                                attempt.response(),
                                attempt.error()))
                        .toList());
    }

    private static MessageResource of(Message message, @Nullable String body, @Nullable List<Attempt> attempts) {
        return new MessageResource(
                message.id(),
                message.event(),
                message.buildId() == null ? null : message.buildId().value(),
                message.state().wireName(),
                message.attempts(),
                message.state() == MessageState.PENDING ? message.dueAt() : null,
                message.redeliveryOf(),
                message.happenedAt(),
                message.createdAt(),
                message.finishedAt(),
                body,
                attempts);
    }
}
