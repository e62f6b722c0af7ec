package io.slipway.api.problem;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters that a call knows; any other is refused, with the name that was probably meant, and so is one without a value, or given twice.
 * Immutable.
 */
public final class KnownParameters {
    private final Set<String> names;
    private final Set<String> flags;
    private final Set<String> repeated;

    private KnownParameters(Set<String> names, Set<String> flags, Set<String> repeated) {
        this.names = new TreeSet<>(names);
        this.flags = Set.copyOf(flags);
        this.repeated = Set.copyOf(repeated);
    }

    /** A call that knows these. */
    public static KnownParameters of(String... names) {
        return new KnownParameters(Set.of(names), Set.of(), Set.of());
    }

    /** These, of which one may also stand alone: {@code ?follow} is {@code ?follow=true}. */
    public KnownParameters withFlag(String name) {
        Set<String> all = new TreeSet<>(flags);
        all.add(name);
        return new KnownParameters(names, all, repeated);
    }

    /** These, of which some may be given more than once. */
    public KnownParameters withRepeated(String... several) {
        return new KnownParameters(names, flags, Set.of(several));
    }

    /**
     * Refuses the request when its query has another parameter, one without a value, or one twice. Reads the query string only: asking the servlet container for
     * parameters would swallow the body of a form-encoded POST.
     *
     * @throws ProblemException {@link ProblemType#PARAMETER_UNKNOWN} or {@link ProblemType#PARAMETER_INVALID}
     */
    public void check(HttpServletRequest request) {
        check(request.getQueryString());
    }

    /**
     * The same for a call that has no use for a body: one is refused.
     *
     * @throws ProblemException also {@link ProblemType#REQUEST_INVALID}
     */
    public void checkWithoutBody(HttpServletRequest request) throws IOException {
        check(request);
        long length = request.getContentLengthLong();
        if (length > 0 || (length < 0 && request.getInputStream().read() >= 0)) {
            throw new ProblemException(ProblemType.REQUEST_INVALID, "This call takes no body.")
                    .with("hint", "leave the body out");
        }
    }

    /**
     * The same for a query, or a part of one, as it came: without the question mark; null has none.
     *
     * @throws ProblemException as for a request
     */
    public void check(@Nullable String query) {
        if (query == null) {
            return;
        }
        Set<String> given = new HashSet<>();
        for (String pair : query.split("&")) {
            String[] parts = pair.split("=", 2);
            String name = decode(parts[0]);
            if (!name.isEmpty() && !names.contains(name)) {
                UnknownName unknown = UnknownName.of("query parameter", name, names);
                throw new ProblemException(ProblemType.PARAMETER_UNKNOWN, unknown.message())
                        .with("parameter", name)
                        .with("hint", unknown.hint());
            }
            if (parts.length == 2) {
                decode(parts[1]);
            }
            if (!name.isEmpty() && !given.add(name) && !repeated.contains(name)) {
                throw new ProblemException(ProblemType.PARAMETER_INVALID, "`" + name + "` is given more than once.")
                        .with("parameter", name);
            }
            boolean alone = parts.length == 1;
            if (!name.isEmpty() && (alone ? !flags.contains(name) : parts[1].isEmpty())) {
                throw new ProblemException(
                                ProblemType.PARAMETER_INVALID,
                                "`" + name + "` " + (alone ? "has no value." : "is empty."))
                        .with("parameter", name)
                        .with("hint", "leave it out for the default");
            }
        }
    }

    private static String decode(String text) {
        try {
            return QueryText.decoded(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                            ProblemType.REQUEST_INVALID,
                            "The query has a % that is no percent-encoding of a text: " + text)
                    .with("hint", "encode the text as UTF-8");
        }
    }
}
