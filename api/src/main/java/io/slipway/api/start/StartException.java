package io.slipway.api.start;

/** The service can't start for a reason that an operator can remove. Said in two sentences instead of a stack trace. */
public final class StartException extends RuntimeException {
    private final String remedy;

    /**
     * @param reason what is wrong
     * @param remedy what to do about it
     */
    public StartException(String reason, String remedy) {
        super(reason);
        this.remedy = remedy;
    }

    /** What is wrong. */
    String reason() {
        return String.valueOf(getMessage());
    }

    /** What to do about it. */
    String remedy() {
        return remedy;
    }
}
