package io.slipway.api.conditional;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The entity tags that a request names in a header, {@code If-Match} or {@code If-None-Match} (RFC 9110, sections 8.8.3 and 13.1). Immutable.
 *
 * @param any whether it is {@code *}: whatever there is
 * @param tags as they stand there, with their quotes and {@code W/}
 */
record EntityTags(boolean any, List<String> tags) {
    private static final Pattern TAG = Pattern.compile("\\G[ \\t]*((?:W/)?\"[!#-~\\x80-\\xff]*\")[ \\t]*(?:,|$)");

    EntityTags {
        tags = List.copyOf(tags);
    }

    /**
     * Those of a header, or empty if the request does not have it.
     *
     * @throws ProblemException {@link ProblemType#PARAMETER_INVALID} if it is no list of tags
     */
    static Optional<EntityTags> of(HttpServletRequest request, String header) {
        List<String> lines = Collections.list(request.getHeaders(header));
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        String value = String.join(",", lines).strip();
        if (value.equals("*")) {
            return Optional.of(new EntityTags(true, List.of()));
        }
        List<String> tags = new ArrayList<>();
        Matcher matcher = TAG.matcher(value);
        int end = 0;
        while (matcher.find()) {
            tags.add(matcher.group(1));
            end = matcher.end();
        }
        if (tags.isEmpty() || end != value.length()) {
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID, "The header " + header + " is no list of entity tags.")
                    .with("parameter", header)
                    .with("hint", "a tag is sent as it came in the header ETag, with its quotation marks; or *");
        }
        return Optional.of(new EntityTags(false, tags));
    }

    /** Whether {@code tag} is among them, byte for byte the same; weak tags never are. */
    boolean matchStrongly(String tag) {
        return any || (!tag.startsWith("W/") && tags.contains(tag));
    }

    /** Whether {@code tag} is among them, weak or not. */
    boolean matchWeakly(String tag) {
        return any || tags.stream().anyMatch(known -> opaque(known).equals(opaque(tag)));
    }

    private static String opaque(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
