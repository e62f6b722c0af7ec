package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.instruction.GitAddress;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The value of {@code --build-context NAME=VALUE}: where a named context comes from. */
public sealed interface ContextAddress {
    /** A directory of whoever asks for the build. */
    record Directory(String path) implements ContextAddress {}

    /**
     * {@code docker-image://NAME}: an image of a registry.
     *
     * @param name well-formed, or {@code scratch}
     */
    record Image(String name) implements ContextAddress {}

    /**
     * A git repository.
     *
     * @param written the whole value
     */
    record Git(String written, GitAddress address) implements ContextAddress {}

    /** {@code https://…} and {@code http://…}: an archive. */
    record Http(String url) implements ContextAddress {}

    /**
     * {@code oci-layout://PATH[:TAG|@DIGEST]}: an image in an OCI layout of whoever asks for the build.
     *
     * @param name tag or digest of the image; null for the only one
     */
    record Layout(String path, @Nullable String name) implements ContextAddress {}

    /** {@code slipway://ID}: the image that another build of the same project made. */
    record Build(String id) implements ContextAddress {}

    /**
     * Reads a value.
     *
     * @throws InvalidValueException if it is empty, or what stands after a prefix can't be meant
     */
    static ContextAddress parse(String value) {
        if (value.isEmpty()) {
            throw new InvalidValueException("it is empty", "name " + Kinds.ALL);
        }
        if (GitAddress.isGit(value)) {
            GitAddress address = GitAddress.parse(value);
            if (address != null) {
                return new Git(value, address);
            }
        }
        Matcher scheme = Kinds.SCHEME.matcher(value);
        if (!scheme.matches()) {
            return new Directory(value);
        }
        String rest = scheme.group(2);
        return switch (scheme.group(1)) {
            case "http", "https" -> new Http(value);
            case "docker-image" -> image(rest);
            case "oci-layout" -> layout(rest);
            case "slipway" -> new Build(rest);
            default ->
                throw new InvalidValueException(
                        scheme.group(1) + ":// is no kind of context",
                        Suggestion.hint(scheme.group(1), Kinds.SCHEMES) == null
                                ? "name " + Kinds.ALL
                                : Suggestion.hint(scheme.group(1), Kinds.SCHEMES));
        };
    }

    /**
     * An image by name.
     *
     * @throws InvalidValueException if it is none
     */
    static Image image(String name) {
        if (!name.equals("scratch")) {
            ImageName.check(name);
        }
        return new Image(name);
    }

    private static Layout layout(String rest) {
        Matcher digest = Kinds.DIGEST.matcher(rest);
        Matcher tag = Kinds.TAG.matcher(rest);
        Matcher named = digest.matches() ? digest : tag;
        Layout layout = named.matches() ? new Layout(named.group(1), named.group(2)) : new Layout(rest, null);
        if (layout.path().isEmpty()) {
            throw new InvalidValueException("oci-layout:// names no directory", "write oci-layout://PATH:TAG");
        }
        return layout;
    }

    /** How values are told apart. */
    final class Kinds {
        private static final Pattern SCHEME = Pattern.compile("(?s)([a-z][a-z0-9+.-]*)://(.*)");
        private static final Pattern DIGEST = Pattern.compile("(?s)(.*)@(sha256:[0-9a-f]{64})");
        private static final Pattern TAG = Pattern.compile("(?s)(.*):([\\w][\\w.-]{0,127})");
        private static final List<String> SCHEMES =
                List.of("docker-image", "oci-layout", "https", "http", "git", "ssh", "slipway");
        private static final String ALL =
                "a directory, docker-image://NAME, oci-layout://PATH, slipway://BUILD, or the URL of a git repository or an archive";

        private Kinds() {}
    }
}
