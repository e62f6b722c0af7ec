package io.slipway.api.webhook.host;

import io.slipway.api.webhook.host.HostEvent.PullRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * gitlab.com and GitLab of one's own (docs.gitlab.com/user/project/integrations/webhooks): either the secret itself comes along, or, where it
 * is a signing token, a signature of Standard Webhooks. If a signature comes it decides.
 */
final class GitLabHost implements Host {
    @Override
    public boolean isProven(HookRequest request, String secret) {
        HookHeaders headers = request.headers();
        boolean signed = StandardWebhooks.isProven(request, secret);
        String token = headers.value("X-Gitlab-Token");
        boolean same = Hmac.same(secret, token == null ? "" : token);
        return (headers.has(StandardWebhooks.SIGNATURE) || isSigningToken(secret)) ? signed : same;
    }

    private static boolean isSigningToken(String secret) {
        return secret.startsWith(StandardWebhooks.SECRET_PREFIX);
    }

    @Override
    public @Nullable String deliveryId(HookHeaders headers) {
        for (String name : List.of(StandardWebhooks.ID, "Idempotency-Key", "X-Gitlab-Event-UUID")) {
            String id = headers.value(name);
            if (id != null) {
                return id;
            }
        }
        return null;
    }

    @Override
    public String event(HookHeaders headers) {
        String event = headers.value("X-Gitlab-Event");
        return event == null ? "" : event;
    }

    /** By the payload: a system hook's header is the same for every event. */
    @Override
    public Reading read(String event, Payload payload) {
        String repository = payload.text("/project/path_with_namespace");
        String kind = payload.text("/object_kind");
        String name = kind == null ? payload.textOrEmpty("/event_name") : kind;
        return switch (name) {
            case "push", "tag_push" -> Reading.of(repository, push(payload), "a push of neither a branch nor a tag");
            case "merge_request" -> mergeRequest(repository, payload);
            default -> Reading.nothing(repository, "the event " + event + " " + name + " changes no commit");
        };
    }

    private static @Nullable HostEvent push(Payload payload) {
        // Of an annotated tag `after` is the tag object and checkout_sha the commit; of a deletion it is null.
        String commit = payload.text("/checkout_sha");
        String total = payload.text("/total_commits_count");
        HostEvent event = HostEvent.push(
                payload.textOrEmpty("/ref"),
                commit,
                commit == null,
                PushedCommits.message(payload, commit),
                PushedCommits.paths(payload, total == null || total.length() > 9 ? null : Integer.valueOf(total)));
        return event == null ? null : event.since(payload.text("/before"));
    }

    private static Reading mergeRequest(@Nullable String repository, Payload payload) {
        String action = payload.textOrEmpty("/object_attributes/action");
        boolean commits = switch (action) {
            case "open", "reopen" -> true;
            // Labels and titles are updates, too; only new commits have oldrev.
            case "update" -> payload.text("/object_attributes/oldrev") != null;
            default -> false;
        };
        if (!commits) {
            return Reading.nothing(repository, "the action " + action + " changes no commit");
        }
        String number = payload.text("/object_attributes/iid");
        String commit = payload.text("/object_attributes/last_commit/id");
        if (number == null || commit == null) {
            return Reading.nothing(repository, "a merge request without a head");
        }
        String source = payload.text("/object_attributes/source_project_id");
        boolean fork = source == null || !source.equals(payload.text("/object_attributes/target_project_id"));
        return new Reading(
                repository,
                List.of(HostEvent.pullRequest(
                        "refs/merge-requests/" + number + "/head",
                        commit,
                        payload.text("/object_attributes/source_branch"),
                        payload.text("/object_attributes/last_commit/message"),
                        new PullRequest(number, payload.textOrEmpty("/object_attributes/target_branch"), fork))),
                null);
    }

    @Override
    public @Nullable String faultOf(String secret) {
        return isSigningToken(secret) ? StandardWebhooks.faultOf(secret) : null;
    }
}
