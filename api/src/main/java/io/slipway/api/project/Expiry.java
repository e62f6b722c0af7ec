package io.slipway.api.project;

import io.slipway.api.problem.BodyFields;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** When a token is to expire: at a time, or after one. */
final class Expiry {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([smhd])");
    private static final Duration LONGEST = Duration.ofDays(3650);

    private Expiry() {}

    /** What the fields {@code expiresIn} and {@code expiresAt} say; null if neither is there. */
    static @Nullable Instant of(BodyFields fields, Instant now) {
        String in = fields.text("expiresIn");
        String at = fields.text("expiresAt");
        if (in != null && at != null) {
            throw BodyFields.invalid("expiresAt", "Of expiresIn and expiresAt only one can be given.", null);
        }
        Instant expiry = in != null ? now.plus(duration(in)) : at != null ? time(at) : null;
        if (expiry != null && (!expiry.isAfter(now) || expiry.isAfter(now.plus(LONGEST)))) {
            throw BodyFields.invalid(
                    in != null ? "expiresIn" : "expiresAt",
                    "A token must expire in the future, within " + LONGEST.toDays() + " days.",
                    "leave it out for a token that does not expire");
        }
        return expiry;
    }

    private static Duration duration(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw BodyFields.invalid(
                    "expiresIn", "expiresIn is not a time such as 12h or 90d.", "a number and s, m, h or d");
        }
        long count = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    private static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw BodyFields.invalid("expiresAt", "expiresAt is not a time.", "write it as 2030-01-31T12:00:00Z");
        }
    }
}
