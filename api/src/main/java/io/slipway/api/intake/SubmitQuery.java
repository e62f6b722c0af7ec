package io.slipway.api.intake;

import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.QueryText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The query of {@code POST /v1/builds}: {@code wait}, which is about the answer and so may stand there whatever the body is, and the build's options.
 *
 * @param time the value of {@code wait}, or null
 * @param options the rest as it came; null if there is none
 */
record SubmitQuery(@Nullable String time, @Nullable String options) {
    private static final String WAIT = "wait";
    private static final KnownParameters WAIT_ONLY = KnownParameters.of(WAIT);

    /**
     * Takes a query apart.
     *
     * @param query as it came, without the question mark, or null
     * @throws ProblemException if {@code wait} stands there without a value, or twice
     */
    static SubmitQuery of(@Nullable String query) {
        if (query == null) {
            return new SubmitQuery(null, null);
        }
        List<String> waits = new ArrayList<>();
        List<String> options = new ArrayList<>();
        for (String parameter : query.split("&")) {
            if (!parameter.isEmpty()) {
                (isWait(parameter) ? waits : options).add(parameter);
            }
        }
        WAIT_ONLY.check(String.join("&", waits));
        return new SubmitQuery(
                waits.isEmpty() ? null : QueryText.decoded(waits.getFirst().split("=", 2)[1]),
                options.isEmpty() ? null : String.join("&", options));
    }

    private static boolean isWait(String parameter) {
        try {
            return QueryText.decoded(parameter.split("=", 2)[0]).equals(WAIT);
        } catch (IllegalArgumentException e) {
            return false; // who reads the options says so
        }
    }
}
