package io.slipway.api.intake.option;

import io.slipway.api.problem.UnknownName;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** An option that is unknown, is not supported, or has a value that it can't have: the request is answered with 400. */
public final class OptionException extends RuntimeException {
    private static final int SHOWN = 100;

    private final String option;
    private final @Nullable String hint;
    private final boolean unknownName;

    /**
     * @param option the option's name as the caller wrote it
     * @param message one sentence for people
     * @param hint what to write instead, or null
     */
    public OptionException(String option, String message, @Nullable String hint) {
        this(option, message, hint, false);
    }

    private OptionException(String option, String message, @Nullable String hint, boolean unknownName) {
        super(message);
        this.option = option;
        this.hint = hint;
        this.unknownName = unknownName;
    }

    /**
     * A name that is none of {@code candidates}; the nearest of them becomes part of the message.
     *
     * @param what what kind of name it is, such as {@code option}
     */
    public static OptionException unknown(String what, String name, Collection<String> candidates) {
        UnknownName unknown = UnknownName.of(what, name, candidates);
        return new OptionException(name, unknown.message(), unknown.hint(), true);
    }

    /** The option's name as the caller wrote it. */
    public String option() {
        return option;
    }

    /** Whether the name itself is unknown, rather than its value wrong; then the hint is the nearest name or a list. */
    public boolean isUnknownName() {
        return unknownName;
    }

    /** What to write instead, or null. */
    public @Nullable String hint() {
        return hint;
    }

    /** {@code text} cut to a length that fits into a message. */
    static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
