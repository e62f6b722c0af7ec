package io.slipway.api.webhook.trigger;

import io.slipway.api.webhook.host.EventKind;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.api.webhook.host.PayloadPointers;
import io.slipway.protocol.Globs;
import io.slipway.remote.Authorization;
import io.slipway.remote.git.GitSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A trigger's document, checked.
 *
 * @param name for people
 * @param enabled otherwise what is delivered is logged and nothing is built
 * @param events what is waited for
 * @param forks whether pull requests are built whose commits are another repository's
 * @param branches which branches are built, and pull requests to which
 * @param tags which tags are built
 * @param paths what must have changed, at least one of it
 * @param skipMarks what in a commit's message means that it is not to be built
 * @param rebuildOnBase whether the newest image of each branch and tag is built again when a base of it moves
 * @param build how
 * @param payload where things stand in the payload of a host that has no form of its own
 * @param status how the host is told what becomes of commits, or null if it is not
 */
public record TriggerSettings(
        String name,
        HostKind host,
        boolean enabled,
        Repository repository,
        Set<EventKind> events,
        boolean forks,
        Globs branches,
        Globs tags,
        Globs paths,
        List<String> skipMarks,
        boolean rebuildOnBase,
        BuildTemplate build,
        PayloadPointers payload,
        @Nullable StatusSettings status) {
    public TriggerSettings {
        events = Set.copyOf(events);
        skipMarks = List.copyOf(skipMarks);
    }

    /**
     * The repository.
     *
     * @param url from where it is cloned
     * @param fullName what the host calls it, or null if it is not compared
     * @param subdirectory which directory of it is the context, or null for all
     */
    public record Repository(
            String url,
            @Nullable String fullName,
            @Nullable String subdirectory,
            boolean submodules,
            @Nullable String username,
            @Nullable String password) {
        /** The context at a ref or commit. */
        public GitSource at(String ref) {
            String authorization =
                    password == null ? null : Authorization.basic(username == null ? "git" : username, password);
            return new GitSource(url, ref, subdirectory, submodules, null, false, authorization);
        }

        /** Leaves the password out. */
        @Override
        public String toString() {
            return "Repository[url=" + url + "]";
        }
    }
}
