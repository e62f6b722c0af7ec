package io.slipway.remote.http;

import io.slipway.image.tar.FileName;
import io.slipway.remote.Authorization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.IDN;
import java.net.URI;
import java.net.URL;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An URL of HTTP as people write it: blanks and other characters that have no place in one are escaped, as browsers do, where
 * {@link URI} would refuse them. Immutable.
 *
 * @param scheme {@code http} or {@code https}
 * @param user user name and password as written, or null
 * @param host in lower case, an IPv6 address in brackets
 * @param port the effective port
 * @param path escaped, begins with a slash
 * @param query escaped, with its question mark, or empty
 */
public record HttpUrl(String scheme, @Nullable String user, String host, int port, String path, String query) {
    private static final int MOST_CHARACTERS = 4096;
    private static final Pattern FORM = Pattern.compile(
            "(?is)(https?)://(?:([^/?#\\\\]*)@)?(\\[[0-9a-f:.%]+\\]|[^/?#:@\\[\\]\\\\\\s\\p{Cntrl}]+)(?::(\\d{0,5}))?"
                    + "(/[^?#]*)?(\\?[^#]*)?(?:#.*)?");
    private static final String ALLOWED = "-._~!$&'()*+,;=:@/?";

    /** The URL in {@code text}, or null if it is none of HTTP. A fragment is left out. */
    public static @Nullable HttpUrl parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (text.length() > MOST_CHARACTERS || !matcher.matches()) {
            return null;
        }
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        String digits = matcher.group(4) == null ? "" : matcher.group(4);
        int port = digits.isEmpty() ? defaultPort(scheme) : Integer.parseInt(digits);
        String host = host(matcher.group(3));
        String path = escaped(matcher.group(5) == null ? "/" : matcher.group(5));
        String query = escaped(matcher.group(6) == null ? "" : matcher.group(6));
        if (port > 65535 || host == null || path == null || query == null) {
            return null;
        }
        return new HttpUrl(scheme, matcher.group(2), host, port, path, query);
    }

    private static @Nullable String host(String written) {
        try {
            return written.startsWith("[")
                    ? written.toLowerCase(Locale.ROOT)
                    : IDN.toASCII(written).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return null; // no name that DNS could have
        }
    }

    /** Null where a percent sign begins no escape. */
    private static @Nullable String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c == '%') {
                if (!isEscape(text, i)) {
                    return null;
                }
                escaped.append('%');
            } else if (c < 0x80 && (Character.isLetterOrDigit(c) || ALLOWED.indexOf(c) >= 0)) {
                escaped.appendCodePoint(c);
            } else {
                for (byte b : FileName.encode(Character.toString(c))) {
                    escaped.append('%').append(String.format(Locale.ROOT, "%02X", b));
                }
            }
            i += Character.charCount(c);
        }
        return escaped.toString();
    }

    private static boolean isEscape(String text, int at) {
        return at + 2 < text.length()
                && Character.digit(text.charAt(at + 1), 16) >= 0
                && Character.digit(text.charAt(at + 2), 16) >= 0;
    }

    private static int defaultPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    /** Where a redirect leads (RFC 9110, 10.2.2), or null if that is no URL of HTTP. */
    @Nullable
    HttpUrl redirected(String location) {
        // Header fields come as ISO 8859-1; servers that do not escape mean UTF-8.
        String to = new String(location.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        if (to.matches("(?is)[a-z][a-z0-9+.-]*:.*")) {
            return parse(to);
        }
        if (to.startsWith("//")) {
            return parse(scheme + ":" + to);
        }
        String parent = path.substring(0, path.lastIndexOf('/') + 1);
        return parse(origin() + (to.startsWith("/") ? to : to.startsWith("?") ? path + to : parent + to));
    }

    /** Whether what may be told to this server may be told to {@code other}: it is the same, or the same over TLS. */
    public boolean isTrusting(HttpUrl other) {
        boolean same = scheme.equals(other.scheme) && port == other.port;
        boolean secured = scheme.equals("http") && port == 80 && other.scheme.equals("https") && other.port == 443;
        return host.equals(other.host) && (same || secured);
    }

    /** The last part of the path, unescaped, as {@link FileName} has names; empty if the path has none. */
    public String fileName() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) == '%') {
                bytes.write(Integer.parseInt(path, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(path.charAt(i));
            }
        }
        String trimmed = FileName.decode(bytes.toByteArray()).replaceFirst("/+$", "");
        return trimmed.substring(trimmed.lastIndexOf('/') + 1);
    }

    /** The header that user and password of the URL come to, or null if it has none. */
    public @Nullable String authorization() {
        if (user == null) {
            return null;
        }
        int colon = user.indexOf(':');
        return colon < 0
                ? Authorization.basic(unescaped(user), "")
                : Authorization.basic(unescaped(user.substring(0, colon)), unescaped(user.substring(colon + 1)));
    }

    private static String unescaped(String text) {
        try {
            // A plus sign is one here; the decoder is made for forms.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a percent sign that begins no escape is one
        }
    }

    private String origin() {
        return scheme + "://" + host + (port == defaultPort(scheme) ? "" : ":" + port);
    }

    URL url() throws IOException {
        return uri().toURL();
    }

    /** @throws IllegalArgumentException if it is none by RFC 2396 */
    URI uri() {
        return URI.create(origin() + path + query);
    }

    /** As it may be shown: without user, password and query, which often is a signature. */
    @Override
    public String toString() {
        return shown(origin() + path);
    }

    /** A text that was to be an URL, as it may be shown. */
    public static String shown(String text) {
        String shown = text.replaceFirst("(?s)[?#].*$", "").replaceFirst("://[^/]*@", "://");
        shown = shown.replaceAll("\\p{Cntrl}", "?");
        return shown.length() > 200 ? shown.substring(0, 200) + "…" : shown;
    }
}
