package io.slipway.api.webhook.host;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that has happened in a repository, whatever host has told it.
 *
 * @param ref the full name of what was pushed, or under which the host keeps the head of a pull request
 * @param commit the commit's id as the host tells it; may be short ({@link #hasWholeCommit}) or, of a deletion, empty
 * @param branch of a push or the branch that a pull request comes from; null for a tag
 * @param tag null for anything but a tag
 * @param deleted whether the branch or tag is gone
 * @param message the head commit's, or null if the host does not tell it
 * @param paths what its commits have changed, or null if the host does not tell it, or not all of it
 * @param base what the commit is compared with to know what has changed: the id of the commit before, or the full name of the branch where a pull request is to go; null if
 *     there is nothing
 * @param pullRequest null for anything but a pull request
 */
public record HostEvent(
        EventKind kind,
        String ref,
        String commit,
        @Nullable String branch,
        @Nullable String tag,
        boolean deleted,
        @Nullable String message,
        @Nullable List<String> paths,
        @Nullable String base,
        @Nullable PullRequest pullRequest) {
    private static final String BRANCHES = "refs/heads/";
    private static final String TAGS = "refs/tags/";
    private static final int COMMIT_DIGITS = 40;

    /**
     * A pull or merge request.
     *
     * @param number its number in the repository
     * @param targetBranch where it is to go
     * @param fork whether its commits are another repository's
     */
    public record PullRequest(String number, String targetBranch, boolean fork) {}

    public HostEvent {
        paths = paths == null ? null : List.copyOf(paths);
    }

    /** Whether the commit is a stranger's. */
    public boolean isOfFork() {
        return pullRequest != null && pullRequest.fork();
    }

    /**
     * A branch or tag that was pushed.
     *
     * @param ref its full name
     * @param commit null, empty or zeros if it is gone
     * @return null if {@code ref} is neither a branch nor a tag
     */
    public static @Nullable HostEvent push(
            String ref,
            @Nullable String commit,
            boolean deleted,
            @Nullable String message,
            @Nullable List<String> paths) {
        String at = commit == null ? "" : commit;
        boolean gone = deleted || at.isEmpty() || at.chars().allMatch(digit -> digit == '0');
        if (ref.startsWith(BRANCHES) && ref.length() > BRANCHES.length()) {
            return new HostEvent(
                    EventKind.PUSH, ref, at, ref.substring(BRANCHES.length()), null, gone, message, paths, null, null);
        }
        if (ref.startsWith(TAGS) && ref.length() > TAGS.length()) {
            return new HostEvent(
                    EventKind.TAG, ref, at, null, ref.substring(TAGS.length()), gone, message, paths, null, null);
        }
        return null;
    }

    /** The head of a pull request. */
    public static HostEvent pullRequest(
            String ref, String commit, @Nullable String branch, @Nullable String message, PullRequest request) {
        return new HostEvent(
                EventKind.PULL_REQUEST,
                ref,
                commit,
                branch,
                null,
                false,
                message,
                null,
                request.targetBranch().isEmpty() ? null : BRANCHES + request.targetBranch(),
                request);
    }

    /** Whether {@code commit} is a whole id and not only its beginning. */
    public boolean hasWholeCommit() {
        return commit.length() >= COMMIT_DIGITS;
    }

    /** The same at a commit whose whole id is known by now. */
    public HostEvent at(String wholeCommit) {
        return new HostEvent(kind, ref, wholeCommit, branch, tag, deleted, message, paths, base, pullRequest);
    }

    /**
     * The same with the commit that was there before.
     *
     * @param before its whole id; null, empty or zeros if there was none
     */
    public HostEvent since(@Nullable String before) {
        boolean none = before == null
                || before.length() != COMMIT_DIGITS
                || before.chars().allMatch(digit -> digit == '0');
        return new HostEvent(
                kind, ref, commit, branch, tag, deleted, message, paths, none ? null : before, pullRequest);
    }

    /** The same with what has changed. */
    public HostEvent changing(@Nullable List<String> changed) {
        return new HostEvent(kind, ref, commit, branch, tag, deleted, message, changed, base, pullRequest);
    }
}
