package io.slipway.api.webhook.trigger;

import io.slipway.api.problem.BodyFields;
import io.slipway.image.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A template of an image's name, {@code registry.example/{repository}:{branch}}. What branches and tags are called need not be what an image can be
 * called (OCI distribution specification 1.1, "Pulling manifests"): what a name or a tag can't have becomes a hyphen. The registry's host is
 * the trigger's alone to say: whoever names a branch must not choose where images go. Immutable.
 */
final class ImageName {
    private static final int MOST_TAG = 128;
    private static final int HASH_DIGITS = 8;

    private final Template name;
    private final @Nullable Template tag;

    private ImageName(Template name, @Nullable Template tag) {
        this.name = name;
        this.tag = tag;
    }

    /**
     * Parses a template.
     *
     * @throws io.slipway.api.problem.ProblemException if it is none, or lets an event choose the host
     */
    static ImageName parse(String field, String text) {
        int colon = text.indexOf(':', text.lastIndexOf('/') + 1);
        Template name = Template.parse(field, colon < 0 ? text : text.substring(0, colon));
        if (!name.isPlain() && name.head().indexOf('/') < 0) {
            throw BodyFields.invalid(
                    field,
                    "The template " + field + " lets the event choose the registry: " + text + ".",
                    "write the registry's host, such as registry.example/{repository}:{branch}");
        }
        return new ImageName(name, colon < 0 ? null : Template.parse(field, text.substring(colon + 1)));
    }

    /** The name for an event, or null if it has not all that the template asks for. */
    @Nullable
    String fill(Function<Placeholder, @Nullable String> values) {
        String filled = name.fill(placeholder -> component(placeholder, values.apply(placeholder)));
        if (filled == null || tag == null) {
            return filled;
        }
        String plain = tag.fill(values);
        String clean = tag.fill(placeholder -> tagPart(values.apply(placeholder)));
        return plain == null || clean == null ? null : filled + ":" + limited(clean, plain);
    }

    /** What can be part of a tag: letters, digits, low lines, dots and hyphens; it begins with a letter, a digit or a low line. */
    static @Nullable String tagPart(@Nullable String value) {
        return value == null ? null : value.replaceAll("[^A-Za-z0-9_.-]", "-");
    }

    private static String limited(String clean, String plain) {
        String begun = clean.startsWith(".") || clean.startsWith("-") ? "_" + clean.substring(1) : clean;
        return limited(begun, plain, MOST_TAG);
    }

    /**
     * Long ones end in a hash of all, so that two that begin alike stay two.
     *
     * @param plain what the hash is of: the text before anything was replaced in it
     */
    static String limited(String text, String plain, int most) {
        if (text.length() <= most) {
            return text;
        }
        String hash = Digest.of(plain.getBytes(StandardCharsets.UTF_8)).hex().substring(0, HASH_DIGITS);
        return text.substring(0, most - HASH_DIGITS - 1) + "-" + hash;
    }

    /** What can be a component of a name: lower-case letters and digits, with single separators between them. */
    private static @Nullable String component(Placeholder placeholder, @Nullable String value) {
        if (value == null) {
            return null;
        }
        String lower = value.toLowerCase(Locale.ROOT);
        // Of all values only a repository's has parts of its own.
        return placeholder == Placeholder.REPOSITORY
                ? lower.replaceAll("[^a-z0-9._/-]", "-")
                        .replaceAll("[._-]{2,}", "-")
                        .replaceAll("[._-]*/+[._-]*", "/")
                        .replaceAll("^[._/-]+|[._/-]+$", "")
                : lower.replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    }
}
