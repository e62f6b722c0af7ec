package io.slipway.remote.git;

import io.slipway.remote.Authorization;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.net.URISyntaxException;
import java.util.Set;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/** Reads and checks the URLs of repositories. */
final class GitUrls {
    private static final Set<String> SCHEMES = Set.of("https", "http", "ssh", "git");
    private static final int MOST_CHARACTERS = 4096;

    private GitUrls() {}

    /**
     * Parses a repository's URL and checks that it may be used.
     *
     * @throws SourceException if it is malformed, of another scheme, or leads to a denied address
     */
    static URIish checked(String url, GitSettings settings) {
        URIish uri = parsed(url);
        String scheme = scheme(uri);
        if (scheme.equals("file")) {
            if (!settings.allowFile()) {
                throw new SourceException(
                        Kind.UNREACHABLE,
                        "repositories on the service's own disk are not allowed: " + withoutPassword(url),
                        "the setting slipway.git.allow-file=true allows file:// URLs");
            }
            return uri;
        }
        if (!SCHEMES.contains(scheme)) {
            throw new SourceException(
                    Kind.UNREACHABLE,
                    "git URLs of the scheme " + scheme + " are not supported",
                    "use https, http, ssh or git");
        }
        if (uri.getHost() == null || uri.getHost().isEmpty()) {
            throw malformed(url);
        }
        settings.addresses().check(uri.getHost());
        return uri;
    }

    private static URIish parsed(String url) {
        if (url.length() > MOST_CHARACTERS || url.isBlank() || url.codePoints().anyMatch(Character::isISOControl)) {
            throw malformed(url);
        }
        if (url.contains("#")) {
            throw new SourceException(
                    Kind.UNREACHABLE,
                    "the git URL has a fragment: " + withoutPassword(url),
                    "name the reference and the directory in the fields ref and subdirectory");
        }
        try {
            return new URIish(url);
        } catch (URISyntaxException e) {
            throw malformed(url);
        }
    }

    /** {@code git@host:path} has no scheme and is ssh; a bare path has neither scheme nor host and is a file. */
    static String scheme(URIish uri) {
        if (uri.getScheme() != null) {
            return uri.getScheme();
        }
        return uri.getHost() == null ? "file" : "ssh";
    }

    static boolean isHttp(URIish uri) {
        return scheme(uri).equals("http") || scheme(uri).equals("https");
    }

    /** The header that user and password of a URL of http come to, or null. */
    static @Nullable String authorization(URIish uri) {
        if (!isHttp(uri) || (uri.getUser() == null && uri.getPass() == null)) {
            return null;
        }
        String user = uri.getUser() == null ? "git" : uri.getUser();
        return Authorization.basic(user, uri.getPass() == null ? "" : uri.getPass());
    }

    /** Whether credentials for one may be sent to the other: the same scheme, host and port. */
    static boolean sameServer(URIish one, URIish other) {
        return scheme(one).equals(scheme(other))
                && one.getHost() != null
                && one.getHost().equalsIgnoreCase(other.getHost())
                && one.getPort() == other.getPort();
    }

    /** The URL as it may be shown: over http a user's name alone may be a token. */
    static String withoutPassword(String url) {
        String shown = url.length() > 200 ? url.substring(0, 200) + "…" : url;
        return shown.replaceAll("(?i)(https?://)[^/\\s]*@", "$1").replaceAll("(://[^/@:\\s]*):[^/\\s]*@", "$1@");
    }

    private static SourceException malformed(String url) {
        return new SourceException(
                Kind.UNREACHABLE,
                "not a git URL: " + withoutPassword(url),
                "such as https://git.example/team/app.git or git@git.example:team/app.git");
    }
}
