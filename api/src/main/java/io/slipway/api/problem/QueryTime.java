package io.slipway.api.problem;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A time in a query string. */
public final class QueryTime {
    private static final int LAST_YEAR = 9999;

    private QueryTime() {}

    /**
     * The time that a parameter says.
     *
     * @param text RFC 3339, section 5.6, with a year from 1 to 9999; null is answered with null
     * @throws ProblemException {@link ProblemType#PARAMETER_INVALID}
     */
    public static @Nullable Instant of(String parameter, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            OffsetDateTime time = OffsetDateTime.parse(text);
            if (time.getYear() >= 1 && time.getYear() <= LAST_YEAR) {
                return time.toInstant();
            }
        } catch (DateTimeException e) {
            // The same as a year that is too far away.
        }
        throw new ProblemException(
                        ProblemType.PARAMETER_INVALID,
                        "`" + parameter + "` must be a time like 2026-11-30T09:12:40Z (a + percent-encoded), but is `"
                                + text + "`.")
                .with("parameter", parameter);
    }
}
