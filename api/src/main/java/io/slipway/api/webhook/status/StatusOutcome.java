package io.slipway.api.webhook.status;

import io.slipway.api.webhook.RetryAfter;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.remote.http.HttpPost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
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
     * Reads the answer to a commit status. What stands in its body is not repeated: it is whatever server that somebody has named as the host.
     *
     * @param now by the database's clock
     */
    static StatusOutcome of(HostKind host, HttpPost.Answer answer, Instant now) {
        if (host == HostKind.GITLAB && answer.status() == 400 && text(answer).contains("Cannot transition status")) {
            return new Told(); // it says so already
        }
        return of(answer, now, StatusOutcome::fault);
    }

    /**
     * Reads an answer.
     *
     * @param now by the database's clock
     * @param fault what is said of a status beside its number, or nothing
     */
    static StatusOutcome of(HttpPost.Answer answer, Instant now, IntFunction<String> fault) {
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
        // Of the secondary limit often only the body says so.
        if (status == 403 && text(answer).toLowerCase(Locale.ROOT).contains("rate limit")) {
            return new Later(error + " (rate limit)", LIMIT_PAUSE);
        }
        return new Refused(
                error + (status / 100 == 3 ? ": status.apiUrl is not where its API is" : fault.apply(status)));
    }

    private static String fault(int status) {
        return switch (status) {
            case 401, 403 -> ": the trigger's token is not valid, or may not set statuses";
            case 404 -> ": it does not know the repository or the commit, or does not show them to the token";
            default -> "";
        };
    }

    private static String text(HttpPost.Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
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
