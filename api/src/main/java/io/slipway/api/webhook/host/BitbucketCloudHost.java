package io.slipway.api.webhook.host;

import io.slipway.api.webhook.host.HostEvent.PullRequest;
import io.slipway.db.webhook.SameBody;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** bitbucket.org (support.atlassian.com/bitbucket-cloud/docs/event-payloads). Its payloads tell no paths. */
final class BitbucketCloudHost implements Host {
    @Override
    public boolean isProven(HookRequest request, String secret) {
        // The name is that of GitHub's older one, the algorithm is SHA-256 all the same. X-Hook-UUID is no secret.
        return Hmac.isHex(request.headers().value("X-Hub-Signature"), "sha256=", secret, request.body());
    }

    @Override
    public @Nullable String deliveryId(HookHeaders headers) {
        return headers.value("X-Request-UUID");
    }

    /** A push can be told twice in the same words, back and forth, and X-Request-UUID is not signed. */
    @Override
    public SameBody sameBody() {
        return SameBody.SUSPECT;
    }

    @Override
    public String event(HookHeaders headers) {
        String event = headers.value("X-Event-Key");
        return event == null ? "" : event;
    }

    @Override
    public Reading read(String event, Payload payload) {
        String repository = payload.text("/repository/full_name");
        return switch (event) {
            case "repo:push" -> Reading.of(repository, changes(payload), "a push that changes no branch and no tag");
            case "pullrequest:created", "pullrequest:updated" ->
                Reading.of(repository, pullRequest(payload), "a pull request without a head");
            default -> Reading.nothing(repository, "the event " + event + " changes no commit");
        };
    }

    private static List<HostEvent> changes(Payload payload) {
        List<HostEvent> events = new ArrayList<>();
        for (JsonNode change : payload.at("/push/changes")) {
            JsonNode now = change.path("new");
            boolean deleted = !now.isObject();
            JsonNode named = deleted ? change.path("old") : now;
            String prefix = switch (named.path("type").asString("")) {
                case "branch" -> "refs/heads/";
                case "tag" -> "refs/tags/";
                default -> "";
            };
            HostEvent event = HostEvent.push(
                    prefix + Payload.textOrEmpty(named.path("name")),
                    Payload.text(now.path("target").path("hash")),
                    deleted,
                    Payload.text(now.path("target").path("message")),
                    null);
            if (event != null && !prefix.isEmpty()) {
                events.add(event.since(
                        Payload.text(change.path("old").path("target").path("hash"))));
            }
        }
        return events;
    }

    private static @Nullable HostEvent pullRequest(Payload payload) {
        String number = payload.text("/pullrequest/id");
        String commit = payload.text("/pullrequest/source/commit/hash");
        String branch = payload.text("/pullrequest/source/branch/name");
        if (number == null || commit == null || branch == null) {
            return null;
        }
        String source = payload.text("/pullrequest/source/repository/full_name");
        boolean fork = source == null || !source.equals(payload.text("/pullrequest/destination/repository/full_name"));
        return HostEvent.pullRequest(
                "refs/heads/" + branch,
                commit,
                branch,
                null,
                new PullRequest(number, payload.textOrEmpty("/pullrequest/destination/branch/name"), fork));
    }
}
