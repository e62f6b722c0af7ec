package io.slipway.db;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Ids of one kind: a prefix such as {@code bld_}, and 26 characters of Crockford's base 32 in lower case, of which the first ten are
 * the time of creation (milliseconds since 1970) and the rest is random (80 bits). So ids sort by age, can't be guessed, and are valid
 * as a component of an image's name. Ids of one process never sort against the order in which they were created: of two in
 * one millisecond the later one bears the next millisecond. Thread-safe.
 */
public final class SortedIds {
    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int TIME_BITS = 50;
    private static final int RANDOM_DIGITS = 16;
    private static final RandomGenerator RANDOM = new SecureRandom();

    private final String prefix;
    private final Pattern form;
    private final AtomicLong lastMillis = new AtomicLong();

    /** @param prefix says what kind of thing an id names; ends with a low line */
    public SortedIds(String prefix) {
        this.prefix = prefix;
        this.form = Pattern.compile(Pattern.quote(prefix) + "[0-7][" + DIGITS + "]{25}");
    }

    /** A new id for what is created now. */
    public String create(Instant now) {
        StringBuilder id = new StringBuilder(prefix.length() + 26).append(prefix);
        long millis = lastMillis.accumulateAndGet(now.toEpochMilli(), (last, given) -> Math.max(last + 1, given));
        for (int shift = TIME_BITS - 5; shift >= 0; shift -= 5) {
            id.append(DIGITS.charAt((int) (millis >>> shift) & 31));
        }
        for (int i = 0; i < RANDOM_DIGITS; i++) {
            id.append(DIGITS.charAt(RANDOM.nextInt(32)));
        }
        return id.toString();
    }

    /** Whether {@code text} has the form of such an id. */
    public boolean matches(String text) {
        return form.matcher(text).matches();
    }
}
