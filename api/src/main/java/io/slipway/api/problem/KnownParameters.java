package io.slipway.api.problem;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The query parameters that a call knows; any other is refused, with the name that was probably meant. Immutable. */
public final class KnownParameters {
    private final Set<String> names;

    private KnownParameters(Set<String> names) {
        this.names = new TreeSet<>(names);
    }

    /** A call that knows these. */
    public static KnownParameters of(String... names) {
        return new KnownParameters(Set.of(names));
    }

    /**
     * Refuses the request when its query has another parameter. Reads the query string only: asking the servlet container for
     * parameters would swallow the body of a form-encoded POST.
     *
     * @throws ProblemException {@link ProblemType#PARAMETER_UNKNOWN}
     */
    public void check(HttpServletRequest request) {
        check(request.getQueryString());
    }

    void check(@Nullable String query) {
        if (query == null) {
            return;
        }
        for (String pair : query.split("&")) {
            String name = decode(pair.split("=", 2)[0]);
            if (!name.isEmpty() && !names.contains(name)) {
                UnknownName unknown = UnknownName.of("query parameter", name, names);
                throw new ProblemException(ProblemType.PARAMETER_UNKNOWN, unknown.message())
                        .with("parameter", name)
                        .with("hint", unknown.hint());
            }
        }
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ProblemType.REQUEST_INVALID, "The query has a broken percent-encoding: " + text);
        }
    }
}
