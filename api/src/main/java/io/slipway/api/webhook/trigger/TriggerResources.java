package io.slipway.api.webhook.trigger;

import io.slipway.api.ServiceAddress;
import io.slipway.api.problem.JsonObjects;
import io.slipway.db.webhook.Trigger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Shows triggers as resources of the API: what their document says, and what the service knows beside. Thread-safe. */
@Component
final class TriggerResources {
    private final ServiceAddress address;

    TriggerResources(ServiceAddress address) {
        this.address = address;
    }

    /** A trigger. */
    ObjectNode of(Trigger trigger) {
        return of(trigger, null);
    }

    /**
     * A trigger.
     *
     * @param secret to be shown this once, or null
     */
    ObjectNode of(Trigger trigger, @Nullable String secret) {
        ObjectNode resource = JsonMapper.shared().createObjectNode();
        resource.put("id", trigger.id());
        resource.put("project", trigger.project());
        resource.put("url", address.url() + "/v1/webhooks/" + trigger.host() + "/" + trigger.id());
        ObjectNode document =
                JsonObjects.parse(trigger.document().getBytes(StandardCharsets.UTF_8), "the trigger " + trigger.id());
        resource.setAll(document);
        if (secret != null) {
            resource.put("secret", secret);
        }
        resource.put("secretCreatedAt", trigger.secretCreatedAt().toString());
        resource.put("previousSecretAccepted", trigger.previousSecret() != null);
        resource.put("createdAt", trigger.createdAt().toString());
        resource.put("createdBy", trigger.createdBy());
        resource.put("updatedAt", trigger.updatedAt().toString());
        return resource;
    }

    /** The address of a trigger. */
    String address(Trigger trigger) {
        return address.url() + "/v1/projects/" + trigger.project() + "/triggers/" + trigger.id();
    }
}
