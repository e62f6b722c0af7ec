package io.slipway.api.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.problem.QueryText;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list somebody asks for.
 *
 * @param size how many there are on a page at most
 * @param after the key of the last one on the page before; empty for the first page
 */
public record PageRequest(int size, String after) {
    /** The most that a caller can ask for. */
    public static final int MOST = 100;

    private static final int USUAL = 30;

    /**
     * From the query parameters of these names.
     *
     * @throws ProblemException if one of them is not of its form
     */
    public static PageRequest of(@Nullable String limit, @Nullable String cursor) {
        return new PageRequest(size(limit), cursor == null ? "" : key(cursor));
    }

    /** How many to look up: one more than the page has, which tells whether there is another. */
    public int lookup() {
        return size + 1;
    }

    /** The problem of a cursor that no page had. */
    public static ProblemException unknownCursor() {
        return invalid("cursor", "`cursor` is not one that a page of this list had.");
    }

    static String cursor(String key) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(UTF_8));
    }

    private static String key(String cursor) {
        try {
            return QueryText.of(Base64.getUrlDecoder().decode(cursor));
        } catch (IllegalArgumentException e) {
            throw unknownCursor();
        }
    }

    private static int size(@Nullable String limit) {
        if (limit == null) {
            return USUAL;
        }
        if (!limit.matches("[0-9]{1,4}") || Integer.parseInt(limit) < 1 || Integer.parseInt(limit) > MOST) {
            throw invalid("limit", "`limit` must be a number between 1 and " + MOST + ", but is `" + limit + "`.");
        }
        return Integer.parseInt(limit);
    }

    private static ProblemException invalid(String parameter, String detail) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, detail).with("parameter", parameter);
    }
}
