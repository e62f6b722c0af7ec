package io.slipway.db.webhook;

import io.slipway.db.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to send a message.
 *
 * @param number from 1
 * @param status of the answer, or null if there was none
 * @param response the beginning of the answer's body, or null
 * @param error why it does not count, or null if it does
 */
public record MessageAttempt(
        int number,
        Instant at,
        long durationMillis,
        @Nullable Integer status,
        @Nullable String response,
        @Nullable String error) {

    static MessageAttempt from(Row row) {
        return new MessageAttempt(
                row.integer("number"),
                row.time("at"),
                row.number("duration_millis"),
                row.integerOrNull("status"),
                row.textOrNull("response"),
                row.textOrNull("error"));
    }
}
