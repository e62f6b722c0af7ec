package io.slipway.db.build;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A build's id: {@code bld_} and 26 characters of Crockford's base 32 in lower case, of which the first ten are the time of
 * creation (milliseconds since 1970) and the rest is random (80 bits). So ids sort by age, can't be guessed, and are valid
 * as a component of an image's name. Ids of one process never sort against the order in which they were created: of two in
 * one millisecond the later one bears the next millisecond. Thread-safe.
 */
public record BuildId(String value) implements Comparable<BuildId> {
    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final Pattern FORM = Pattern.compile("bld_[0-7][" + DIGITS + "]{25}");
    private static final RandomGenerator RANDOM = new SecureRandom();
    private static final AtomicLong LAST_MILLIS = new AtomicLong();

    /** @throws IllegalArgumentException when {@code value} is not a build's id */
    public BuildId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a build id: " + value);
        }
    }

    /** A new id for a build that is created now. */
    public static BuildId create(Instant now) {
        StringBuilder id = new StringBuilder(30).append("bld_");
        long millis = LAST_MILLIS.accumulateAndGet(now.toEpochMilli(), (last, given) -> Math.max(last + 1, given));
        for (int shift = 45; shift >= 0; shift -= 5) {
            id.append(DIGITS.charAt((int) (millis >>> shift) & 31));
        }
        for (int i = 0; i < 16; i++) {
            id.append(DIGITS.charAt(RANDOM.nextInt(32)));
        }
        return new BuildId(id.toString());
    }

    /** The id that {@code value} is, or empty when it is none. */
    public static Optional<BuildId> parse(String value) {
        return FORM.matcher(value).matches() ? Optional.of(new BuildId(value)) : Optional.empty();
    }

    @Override
    public int compareTo(BuildId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
