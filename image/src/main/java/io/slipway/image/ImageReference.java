package io.slipway.image;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image, {@code [host[:port]/]path[:tag][@digest]}, in the grammar of the distribution project's reference
 * package, which Docker, BuildKit and registries share. Names without a host mean {@code docker.io}, and there names of
 * one part mean {@code library/NAME}.
 *
 * @param host registry host with optional port, such as {@code docker.io} or {@code 127.0.0.1:5000}
 * @param path repository within the host, such as {@code library/debian}
 * @param tag the tag, or null when only the digest counts
 * @param digest the manifest's digest, or null
 */
public record ImageReference(
        String host,
        String path,
        @Nullable String tag,
        @Nullable Digest digest) {
    /** The host that names without a host belong to. */
    public static final String DEFAULT_HOST = "docker.io";

    /** The tag that names without tag and digest mean. */
    public static final String DEFAULT_TAG = "latest";

    private static final String DEFAULT_NAMESPACE = "library/";
    private static final int MAX_NAME_CHARS = 255;
    private static final int MAX_PORT = 65_535;

    private static final String HOST_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    private static final Pattern HOST =
            Pattern.compile("(?:" + HOST_PART + "(?:\\." + HOST_PART + ")*|\\[[a-fA-F0-9:]+])(?::[0-9]{1,5})?");
    private static final Pattern PATH_PART = Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-f0-9]{64}");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if a part is not in the grammar, or there is neither tag nor digest
     */
    public ImageReference {
        if (!HOST.matcher(host).matches()) {
            throw invalid(host + "/" + path, "\"" + host + "\" is not a registry host");
        }
        int port = host.lastIndexOf(':');
        if (port > host.lastIndexOf(']') && Integer.parseInt(host.substring(port + 1)) > MAX_PORT) {
            throw invalid(host + "/" + path, "the port of \"" + host + "\" is larger than " + MAX_PORT);
        }
        checkPath(host, path);
        if (tag != null && !TAG.matcher(tag).matches()) {
            throw invalid(
                    host + "/" + path + ":" + tag,
                    "the tag \"" + tag + "\" may have letters, digits, \"_\", \".\" and \"-\", starts with none of the"
                            + " last two, and has at most 128 characters");
        }
        if (tag == null && digest == null) {
            throw invalid(host + "/" + path, "it has neither a tag nor a digest");
        }
    }

    /**
     * Parses a name as people write it; a name without tag and digest gets the tag {@code latest}.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong and, where that can be told, what was meant
     */
    @JsonCreator
    public static ImageReference parse(String text) {
        if (text.isEmpty()) {
            throw invalid(text, "it is empty");
        }
        if (text.contains("://")) {
            throw invalid(
                    text,
                    "it starts with a URL scheme; write it without \"" + text.substring(0, text.indexOf("://") + 3)
                            + "\"");
        }
        if (!text.equals(text.strip())) {
            throw invalid(text, "it has spaces around it");
        }
        if (IDENTIFIER.matcher(text).matches()) {
            throw invalid(text, "it is 64 hex digits; write NAME@sha256:" + text + " to name an image by digest");
        }
        String rest = text;
        Digest digest = null;
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = digest(text, rest.substring(at + 1));
            rest = rest.substring(0, at);
        }
        String tag = null;
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
            if (tag.isEmpty()) {
                throw invalid(text, "the tag after \":\" is empty");
            }
        }
        String host = DEFAULT_HOST;
        String path = rest;
        int slash = rest.indexOf('/');
        if (slash >= 0 && isHost(rest.substring(0, slash))) {
            host = rest.substring(0, slash);
            path = rest.substring(slash + 1);
            if (host.equals("index.docker.io")) {
                host = DEFAULT_HOST;
            }
        }
        if (host.equals(DEFAULT_HOST) && !path.contains("/")) {
            path = DEFAULT_NAMESPACE + path;
        }
        return new ImageReference(host, path, tag == null && digest == null ? DEFAULT_TAG : tag, digest);
    }

    /**
     * The first of some names that cannot be written to because something else is: another one of them, or one of those taken.
     *
     * @param taken what is written there already
     * @return null if each is a place of its own
     */
    public static @Nullable ImageReference clash(List<ImageReference> names, List<ImageReference> taken) {
        Set<ImageReference> seen = new HashSet<>(taken);
        return names.stream().filter(name -> !seen.add(name)).findFirst().orElse(null);
    }

    /** The repository, {@code host/path}: the canonical name without tag and digest. */
    public String repository() {
        return host + "/" + path;
    }

    /** What a registry calls it within the repository: the digest if there is one, else the tag. */
    public String tagOrDigest() {
        if (digest != null) {
            return digest.toString();
        }
        return tag == null ? DEFAULT_TAG : tag;
    }

    /** The whole name as people write it: without {@code docker.io/} and {@code library/}. */
    public String familiarName() {
        String name = repository();
        if (host.equals(DEFAULT_HOST)) {
            boolean official = path.startsWith(DEFAULT_NAMESPACE) && path.indexOf('/', DEFAULT_NAMESPACE.length()) < 0;
            name = official ? path.substring(DEFAULT_NAMESPACE.length()) : path;
        }
        return name + suffix();
    }

    /** The whole name with every part written out. */
    public String canonicalName() {
        return repository() + suffix();
    }

    /** The same name and tag, pinned to {@code digest}. */
    public ImageReference withDigest(Digest digest) {
        return new ImageReference(host, path, tag, digest);
    }

    /** The same repository under another tag, without a digest. */
    public ImageReference withTag(String tag) {
        return new ImageReference(host, path, tag, null);
    }

    /** {@link #canonicalName()}. */
    @JsonValue
    @Override
    public String toString() {
        return canonicalName();
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    /** The first part of a name is a host if it can't be a part of a path: how Docker tells them apart. */
    private static boolean isHost(String first) {
        return first.contains(".")
                || first.contains(":")
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
    }

    private static Digest digest(String text, String digest) {
        try {
            return Digest.parse(digest);
        } catch (IllegalArgumentException e) {
            throw invalid(text, "\"" + digest + "\" is not a digest (\"sha256:\" and 64 lower-case hex digits)");
        }
    }

    private static void checkPath(String host, String path) {
        String name = host + "/" + path;
        if (name.length() > MAX_NAME_CHARS) {
            throw invalid(name, "it has more than " + MAX_NAME_CHARS + " characters");
        }
        String lower = path.toLowerCase(Locale.ROOT);
        if (!lower.equals(path)) {
            throw invalid(name, "the repository must be lower case; did you mean \"" + lower + "\"?");
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty()) {
                throw invalid(name, "a part between slashes is empty");
            }
            if (!PATH_PART.matcher(part).matches()) {
                throw invalid(
                        name,
                        "\"" + part
                                + "\" may only have lower-case letters and digits, joined by \".\", \"_\", \"__\" or"
                                + " \"-\"");
            }
        }
    }

    private static IllegalArgumentException invalid(String text, String why) {
        return new IllegalArgumentException("\"" + text + "\" is not an image name: " + why);
    }
}
