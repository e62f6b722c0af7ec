package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.webhook.host.HostKind;
import io.slipway.remote.Authorization;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The forms in which git hosts deliver and are told, as their documentation has them: written down once more, without what the service makes of it. */
enum HostForm {
    GITHUB(HostKind.GITHUB, "/api/v3", 201),
    /** Which shows its secret token. */
    GITLAB_TOKEN(HostKind.GITLAB, "/api/v4", 201),
    /** Which has a signing token. */
    GITLAB_SIGNED(HostKind.GITLAB, "/api/v4", 201),
    GITEA(HostKind.GITEA, "/api/v1", 201),
    FORGEJO(HostKind.FORGEJO, "/api/v1", 201),
    BITBUCKET_CLOUD(HostKind.BITBUCKET_CLOUD, "/2.0", 201),
    BITBUCKET_DATA_CENTER(HostKind.BITBUCKET_DATA_CENTER, "/rest/api/latest", 204),
    /** Before 7.4. */
    BITBUCKET_SERVER(HostKind.BITBUCKET_DATA_CENTER, "/rest/build-status/1.0", 204),
    GENERIC(HostKind.GENERIC, null, 0);

    private static final String SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OTHER_SIGNING = "whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private final HostKind kind;
    private final @Nullable String api;
    private final int answer;

    /**
     * A form.
     *
     * @param api path of the host's API, or null if there is none
     * @param answer with which it takes a status
     */
    HostForm(HostKind kind, @Nullable String api, int answer) {
        this.kind = kind;
        this.api = api;
        this.answer = answer;
    }

    String host() {
        return kind.wireName();
    }

    /** With which the host's API takes a status. */
    int answer() {
        return answer;
    }

    /** A secret that the trigger is to have, or null for one that the service makes. */
    @Nullable
    String secret() {
        return this == GITLAB_SIGNED ? SIGNING : null;
    }

    /** A secret that the host could have, and the trigger has not. */
    String otherSecret() {
        return this == GITLAB_SIGNED || this == GENERIC ? OTHER_SIGNING : "It's another secret";
    }

    /** Whether no two bodies are the same, so that one that comes under another id was sent by somebody who has caught it. */
    boolean hasTimesInBodies() {
        return switch (this) {
            case GITHUB, GITEA, FORGEJO, BITBUCKET_DATA_CENTER, BITBUCKET_SERVER -> true;
            case GITLAB_TOKEN, GITLAB_SIGNED, BITBUCKET_CLOUD, GENERIC -> false;
        };
    }

    /**
     * All header fields of a delivery that the host sends.
     *
     * @param id of the delivery
     * @param attempt from 1: what hosts change when they send the same again
     * @return names and values by turns
     */
    List<String> headers(String event, String id, int attempt, String secret, byte[] body) {
        String code = HookSender.hex(secret, body);
        return switch (this) {
            case GITHUB ->
                List.of(
                        "Content-Type", "application/json",
                        "User-Agent", "GitHub-Hookshot/044aadd",
                        "X-GitHub-Delivery", id,
                        "X-GitHub-Event", event,
                        "X-GitHub-Hook-ID", "292430182",
                        "X-GitHub-Hook-Installation-Target-ID", "79929171",
                        "X-GitHub-Hook-Installation-Target-Type", "repository",
                        "X-Hub-Signature-256", "sha256=" + code);
            case GITLAB_TOKEN ->
                List.of(
                        "Content-Type",
                        "application/json",
                        "User-Agent",
                        "GitLab/18.6.0",
                        "Idempotency-Key",
                        id,
                        "X-Gitlab-Event",
                        event,
                        "X-Gitlab-Event-UUID",
                        HookSender.newId(),
                        "X-Gitlab-Instance",
                        "https://gitlab.example",
                        "X-Gitlab-Webhook-UUID",
                        "02affd2d-2cba-4033-917d-ec22d5dc4b38",
                        "X-Gitlab-Token",
                        secret);
            case GITLAB_SIGNED ->
                with(
                        HookSender.standard(secret, id, body),
                        "Content-Type",
                        "application/json",
                        "Idempotency-Key",
                        HookSender.newId(),
                        "X-Gitlab-Event",
                        event,
                        "X-Gitlab-Event-UUID",
                        HookSender.newId());
            case GITEA ->
                List.of(
                        "Content-Type", "application/json",
                        "X-Gitea-Delivery", id,
                        "X-Gitea-Event", event,
                        "X-Gitea-Event-Type", event,
                        "X-Gitea-Signature", code,
                        "X-Gogs-Delivery", id,
                        "X-Gogs-Event", event,
                        "X-Gogs-Signature", code,
                        "X-GitHub-Delivery", id,
                        "X-GitHub-Event", event,
                        "X-Hub-Signature-256", "sha256=" + code);
            case FORGEJO ->
                List.of(
                        "Content-Type", "application/json",
                        "X-Forgejo-Delivery", id,
                        "X-Forgejo-Event", event,
                        "X-Forgejo-Event-Type", event,
                        "X-Forgejo-Signature", code,
                        "X-Gitea-Delivery", id,
                        "X-Gitea-Event", event,
                        "X-Gitea-Event-Type", event,
                        "X-Gitea-Signature", code,
                        "X-GitHub-Delivery", id,
                        "X-GitHub-Event", event,
                        "X-Hub-Signature-256", "sha256=" + code);
            case BITBUCKET_CLOUD ->
                List.of(
                        "Content-Type",
                        "application/json",
                        "User-Agent",
                        "Bitbucket-Webhooks/2.0",
                        "X-Attempt-Number",
                        Integer.toString(attempt),
                        "X-Event-Key",
                        event,
                        "X-Event-Time",
                        Instant.now().toString(),
                        "X-Hook-UUID",
                        "{9d4e2a0f-2b1c-4c57-8b5e-7d1f6f1f7a10}",
                        "X-Request-UUID",
                        id,
                        "X-Hub-Signature",
                        "sha256=" + code);
            case BITBUCKET_DATA_CENTER, BITBUCKET_SERVER ->
                List.of(
                        "Content-Type",
                        "application/json; charset=utf-8",
                        "User-Agent",
                        "Atlassian HttpClient 2.1.5 / Bitbucket-8.19.0",
                        "X-Event-Key",
                        event,
                        "X-Request-Id",
                        id,
                        "X-Hub-Signature",
                        "sha256=" + code);
            case GENERIC -> with(HookSender.standard(secret, id, body), "Content-Type", "application/json");
        };
    }

