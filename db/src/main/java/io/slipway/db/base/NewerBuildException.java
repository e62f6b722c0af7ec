package io.slipway.db.base;

/** There is a newer build of the same branch or tag, so that the older one needs not, and must not, be done again. */
public final class NewerBuildException extends RuntimeException {
    private final String build;
    private final boolean made;

    /**
     * @param build the newer one's id
     * @param made whether it has succeeded; otherwise it may yet fail
     */
    public NewerBuildException(String build, boolean made) {
        super(build + " is newer");
        this.build = build;
        this.made = made;
    }

    /** Whether the newer build has succeeded; otherwise it may yet fail. */
    public boolean isMade() {
        return made;
    }

    /** The newer build's id. */
    public String build() {
        return build;
    }
}
