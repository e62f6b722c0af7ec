package io.slipway.api.webhook.host;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The kinds of git hosts: the closed set of what stands in a webhook's address. */
public enum HostKind {
    /** github.com and GitHub Enterprise Server. */
    GITHUB,
    /** gitlab.com and GitLab of one's own. */
    GITLAB,
    /** Gitea. */
    GITEA,
    /** Forgejo and Codeberg. */
    FORGEJO,
    /** bitbucket.org. */
    BITBUCKET_CLOUD,
    /** Bitbucket Data Center and Server. */
    BITBUCKET_DATA_CENTER,
    /** Anybody else, with the signatures of Standard Webhooks. */
    GENERIC;

    /** The name in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of that name, or empty. */
    public static Optional<HostKind> parse(String wireName) {
        return Arrays.stream(values())
                .filter(kind -> kind.wireName().equals(wireName))
                .findFirst();
    }

    /** All names. */
    public static List<String> names() {
        return Arrays.stream(values()).map(HostKind::wireName).toList();
    }

    /** How it proves who it is and what its payloads say. */
    public Host host() {
        return host(PayloadPointers.USUAL);
    }

    /** The same for a sender whose payload is its own; of no meaning to the others. */
    public Host host(PayloadPointers pointers) {
        return switch (this) {
            case GITHUB -> new GitHubHost();
            case GITLAB -> new GitLabHost();
            case GITEA -> new GiteaHost(List.of("X-Gitea-"));
            case FORGEJO -> new GiteaHost(List.of("X-Forgejo-", "X-Gitea-"));
            case BITBUCKET_CLOUD -> new BitbucketCloudHost();
            case BITBUCKET_DATA_CENTER -> new BitbucketDataCenterHost();
            case GENERIC -> new GenericHost(pointers);
        };
    }
}
