package io.slipway.api.problem;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
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
                String hint = nearest(name)
                        .map(near -> "did you mean `" + near + "`?")
                        .orElse(
                                names.isEmpty()
                                        ? "this call has none."
                                        : "known are " + String.join(", ", names) + ".");
                throw new ProblemException(
                                ProblemType.PARAMETER_UNKNOWN, "There is no query parameter `" + name + "`: " + hint)
                        .with("parameter", name)
                        .with("nearest", nearest(name).orElse(null));
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

    private Optional<String> nearest(String name) {
        return names.stream()
                .filter(known -> distance(name, known) <= Math.max(2, known.length() / 3))
                .min(Comparator.comparingInt(known -> distance(name, known)));
    }

    /** Levenshtein distance, regardless of case; names that are far longer than any parameter are infinitely far. */
    private static int distance(String a, String b) {
        if (a.length() > 64) {
            return Integer.MAX_VALUE;
        }
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                int substituted = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
