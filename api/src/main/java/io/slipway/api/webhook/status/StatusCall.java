package io.slipway.api.webhook.status;

import io.slipway.api.webhook.host.HostKind;
import io.slipway.api.webhook.trigger.StatusSettings;
import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.image.Digest;
import io.slipway.remote.Authorization;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a git host is told a status.
 *
 * @param url where
 * @param authorization value of the header {@code Authorization}
 * @param state in the host's words
 * @param body JSON
 */
record StatusCall(String url, String authorization, String state, ObjectNode body) {
    /** GitHub's limit; the others have none that is smaller. */
    private static final int MOST_DESCRIPTION = 140;

    /** Bitbucket's limit. */
    private static final int MOST_KEY = 40;

    /**
     * The call for what is to be said.
     *
     * @param apiUrl where the host's API is
     * @param repository the host's full name of the repository
     * @param link where to read more
     */
    static StatusCall of(
            TriggerSettings trigger,
            String apiUrl,
            StatusSettings.Token token,
            String repository,
            CommitStatus status,
            String link) {
        StatusState state = StatusState.of(status);
        ObjectNode body = JsonMapper.shared().createObjectNode();
        String description = shortened(state.description(status), MOST_DESCRIPTION);
        String word = word(trigger.host(), state);
        String commit = status.commitId();
        return switch (trigger.host()) {
            case GITHUB, GITEA, FORGEJO -> {
                body.put("state", word);
                body.put("target_url", link);
                body.put("description", description);
                body.put("context", status.context());
                yield new StatusCall(
                        apiUrl + "/repos/" + path(repository) + "/statuses/" + commit,
                        authorization(token, trigger.host() == HostKind.GITHUB ? "Bearer " : "token "),
                        word,
                        body);
            }
            case GITLAB -> {
                body.put("state", word);
                body.put("name", status.context());
                body.put("target_url", link);
                body.put("description", description);
                String ref = name(status.ref());
                if (ref != null) {
                    body.put("ref", ref);
                }
                yield new StatusCall(
                        apiUrl + "/projects/" + encoded(repository) + "/statuses/" + commit,
                        authorization(token, "Bearer "),
                        word,
                        body);
            }
            case BITBUCKET_CLOUD -> {
                bitbucket(body, word, status, description, link);
                yield new StatusCall(
                        apiUrl + "/repositories/" + path(repository) + "/commit/" + commit + "/statuses/build",
                        authorization(token, "Bearer "),
                        word,
                        body);
            }
            case BITBUCKET_DATA_CENTER -> {
                bitbucket(body, word, status, description, link);
                String[] names = repository.split("/", 2);
                // Servers before 7.4 have another call, which knows commits only.
                String url = apiUrl.endsWith("/build-status/1.0")
                        ? apiUrl + "/commits/" + commit
                        : apiUrl + "/projects/" + encoded(names[0]) + "/repos/" + encoded(names[names.length - 1])
                                + "/commits/" + commit + "/builds";
                yield new StatusCall(url, authorization(token, "Bearer "), word, body);
            }
            case GENERIC -> throw new IllegalArgumentException("nobody is to be told");
        };
    }

    private static void bitbucket(ObjectNode body, String word, CommitStatus status, String description, String link) {
        body.put("key", key(status.context()));
        body.put("state", word);
        body.put("name", status.context());
        body.put("url", link);
        body.put("description", description);
    }

    /** The host's word for a state. */
    static String word(HostKind host, StatusState state) {
        return switch (host) {
            case GITHUB, GITEA, FORGEJO, GENERIC ->
                switch (state) {
                    case PENDING, RUNNING -> "pending";
                    case SUCCESS -> "success";
                    case FAILURE -> "failure";
                    case CANCELLED, ERROR -> "error";
                };
            case GITLAB ->
                switch (state) {
                    case PENDING -> "pending";
                    case RUNNING -> "running";
                    case SUCCESS -> "success";
                    case FAILURE, ERROR -> "failed";
                    case CANCELLED -> "canceled";
                };
            case BITBUCKET_CLOUD ->
                switch (state) {
                    case PENDING, RUNNING -> "INPROGRESS";
                    case SUCCESS -> "SUCCESSFUL";
                    case FAILURE, ERROR -> "FAILED";
                    case CANCELLED -> "STOPPED";
                };
            case BITBUCKET_DATA_CENTER ->
                switch (state) {
                    case PENDING, RUNNING -> "INPROGRESS";
                    case SUCCESS -> "SUCCESSFUL";
                    case FAILURE, ERROR -> "FAILED";
                    case CANCELLED -> "CANCELLED";
                };
        };
    }

    private static String authorization(StatusSettings.Token token, String scheme) {
        return token.username() == null ? scheme + token.token() : Authorization.basic(token.username(), token.token());
    }

    /** The same context has the same key; one that is too long is told by its hash. */
    private static String key(String context) {
        return context.length() <= MOST_KEY
                ? context
                : Digest.of(context.getBytes(StandardCharsets.UTF_8)).hex().substring(0, MOST_KEY);
    }

    /** The branch or tag of a ref, or null if it is none. */
    private static @Nullable String name(String ref) {
        return ref.startsWith("refs/heads/") || ref.startsWith("refs/tags/")
                ? ref.substring(ref.indexOf('/', 5) + 1)
                : null;
    }

    /** A repository's full name as part of a path. */
    static String path(String repository) {
        return Arrays.stream(repository.split("/")).map(StatusCall::encoded).collect(Collectors.joining("/"));
    }

    static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }

    /** Leaves the token out. */
    @Override
    public String toString() {
        return "StatusCall[url=" + url + ", state=" + state + "]";
    }
}