    private static List<String> with(List<String> headers, String... more) {
        List<String> all = new ArrayList<>(headers);
        Collections.addAll(all, more);
        return all;
    }

    /**
     * The member {@code status} of a trigger, in JSON with single quotes.
     *
     * @param server where the host's API is said to be
     * @return empty if the host has none
     */
    String status(String server) {
        if (api == null) {
            return "";
        }
        // bitbucket.org wants a user for tokens of people's.
        String username = this == BITBUCKET_CLOUD ? "'username': 'somebody', " : "";
        return ", 'status': {" + username + "'token': 'hidden', 'apiUrl': '" + server + api
                + "', 'context': 'slipway/app'}";
    }

    /** The host's word for a build that waits. */
    String waiting() {
        return switch (this) {
            case BITBUCKET_CLOUD, BITBUCKET_DATA_CENTER, BITBUCKET_SERVER -> "INPROGRESS";
            default -> "pending";
        };
    }

    /**
     * The request with which the host is told that a build waits: method, path, authorization and body, as its documentation has them.
     *
     * @param ref of the event
     */
    String told(String repository, String commit, String ref, String link) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        String path = api
                + switch (this) {
                    case GITHUB, GITEA, FORGEJO -> {
                        body.put("state", waiting()).put("target_url", link);
                        body.put("description", "The build is queued").put("context", "slipway/app");
                        yield "/repos/" + repository + "/statuses/" + commit;
                    }
                    case GITLAB_TOKEN, GITLAB_SIGNED -> {
                        body.put("state", waiting()).put("name", "slipway/app").put("target_url", link);
                        body.put("description", "The build is queued");
                        if (ref.startsWith("refs/heads/") || ref.startsWith("refs/tags/")) {
                            body.put("ref", ref.replaceFirst("refs/[^/]+/", ""));
                        }
                        yield "/projects/" + URLEncoder.encode(repository, UTF_8) + "/statuses/" + commit;
                    }
                    case BITBUCKET_CLOUD, BITBUCKET_DATA_CENTER, BITBUCKET_SERVER -> {
                        body.put("key", "slipway/app").put("state", waiting()).put("name", "slipway/app");
                        body.put("url", link).put("description", "The build is queued");
                        yield switch (this) {
                            case BITBUCKET_CLOUD ->
                                "/repositories/" + repository + "/commit/" + commit + "/statuses/build";
                            case BITBUCKET_SERVER -> "/commits/" + commit;
                            default ->
                                "/projects/" + repository.replace("/", "/repos/") + "/commits/" + commit + "/builds";
                        };
                    }
                    case GENERIC -> throw new AssertionError("has no API");
                };
        String authorization = switch (this) {
            case GITEA, FORGEJO -> "token hidden";
            case BITBUCKET_CLOUD -> Authorization.basic("somebody", "hidden");
            default -> "Bearer hidden";
        };
        return "POST " + path + " " + authorization + " " + body;
    }
}
