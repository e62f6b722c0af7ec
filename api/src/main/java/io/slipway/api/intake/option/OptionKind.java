package io.slipway.api.intake.option;

import java.util.Locale;

/** The forms that an option's value can have. */
public enum OptionKind {
    /** One text. */
    TEXT,
    /** One of a few words, listed in {@link BuildOption#choices()}. */
    CHOICE,
    /** {@code true} or {@code false}; in a query also {@code 1}, {@code 0}, and the bare name for true. */
    FLAG,
    /** A whole number. */
    INTEGER,
    /** Seconds since 1970 as a whole number, or {@code context} for the time of the build context. */
    TIME,
    /** Seconds as a whole number, or a duration in Go's notation such as {@code 1h30m}. */
    DURATION,
    /** Any number of texts: repeated in a query, one text or an array in JSON. */
    TEXTS,
    /** Any number of names with a value each: {@code NAME=VALUE}, repeated, in a query; an object in JSON. */
    PAIRS,
    /** Contexts by name: {@code NAME=VALUE}, repeated, in a query; an object of texts or objects in JSON. */
    CONTEXTS,
    /** Registry hosts with user name and password: an object in JSON; never in a query, since URLs are logged. */
    CREDENTIALS,
    /** Secrets of the project by name, repeated, in a query, or as texts in JSON; in an object in JSON, values, too, as {@link #KEYS}. */
    SECRETS,
    /** Values by id: an object of texts in JSON, or of {@code {"base64": …}} for other bytes; never in a query, since URLs are logged. */
    KEYS;

    /** True if a query may name the option more than once. */
    public boolean isRepeatable() {
        return switch (this) {
            case TEXTS, PAIRS, CONTEXTS, SECRETS -> true;
            case TEXT, CHOICE, FLAG, INTEGER, TIME, DURATION, CREDENTIALS, KEYS -> false;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
