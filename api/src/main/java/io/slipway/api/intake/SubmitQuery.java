package io.slipway.api.intake;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
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
        String wait = null;
        List<String> options = new ArrayList<>();
        for (String parameter : query.split("&")) {
            if (!parameter.equals(WAIT) && !parameter.startsWith(WAIT + "=")) {
                options.add(parameter);
            } else if (wait != null) {
                throw invalid("`wait` is given more than once.");
            } else {
                wait = parameter.substring(Math.min(WAIT.length() + 1, parameter.length()));
                if (wait.isEmpty()) {
                    throw invalid("`wait` has no value.");
                }
            }
        }
        return new SubmitQuery(wait, options.isEmpty() ? null : String.join("&", options));
    }

    private static ProblemException invalid(String sentence) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, sentence)
                .with("parameter", WAIT)
                .with("hint", "write wait=30s, or leave it out");
    }
}
