package io.slipway.remote.git;

import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.eclipse.jgit.errors.NoRemoteRepositoryException;
import org.eclipse.jgit.transport.URIish;

/** Names what went wrong. JGit says most of it in the text of a few exceptions only. */
final class GitErrors {
    private static final int MOST_CAUSES = 20;
    /** JGit's words for a status; a URL, which may have any number in it, stands before the colon. */
    private static final Pattern BUSY = Pattern.compile(": (?:429|500|502|503|504)\\b[^:]*$");

    private static final Pattern FORBIDDEN = Pattern.compile("\\b403\\b");

    private GitErrors() {}

    /** What {@code failure} means for the repository at {@code uri}. */
    static SourceException of(URIish uri, Throwable failure) {
        String url = GitUrls.withoutPassword(uri.toString());
        Throwable cause = failure;
        StringBuilder said = new StringBuilder();
        for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
            switch (cause) {
                case SourceException e -> {
                    return e;
                }
                case NoRemoteRepositoryException e -> {
                    return notFound(url, e);
                }
                case SSLException e -> {
                    return new SourceException(
                            Kind.UNREACHABLE,
                            "no secure connection to the server of " + url + " (" + e.getMessage() + ")",
                            "a certificate of an authority of your own has to be in the file that the setting slipway.ca-file"
                                    + " names",
                            failure);
                }
                case ConnectException _ -> {
                    return unreachable(url, "its server does not accept connections", failure);
                }
                case SocketTimeoutException _ -> {
                    return unreachable(url, "its server does not answer in time", failure);
                }
                case UnknownHostException _ -> {
                    return unreachable(url, "there is no host of this name", failure);
                }
                default -> said.append(cause.getMessage()).append('\n');
            }
            cause = cause.getCause();
        }
        // The URL is whatever its user likes, and may have any of the words and numbers below in it.
        String words = said.toString().replace(url, "").replace(uri.toString(), "");
        return byText(url, words.toLowerCase(Locale.ROOT), failure);
    }

    /** Whether the same may go well in a moment: the server is being started, or it, or a proxy before it, is busy. */
    static boolean isPassing(SourceException failure) {
        if (failure.kind() != Kind.UNREACHABLE) {
            return false;
        }
        Throwable cause = failure.getCause();
        for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
            if (cause instanceof ConnectException
                    || BUSY.matcher(String.valueOf(cause.getMessage())).find()) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static SourceException byText(String url, String said, Throwable failure) {
        if (said.contains("server key did not validate") || said.contains("host key")) {
            return new SourceException(
                    Kind.AUTH,
                    "the ssh host key of " + url + " is not among the known ones",
                    "add it to the file that the setting slipway.git.known-hosts names",
                    failure);
        }
        if (said.contains("not authorized")
                || said.contains("authentication")
                || said.contains("auth fail")
                || said.contains("cannot log in")
                || said.contains("not permitted")
                || FORBIDDEN.matcher(said).find()) {
            return new SourceException(
                    Kind.AUTH,
                    "the server of " + url + " does not let Slipway in",
                    "give username and password (a token) with a context, the secret GIT_AUTH_TOKEN for ADD, or configure"
                            + " slipway.git.ssh-key for ssh",
                    failure);
        }
        if (said.contains("not found")
                || said.contains("not a git repository")
                || said.contains("does not exist")
                || said.contains("repository not exported")) {
            return notFound(url, failure);
        }
        return unreachable(url, firstLine(url, failure), failure);
    }

    private static SourceException notFound(String url, Throwable failure) {
        return new SourceException(
                Kind.REPOSITORY_NOT_FOUND,
                "there is no git repository at " + url,
                "many hosts say so of private repositories, too: check the URL and the credentials",
                failure);
    }

    private static SourceException unreachable(String url, String why, Throwable failure) {
        return new SourceException(
                Kind.UNREACHABLE, "the git repository " + url + " could not be fetched: " + why, null, failure);
    }

    private static String firstLine(String url, Throwable failure) {
        String message = failure.getMessage();
        String line = message == null
                ? failure.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
        String shown = GitUrls.withoutPassword(line);
        // JGit begins most messages with the URL, which ours has already.
        return shown.startsWith(url + ": ") ? shown.substring(url.length() + 2) : shown;
    }
}
