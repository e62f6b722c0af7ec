package io.slipway.api.webhook.host;

import io.slipway.api.webhook.host.HostEvent.PullRequest;
import io.slipway.db.webhook.SameBody;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Bitbucket Data Center and Server (confluence.atlassian.com/bitbucketserver/event-payload). Its payloads tell no paths. */
final class BitbucketDataCenterHost implements Host {
    private static final String SIGNATURE = "X-Hub-Signature";

    @Override
    public boolean isProven(HookRequest request, String secret) {
        return Hmac.isHex(request.headers().value(SIGNATURE), "sha256=", secret, request.body());
    }

    @Override
    public @Nullable String deliveryId(HookHeaders headers) {
        return headers.value("X-Request-Id");
    }

    @Override
    public boolean isUnsignedPing(HookHeaders headers) {
        return "diagnostics:ping".equals(headers.value("X-Event-Key")) && !headers.has(SIGNATURE);
    }

    @Override
    public SameBody sameBody() {
        return SameBody.DUPLICATE;
    }

    @Override
    public String event(HookHeaders headers) {
        String event = headers.value("X-Event-Key");
        return event == null ? "" : event;
    }

    @Override
    public Reading read(String event, Payload payload) {
        return switch (event) {
            case "repo:refs_changed" ->
                Reading.of(name(payload, "/repository"), changes(payload), "a push that changes no branch and no tag");
            case "pr:opened", "pr:from_ref_updated" ->
                Reading.of(
                        name(payload, "/pullRequest/toRef/repository"),
                        pullRequest(payload),
                        "a pull request without a head");
            case "diagnostics:ping" -> Reading.nothing(null, "a ping");
            default -> Reading.nothing(name(payload, "/repository"), "the event " + event + " changes no commit");
        };
    }

    private static @Nullable String name(Payload payload, String repository) {
        String project = payload.text(repository + "/project/key");
        String slug = payload.text(repository + "/slug");
        return project == null || slug == null ? null : project + "/" + slug;
    }

    private static List<HostEvent> changes(Payload payload) {
        List<HostEvent> events = new ArrayList<>();
        for (JsonNode change : payload.at("/changes")) {
            String commit = Payload.text(change.path("toHash"));
            HostEvent event = HostEvent.push(
                    Payload.textOrEmpty(change.path("ref").path("id")),
                    commit,
                    change.path("type").asString("").equals("DELETE"),
                    message(payload, commit),
                    null);
            if (event != null) {
                events.add(event.since(Payload.text(change.path("fromHash"))));
            }
        }
        return events;
    }

    /** Newer servers send the head commit, too. */
    private static @Nullable String message(Payload payload, @Nullable String commit) {
        return commit != null && commit.equals(payload.text("/toCommit/id")) ? payload.text("/toCommit/message") : null;
    }

    private static @Nullable HostEvent pullRequest(Payload payload) {
        String number = payload.text("/pullRequest/id");
        String commit = payload.text("/pullRequest/fromRef/latestCommit");
        if (number == null || commit == null) {
            return null;
        }
        String source = payload.text("/pullRequest/fromRef/repository/id");
        boolean fork = source == null || !source.equals(payload.text("/pullRequest/toRef/repository/id"));
        return HostEvent.pullRequest(
                "refs/pull-requests/" + number + "/from",
                commit,
                payload.text("/pullRequest/fromRef/displayId"),
                null,
                new PullRequest(number, payload.textOrEmpty("/pullRequest/toRef/displayId"), fork));
    }
}
