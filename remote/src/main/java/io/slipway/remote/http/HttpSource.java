package io.slipway.remote.http;

import org.jspecify.annotations.Nullable;

/**
 * A file on an HTTP server.
 *
 * @param url {@code https://} or {@code http://} URL
 * @param checksum SHA-256 that the bytes must have, as 64 lower-case hexadecimal digits, or null for any
 * @param username user name for Basic authentication, or null
 * @param password password or token, or null
 */
public record HttpSource(
        String url,
        @Nullable String checksum,
        @Nullable String username,
        @Nullable String password) {

    /** Leaves query and password out, so that a source can be logged. */
    @Override
    public String toString() {
        return "HttpSource[url=" + HttpRemote.shown(url) + ", checksum=" + checksum + "]";
    }
}
