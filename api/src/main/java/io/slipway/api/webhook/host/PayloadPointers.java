package io.slipway.api.webhook.host;

/**
 * Where things stand in the payload of a sender of one's own: JSON pointers (RFC 6901).
 *
 * @param repository the repository's full name; if there is none it is not compared
 * @param ref {@code refs/heads/…} or {@code refs/tags/…}
 * @param commit the commit's id
 * @param message the commit's message
 * @param paths an array of what has changed
 * @param deleted true if the ref is gone
 * @param pullRequest number of a pull request; if there is one, the event is one
 * @param targetBranch where the pull request is to go
 * @param fork true if the pull request's commits are another repository's
 */
public record PayloadPointers(
        String repository,
        String ref,
        String commit,
        String message,
        String paths,
        String deleted,
        String pullRequest,
        String targetBranch,
        String fork) {
    /** Of a payload that is made for Slipway. */
    public static final PayloadPointers USUAL = new PayloadPointers(
            "/repository",
            "/ref",
            "/commit",
            "/message",
            "/paths",
            "/deleted",
            "/pullRequest",
            "/targetBranch",
            "/fork");
}
