package io.slipway.db.base;

/** There is a newer build of the same branch or tag, so that the older one needs not, and must not, be done again. */
public final class NewerBuildException extends RuntimeException {
    private final String build;

    /** @param build the newer one's id */
    public NewerBuildException(String build) {
        super(build + " is newer");
        this.build = build;
    }

    /** The newer build's id. */
    public String build() {
        return build;
    }
}
