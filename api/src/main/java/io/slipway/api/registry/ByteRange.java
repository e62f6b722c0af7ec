package io.slipway.api.registry;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A single range of bytes, as a client that resumes a download asks for it (RFC 9110, section 14).
 *
 * @param first offset of the first byte
 * @param last offset of the last byte, inclusive
 */
record ByteRange(long first, long last) {
    private static final Pattern FORM = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** How many bytes it has. */
    long length() {
        return last - first + 1;
    }

    /**
     * The range that a {@code Range} header asks for of {@code size} bytes; empty if there is none that this server serves, so
     * that the whole is sent: another unit, several ranges, or nonsense.
     *
     * @return a range that begins at or after {@code size} if it can't be satisfied
     */
    static Optional<ByteRange> parse(@Nullable String header, long size) {
        if (header == null) {
            return Optional.empty();
        }
        Matcher form = FORM.matcher(header.strip());
        if (!form.matches() || (form.group(1).isEmpty() && form.group(2).isEmpty())) {
            return Optional.empty();
        }
        if (form.group(1).isEmpty()) {
            long suffix = Long.parseLong(form.group(2));
            return Optional.of(new ByteRange(suffix == 0 ? size : Math.max(0, size - suffix), size - 1));
        }
        long first = Long.parseLong(form.group(1));
        long last = form.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(form.group(2)));
        return last < first && first < size ? Optional.empty() : Optional.of(new ByteRange(first, last));
    }
}
