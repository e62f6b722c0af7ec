package io.slipway.api.webhook.host;

import io.slipway.api.webhook.host.HostEvent.PullRequest;
import io.slipway.db.webhook.SameBody;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** github.com and GitHub Enterprise Server (docs.github.com/webhooks). */
final class GitHubHost implements Host {
    private static final Set<String> ACTIONS = Set.of("opened", "synchronize", "reopened");

    @Override
    public boolean isProven(HookRequest request, String secret) {
        // The older X-Hub-Signature is HMAC-SHA1 and proves nothing any more.
        return Hmac.isHex(request.headers().value("X-Hub-Signature-256"), "sha256=", secret, request.body());
    }

    @Override
    public @Nullable String deliveryId(HookHeaders headers) {
        return headers.value("X-GitHub-Delivery");
    }

    @Override
    public SameBody sameBody() {
        return SameBody.DUPLICATE;
    }

    @Override
    public String event(HookHeaders headers) {
        String event = headers.value("X-GitHub-Event");
        return event == null ? "" : event;
    }

    @Override
    public Reading read(String event, Payload payload) {
        String repository = payload.text("/repository/full_name");
        return switch (event) {
            case "push" -> Reading.of(repository, push(payload), "a push of neither a branch nor a tag");
            case "pull_request" -> {
                String action = payload.textOrEmpty("/action");
                yield ACTIONS.contains(action)
                        ? Reading.of(repository, pullRequest(payload), "a pull request without a head")
                        : Reading.nothing(repository, "the action " + action + " changes no commit");
            }
            case "create", "delete" -> Reading.nothing(repository, "a push tells the same");
            case "ping" -> Reading.nothing(repository, "a ping");
            default -> Reading.nothing(repository, "the event " + event + " changes no commit");
        };
    }

    private static @Nullable HostEvent push(Payload payload) {
        String ref = payload.textOrEmpty("/ref");
        HostEvent event = HostEvent.push(
                ref,
                PushedCommits.head(payload, ref),
                payload.flag("/deleted"),
                payload.text("/head_commit/message"),
                payload.flag("/forced") ? null : PushedCommits.paths(payload, null));
        return event == null ? null : event.since(payload.text("/before"));
    }

    private static @Nullable HostEvent pullRequest(Payload payload) {
        String number = payload.text("/number");
        String commit = payload.text("/pull_request/head/sha");
        if (number == null || commit == null) {
            return null;
        }
        String head = payload.text("/pull_request/head/repo/full_name");
        boolean fork = head == null || !head.equals(payload.text("/pull_request/base/repo/full_name"));
        return HostEvent.pullRequest(
                "refs/pull/" + number + "/head",
                commit,
                payload.text("/pull_request/head/ref"),
                null,
                new PullRequest(number, payload.textOrEmpty("/pull_request/base/ref"), fork));
    }
}
