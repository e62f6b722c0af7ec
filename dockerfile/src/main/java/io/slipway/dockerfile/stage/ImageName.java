package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whether a word can be the name of an image (distribution/reference, {@code ParseNormalizedNamed}). */
final class ImageName {

    private static final String DOMAIN_PART = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    private static final Pattern DOMAIN =
            Pattern.compile("(?:" + DOMAIN_PART + "(?:\\." + DOMAIN_PART + ")*|\\[[a-fA-F0-9:]+])(?::[0-9]+)?");
    private static final String PATH_PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+";
    private static final Pattern PATH = Pattern.compile(PATH_PART + "(?:/" + PATH_PART + ")*+");
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
    private static final Pattern DIGEST =
            Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*+:[0-9a-fA-F]{32,}");
    private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");
    private static final int LONGEST = 600;

    private ImageName() {}

    /**
     * @throws InvalidValueException if {@code name} cannot be an image
     */
    static void check(String name) {
        if (name.length() > LONGEST || BARE_ID.matcher(name).matches()) {
            throw refusal(name, null);
        }
        int at = name.indexOf('@');
        String tagged = at < 0 ? name : name.substring(0, at);
        if (at >= 0 && !DIGEST.matcher(name.substring(at + 1)).matches()) {
            throw refusal(name, "what stands after @ is not a digest");
        }
        int slash = tagged.indexOf('/');
        String first = slash < 0 ? "" : tagged.substring(0, slash);
        boolean domain = slash >= 0
                && (first.contains(".")
                        || first.contains(":")
                        || first.equals("localhost")
                        || !first.equals(first.toLowerCase(Locale.ROOT)));
        String rest = domain ? tagged.substring(slash + 1) : tagged;
        int colon = rest.indexOf(':');
        String path = colon < 0 ? rest : rest.substring(0, colon);
        if (domain && !DOMAIN.matcher(first).matches()) {
            throw refusal(name, null);
        }
        if (!path.equals(path.toLowerCase(Locale.ROOT))) {
            throw refusal(name, "names of images are in small letters");
        }
        if (!PATH.matcher(path).matches()) {
            throw refusal(name, null);
        }
        if (colon >= 0 && !TAG.matcher(rest.substring(colon + 1)).matches()) {
            throw refusal(name, rest.endsWith(":") ? "the tag after the colon is empty" : null);
        }
    }

    static boolean isValid(String name) {
        try {
            check(name);
            return true;
        } catch (InvalidValueException e) {
            return false;
        }
    }

    private static InvalidValueException refusal(String name, @Nullable String hint) {
        return new InvalidValueException("\"" + name + "\" is not the name of an image", hint, name);
    }
}
