package io.slipway.api.webhook.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The commits of a push and what they have changed, in the form that GitHub, GitLab and Gitea have in common. */
final class PushedCommits {
    /** GitHub lists no more commits than this, and does not say that there are others. */
    private static final int MOST_COMMITS = 2048;

    private PushedCommits() {}

    /**
     * The paths, sorted.
     *
     * @param total how many commits the push has, or null if the host does not say
     * @return null if the payload does not tell them all
     */
    static @Nullable List<String> paths(Payload payload, @Nullable Integer total) {
        JsonNode commits = payload.at("/commits");
        if (!commits.isArray() || commits.isEmpty() || commits.size() >= MOST_COMMITS) {
            return null;
        }
        if (total != null && total > commits.size()) {
            return null;
        }
        Set<String> paths = new TreeSet<>();
        for (JsonNode commit : commits) {
            for (String change : List.of("added", "modified", "removed")) {
                JsonNode names = commit.path(change);
                if (!names.isArray()) {
                    return null;
                }
                names.forEach(name -> paths.add(name.asString("")));
            }
        }
        return new ArrayList<>(paths);
    }

    /** What a branch or tag of GitHub's or Gitea's points to: of an annotated tag {@code after} is the tag object. */
    static @Nullable String head(Payload payload, String ref) {
        String head = ref.startsWith("refs/tags/") ? payload.text("/head_commit/id") : null;
        return head == null ? payload.text("/after") : head;
    }

    /** The message of the commit of that id among the payload's commits, or null. */
    static @Nullable String message(Payload payload, @Nullable String commit) {
        for (JsonNode candidate : payload.at("/commits")) {
            if (commit != null && commit.equals(Payload.text(candidate.path("id")))) {
                return Payload.text(candidate.path("message"));
            }
        }
        return null;
    }
}
