package io.slipway.api.webhook.status;

import io.slipway.api.webhook.RetryAfter;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.remote.http.HttpPost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a git host has answered. */
sealed interface StatusOutcome {
    /** Header fields that say when to try again. */
    List<String> HEADERS = List.of("Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset");

    /** The longest that a host is waited for, whatever it asks for. */
    Duration LONGEST = Duration.ofHours(1);

    /** How long who has called too often is to wait where the host does not say: "at least one minute" (GitHub, "Rate limits for the REST API"). */
    Duration LIMIT_PAUSE = Duration.ofMinutes(1);

    /** The host knows it. */
    record Told() implements StatusOutcome {}

    /**
     * Not now.
     *
     * @param after how long the host wants to be left alone, or null if it does not say
     */
    record Later(String error, @Nullable Duration after) implements StatusOutcome {}

    /** Not so. */
    record Refused(String error) implements StatusOutcome {}

    /**
     * Reads an answer. What stands in its body is not repeated: it is whatever server that somebody has named as the host.
     *
     * @param now by the service's clock
     */
    static StatusOutcome of(HostKind host, HttpPost.Answer answer, Instant now) {
        int status = answer.status();
        String error = "the host has answered with status " + status;
        if (status / 100 == 2) {
            return new Told();
        }
        Duration after = after(answer, now);
        boolean limited = "0".equals(answer.headers().get("X-RateLimit-Remaining"));
        if (status == 429) {
            return new Later(error + " (rate limit)", after == null ? LIMIT_PAUSE : after);
        }
        if (status == 408 || status / 100 == 5) {
            return new Later(error, after);
        }
        // GitHub answers 403 when there were too many calls, primary limit or secondary.
        if (status == 403 && (limited || answer.headers().containsKey("Retry-After"))) {
            return new Later(error + " (rate limit)", after);
        }
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        // Of the secondary limit often only the body says so.
        if (status == 403 && body.toLowerCase(Locale.ROOT).contains("rate limit")) {
            return new Later(error + " (rate limit)", LIMIT_PAUSE);
        }
        if (host == HostKind.GITLAB && status == 400 && body.contains("Cannot transition status")) {
            return new Told(); // it says so already
        }
        return new Refused(
                switch (status) {
                    case 401, 403 -> error + ": the trigger's token is not valid, or may not set statuses";
                    case 404 ->
                        error + ": it does not know the repository or the commit, or does not show them to the token";
                    default -> status / 100 == 3 ? error + ": status.apiUrl is not where its API is" : error;
                });
    }

    private static @Nullable Duration after(HttpPost.Answer answer, Instant now) {
        String seconds = answer.headers().get("Retry-After");
        Duration after = seconds == null ? null : RetryAfter.parse(seconds, now);
        String reset = answer.headers().get("X-RateLimit-Reset");
        boolean limited = "0".equals(answer.headers().get("X-RateLimit-Remaining"));
        if (after == null && limited && reset != null && reset.matches("[0-9]{1,11}")) {
            after = Duration.between(now, Instant.ofEpochSecond(Long.parseLong(reset)));
        }
        if (after == null) {
            return null;
        }
        return after.isNegative() ? Duration.ZERO : after.compareTo(LONGEST) > 0 ? LONGEST : after;
    }
}
