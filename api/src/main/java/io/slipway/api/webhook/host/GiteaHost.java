package io.slipway.api.webhook.host;

import io.slipway.api.webhook.host.HostEvent.PullRequest;
import io.slipway.db.webhook.SameBody;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gitea and Forgejo, whose payloads are nearly GitHub's. Forgejo sends its header fields under Gitea's names, too; where one has its own name, that
 * one decides.
 */
final class GiteaHost implements Host {
    private static final Set<String> ACTIONS = Set.of("opened", "synchronized", "reopened");

    private static final int MOST_OF_NEW_BRANCH = 10;

    private final List<String> prefixes;

    /** @param prefixes with which the names of its header fields begin, the deciding one first */
    GiteaHost(List<String> prefixes) {
        this.prefixes = List.copyOf(prefixes);
    }

    private @Nullable String first(HookHeaders headers, String name) {
        for (String prefix : prefixes) {
            if (headers.has(prefix + name)) {
                return headers.value(prefix + name);
            }
        }
        return null;
    }

    @Override
    public boolean isProven(HookRequest request, String secret) {
        return Hmac.isHex(first(request.headers(), "Signature"), "", secret, request.body());
    }

    @Override
    public @Nullable String deliveryId(HookHeaders headers) {
        return first(headers, "Delivery");
    }

    @Override
    public SameBody sameBody() {
        return SameBody.DUPLICATE;
    }

    @Override
    public String event(HookHeaders headers) {
        String event = first(headers, "Event");
        return event == null ? "" : event;
    }

    @Override
    public Reading read(String event, Payload payload) {
        String repository = payload.text("/repository/full_name");
        return switch (event) {
            case "push" -> Reading.of(repository, push(payload), "a push of neither a branch nor a tag");
            case "pull_request", "pull_request_sync" -> {
                String action = payload.textOrEmpty("/action");
                yield ACTIONS.contains(action)
                        ? Reading.of(repository, pullRequest(payload), "a pull request without a head")
                        : Reading.nothing(repository, "the action " + action + " changes no commit");
            }
            case "create", "delete" -> Reading.nothing(repository, "a push tells the same, or there is nothing left");
            default -> Reading.nothing(repository, "the event " + event + " changes no commit");
        };
    }

    private static @Nullable HostEvent push(Payload payload) {
        String ref = payload.textOrEmpty("/ref");
        String commit = PushedCommits.head(payload, ref);
        String message = payload.text("/head_commit/message");
        HostEvent event = HostEvent.push(
                ref, commit, false, message == null ? PushedCommits.message(payload, commit) : message, paths(payload));
        return event == null ? null : event.since(payload.text("/before"));
    }

    /** Servers list as many commits as their feed shows. Older ones do not say how many there are; of a new branch none counts more than ten. */
    private static @Nullable List<String> paths(Payload payload) {
        String total = payload.text("/total_commits");
        boolean isNew = payload.textOrEmpty("/before").matches("0+");
        boolean isCounted =
                total != null && total.length() <= 9 && !(isNew && Integer.parseInt(total) >= MOST_OF_NEW_BRANCH);
        return isCounted ? PushedCommits.paths(payload, Integer.valueOf(total)) : null;
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
