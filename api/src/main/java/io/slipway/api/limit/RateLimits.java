package io.slipway.api.limit;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.SubmitRates;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Holds requests for builds to their project's rate, and tells callers how they stand in the headers of
 * draft-ietf-httpapi-ratelimit-headers. Thread-safe.
 */
@Component
public final class RateLimits {
    private static final String POLICY = "submits";

    private final SubmitRates rates;

    RateLimits(SubmitRates rates) {
        this.rates = rates;
    }

    /**
     * Counts a request.
     *
     * @param perMinute how many may come within a minute
     * @param response gets the headers, whatever the request comes to
     * @throws ProblemException {@link ProblemType#RATE_LIMITED} if it is one too many
     */
    public void spend(String project, long perMinute, HttpServletResponse response) {
        SubmitRates.Spent spent = rates.spend(project, perMinute);
        response.setHeader("RateLimit-Policy", "\"" + POLICY + "\";q=" + perMinute + ";w=60");
        response.setHeader("RateLimit", "\"" + POLICY + "\";r=" + spent.remaining() + ";t=" + seconds(spent.reset()));
        if (!spent.accepted()) {
            long wait = Math.max(1, seconds(spent.retryAfter()));
            throw new ProblemException(
                            ProblemType.RATE_LIMITED,
                            "The project `" + project + "` has submitted " + perMinute
                                    + " builds within a minute, as many as it may.")
                    .header(HttpHeaders.RETRY_AFTER, Long.toString(wait));
        }
    }

    private static long seconds(Duration duration) {
        return (duration.toMillis() + 999) / 1000;
    }
}
