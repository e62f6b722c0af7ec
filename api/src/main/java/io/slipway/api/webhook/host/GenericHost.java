package io.slipway.api.webhook.host;

import io.slipway.api.webhook.host.HostEvent.PullRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Whoever signs as Standard Webhooks says, with a payload of which the trigger knows where things stand. */
final class GenericHost implements Host {
    private final PayloadPointers pointers;

    GenericHost(PayloadPointers pointers) {
        this.pointers = pointers;
    }

    @Override
    public boolean isProven(HookRequest request, String secret) {
        return StandardWebhooks.isProven(request, secret);
    }

    @Override
    public @Nullable String deliveryId(HookHeaders headers) {
        return headers.value(StandardWebhooks.ID);
    }

    @Override
    public String event(HookHeaders headers) {
        return "webhook";
    }

    @Override
    public Reading read(String event, Payload payload) {
        String repository = payload.text(pointers.repository());
        String commit = payload.text(pointers.commit());
        String ref = payload.textOrEmpty(pointers.ref());
        String number = payload.text(pointers.pullRequest());
        String message = payload.text(pointers.message());
        boolean deleted = payload.flag(pointers.deleted());
        if (commit == null && !deleted) {
            return Reading.nothing(repository, "there is no commit at " + pointers.commit());
        }
        if (number != null && commit != null) {
            return new Reading(repository, List.of(pullRequest(payload, ref, commit, number, message)), null);
        }
        return Reading.of(
                repository,
                HostEvent.push(ref, commit, deleted, message, paths(payload)),
                "at " + pointers.ref() + " there is neither refs/heads/… nor refs/tags/…");
    }

    private HostEvent pullRequest(Payload payload, String ref, String commit, String number, @Nullable String message) {
        String branch = ref.startsWith("refs/heads/") ? ref.substring("refs/heads/".length()) : null;
        return HostEvent.pullRequest(
                ref,
                commit,
                branch,
                message,
                new PullRequest(number, payload.textOrEmpty(pointers.targetBranch()), payload.flag(pointers.fork())));
    }

    private @Nullable List<String> paths(Payload payload) {
        JsonNode paths = payload.at(pointers.paths());
        if (!paths.isArray()) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        paths.forEach(path -> texts.add(path.asString("")));
        return texts;
    }

    @Override
    public @Nullable String faultOf(String secret) {
        return StandardWebhooks.faultOf(secret);
    }

    @Override
    public String newSecret() {
        return NewSecrets.standard();
    }
}
