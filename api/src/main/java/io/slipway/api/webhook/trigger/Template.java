package io.slipway.api.webhook.trigger;

import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.problem.UnknownName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A text with placeholders, {@code app-{branch}}; {@code {{} and {@code }}} stand for braces. Immutable. */
final class Template {
    /** A piece of text, or a placeholder. */
    private record Part(String text, @Nullable Placeholder placeholder) {}

    private final List<Part> parts;

    private Template(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /**
     * Parses a template.
     *
     * @param field where it stands, for those who made a mistake
     * @throws ProblemException if a placeholder is unknown, or a brace has no partner
     */
    static Template parse(String field, String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if ((c == '{' || c == '}') && text.startsWith(String.valueOf(c), i + 1)) {
                plain.append(c);
                i += 2;
            } else if (c == '{') {
                int end = text.indexOf('}', i);
                if (end < 0) {
                    throw brace(field, "has a { without a }");
                }
                parts.add(new Part(plain.toString(), placeholder(field, text.substring(i + 1, end))));
                plain.setLength(0);
                i = end + 1;
            } else if (c == '}') {
                throw brace(field, "has a } without a {");
            } else {
                plain.append(c);
                i++;
            }
        }
        parts.add(new Part(plain.toString(), null));
        return new Template(parts);
    }

    private static ProblemException brace(String field, String fault) {
        return BodyFields.invalid(field, "The template " + field + " " + fault + ".", "write {{ and }} for braces");
    }

    private static Placeholder placeholder(String field, String name) {
        Optional<Placeholder> known = Placeholder.parse(name);
        if (known.isPresent()) {
            return known.get();
        }
        UnknownName unknown = UnknownName.of("placeholder", name, Placeholder.names());
        throw new ProblemException(
                        ProblemType.PARAMETER_INVALID, "The template " + field + " has an " + unknown.message())
                .with("parameter", field)
                .with("hint", unknown.hint());
    }

    /**
     * The text for an event.
     *
     * @param values what a placeholder stands for, or null if the event has no such thing
     * @return null if a placeholder stands for nothing
     */
    @Nullable
    String fill(Function<Placeholder, @Nullable String> values) {
        StringBuilder filled = new StringBuilder();
        for (Part part : parts) {
            filled.append(part.text());
            if (part.placeholder() != null) {
                String value = values.apply(part.placeholder());
                if (value == null || value.isEmpty()) {
                    return null;
                }
                filled.append(value);
            }
        }
        return filled.toString();
    }

    /** The text before the first placeholder; all of it if there is none. */
    String head() {
        return parts.getFirst().text();
    }

    /** Whether there are any placeholders. */
    boolean isPlain() {
        return parts.size() == 1;
    }
}
