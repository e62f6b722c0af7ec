package io.slipway.worker.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Knows credentials by how they look: private keys, and tokens with the prefixes that their issuers gave them so that they can be found. What only
 * might be one is none. Immutable; thread-safe.
 */
final class Credentials {
    /** What is compared after a prefix was found: enough for any token, and for the first lines of a key. */
    private static final int REGION = 1024;
    /** How far from its id the other half of an AWS access key may be. */
    private static final int NEARBY = 400;

    private static final Pattern AWS_SECRET = Pattern.compile("(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])");
    private static final Pattern DOCKER_AUTH = Pattern.compile("\"auth\"\\s*:\\s*\"[A-Za-z0-9+/]{8,2000}={0,2}\"");
    private static final Pattern NETRC =
            Pattern.compile("(?m)^\\s*(?:machine\\s|default\\s).{0,500}?\\bpassword\\s+\\S", Pattern.DOTALL);

    /** Packages bring keys and tokens that are nobody's: test data and examples. */
    private static final Pattern NOBODYS = Pattern.compile("usr/(?:local/)?(?:share|lib(?:32|64)?|include|src|go)/.*"
            + "|(?:.*/)?(?:tests?|testdata|testing|__tests__|specs?|fixtures?|examples?|samples?|docs?|node_modules"
            + "|site-packages|dist-packages|gems|vendor)/.*");

    /**
     * A format.
     *
     * @param prefix what it begins with
     * @param whole all of it, or null if more than a pattern is needed
     */
    private record Format(
            String name, String prefix, @Nullable Pattern whole) {
        static Format token(String name, String prefix, String rest) {
            return new Format(name, prefix, Pattern.compile(Pattern.quote(prefix) + rest + "(?![A-Za-z0-9])"));
        }
    }

    private static final List<Format> FORMATS = formats();
    private static final Needles PREFIXES = new Needles(
            FORMATS.stream().map(format -> format.prefix().getBytes(ISO_8859_1)).toList());

    private Credentials() {}

    private static List<Format> formats() {
        List<Format> formats = new ArrayList<>();
        formats.add(new Format(
                "a private key",
                "-----BEGIN ",
                Pattern.compile("-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----\\s{0,4}\\n"
                        + "(?:[A-Za-z-]{1,40}: [^\\n]{0,200}\\n){0,4}\\s{0,4}[A-Za-z0-9+/=]{40}")));
        for (String prefix : List.of("AKIA", "ASIA")) {
            formats.add(new Format("an AWS access key", prefix, null));
        }
        for (char kind : "pousr".toCharArray()) {
            formats.add(Format.token("a GitHub token", "gh" + kind + "_", "[A-Za-z0-9]{36}"));
        }
        formats.add(Format.token("a GitHub token", "github_pat_", "[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"));
        formats.add(Format.token("a GitLab token", "glpat-", "[A-Za-z0-9_-]{20,100}"));
        for (char kind : "abeoprs".toCharArray()) {
            formats.add(Format.token("a Slack token", "xox" + kind + "-", "[0-9]{8,20}-[A-Za-z0-9-]{16,200}"));
        }
        // Those for callers, and those for the administrator that earlier versions made.
        formats.add(Format.token("a Slipway token", "slp_", "[A-Za-z0-9_-]{43}"));
        formats.add(Format.token("a Slipway token", "slw_", "[A-Za-z0-9_-]{43}"));
        formats.add(Format.token("an npm token", "npm_", "[A-Za-z0-9]{36}"));
        formats.add(Format.token("a Google API key", "AIza", "[A-Za-z0-9_-]{35}"));
        return List.copyOf(formats);
    }

    /** Whether such a file may hold credentials that are somebody's. */
    static boolean concerns(String path) {
        return !NOBODYS.matcher(path).matches();
    }

    /**
     * What the first {@code length} bytes of a text have, or null.
     *
     * @param path the file that it is of, or empty
     */
    static @Nullable String find(String path, byte[] text, int length) {
        String byPlace = byPlace(path, text, length);
        if (byPlace != null) {
            return byPlace;
        }
        String[] found = new String[1];
        PREFIXES.find(text, length, (needle, offset) -> {
            Format format = FORMATS.get(needle);
            if ((offset > 0 && isWord(text[offset - 1])) || !isWhole(format, text, offset, length)) {
                return true;
            }
            found[0] = format.name();
            return false;
        });
        return found[0];
    }

    private static boolean isWhole(Format format, byte[] text, int offset, int length) {
        if (format.whole() == null) {
            return isAwsKey(text, offset, length);
        }
        String region = new String(text, offset, Math.min(REGION, length - offset), ISO_8859_1);
        return format.whole().matcher(region).lookingAt();
    }

    /** An id is public; with its secret nearby it opens doors. */
    private static boolean isAwsKey(byte[] text, int offset, int length) {
        int end = offset + 20;
        if (end > length || (end < length && isWord(text[end]))) {
            return false;
        }
        for (int i = offset; i < end; i++) {
            if (!((text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= '2' && text[i] <= '7'))) {
                return false;
            }
        }
        if (new String(text, offset, 20, ISO_8859_1).endsWith("EXAMPLE")) {
            return false;
        }
        int from = Math.max(0, offset - NEARBY);
        String around = new String(text, from, Math.min(length, end + NEARBY) - from, ISO_8859_1);
        Matcher secret = AWS_SECRET.matcher(around);
        while (secret.find()) {
            // A digest in hexadecimal is as long, and a path may be.
            String candidate = secret.group();
            if (!candidate.matches("[0-9a-f]+|[0-9A-F]+")
                    && candidate.chars().filter(c -> c == '/').count() < 5) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWord(byte c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    private static @Nullable String byPlace(String path, byte[] text, int length) {
        if (path.endsWith(".docker/config.json") || path.endsWith(".dockercfg")) {
            return DOCKER_AUTH.matcher(new String(text, 0, length, ISO_8859_1)).find()
                    ? "credentials for a registry"
                    : null;
        }
        if (path.equals(".netrc") || path.endsWith("/.netrc")) {
            return NETRC.matcher(new String(text, 0, length, ISO_8859_1)).find() ? "a password for a server" : null;
        }
        return null;
    }
}
