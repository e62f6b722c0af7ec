package io.slipway.api.build;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a caller is willing to wait for a build's end: {@code ?wait=30s} or {@code Prefer: wait=30} (RFC 7240, section 4.3). */
final class WaitTime {
    private static final Pattern QUERY = Pattern.compile("([0-9]{1,9})(ms|s|m)?");
    private static final Pattern PREFERENCE = Pattern.compile("(?:^|[,;\\s])wait\\s*=\\s*\"?([0-9]{1,9})\"?");

    private WaitTime() {}

    /**
     * The shorter of what was asked for and {@code limit}; zero when nothing was.
     *
     * @param query the parameter {@code wait}, or null; a number alone is seconds
     * @param prefer the header {@code Prefer}, or an empty text; the parameter wins
     */
    static Duration of(@Nullable String query, String prefer, Duration limit) {
        Duration wait = query != null ? parse(query) : preference(prefer);
        return wait.compareTo(limit) < 0 ? wait : limit;
    }

    private static Duration parse(String text) {
        Matcher matcher = QUERY.matcher(text);
        if (!matcher.matches()) {
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID,
                            "`wait` must be like 30s, 500ms or 1m, but is `" + text + "`.")
                    .with("parameter", "wait");
        }
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2);
        return unit == null || unit.equals("s")
                ? Duration.ofSeconds(number)
                : unit.equals("m") ? Duration.ofMinutes(number) : Duration.ofMillis(number);
    }

    /** A preference that can't be read is ignored, as RFC 7240 asks. */
    private static Duration preference(String prefer) {
        Matcher matcher = PREFERENCE.matcher(prefer);
        return matcher.find() ? Duration.ofSeconds(Long.parseLong(matcher.group(1))) : Duration.ZERO;
    }
}
