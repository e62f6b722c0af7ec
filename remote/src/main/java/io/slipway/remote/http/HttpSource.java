package io.slipway.remote.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * A file on an HTTP server.
 *
 * @param url {@code https://} or {@code http://} URL
 * @param checksum SHA-256 that the bytes must have, as 64 lower-case hexadecimal digits, or null for any
 * @param authorization value of the header Authorization for the URL's own server, or null
 * @param known what is at hand of an earlier answer: then the server may say that it is still right; null if nothing is
 */
public record HttpSource(
        String url,
        @Nullable String checksum,
        @Nullable String authorization,
        @Nullable Validators known) {

    /**
     * What tells one version of a file from another (RFC 9110, 8.8).
     *
     * @param etag the header ETag, or null
     * @param lastModified the header Last-Modified, or null
     */
    public record Validators(
            @Nullable String etag, @Nullable String lastModified) {
        /** When the file was last changed; null if the server does not say, or not in the form that it should. */
        public @Nullable Instant modified() {
            if (lastModified == null) {
                return null;
            }
            try {
                return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(lastModified));
            } catch (DateTimeException e) {
                return null; // as if it had said nothing, as the reference does
            }
        }
    }

    /** Leaves query and credentials out, so that a source can be logged. */
    @Override
    public String toString() {
        return "HttpSource[url=" + HttpUrl.shown(url) + ", checksum=" + checksum + "]";
    }
}
