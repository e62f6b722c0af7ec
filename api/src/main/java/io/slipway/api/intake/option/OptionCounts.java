package io.slipway.api.intake.option;

/** How much of an option a build may have: more than anybody writes by hand, and little enough to be kept with every build. */
public final class OptionCounts {
    /** Tags. */
    public static final int TAGS = 100;

    /** Platforms. */
    public static final int PLATFORMS = 20;

    /** Names of build arguments, of labels, and of annotations; each kind. */
    public static final int PAIRS = 1_000;

    /** Characters of a name and its value, or of any other text. */
    public static final int CHARACTERS = 64 * 1024;

    /** Secrets, and ssh agents; each kind. */
    public static final int SECRETS = 100;

    /** Caches that are read, and caches that are written; each kind. */
    public static final int CACHES = 20;

    /** Bytes of JSON that has options, a Dockerfile and some keys among them. */
    public static final int JSON_BYTES = 1024 * 1024;

    /** Names of steps in {@code layers}. */
    public static final int COMMIT_POINTS = 1_000;

    /** Bytes of a request's first line and header fields: options stand there when the body is the context. */
    public static final int HEAD_BYTES = 64 * 1024;

    /** Bytes of an ignore file. */
    public static final int IGNORE_FILE_BYTES = 1024 * 1024;

    private OptionCounts() {}
}
