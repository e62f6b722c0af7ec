package io.slipway.api.webhook.base;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.problem.JsonObjects;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.webhook.delivery.RawBodies;
import io.slipway.api.webhook.host.HookHeaders;
import io.slipway.api.webhook.host.HookRequest;
import io.slipway.db.base.WatchedBases;
import io.slipway.db.webhook.RegistryHooks;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/** Where registries tell that tags have moved: verifies, notes that these are to be looked at, and answers. */
@RestController
final class RegistryEventController {
    private static final KnownParameters NONE = KnownParameters.of();

    private final RawBodies bodies;
    private final SealedHooks hooks;
    private final RegistryHooks stored;
    private final WatchedBases bases;
    private final SlipwayProperties properties;
    private final Clock clock;

    RegistryEventController(
            RawBodies bodies,
            SealedHooks hooks,
            RegistryHooks stored,
            WatchedBases bases,
            SlipwayProperties properties,
            Clock clock) {
        this.bodies = bodies;
        this.hooks = hooks;
        this.stored = stored;
        this.bases = bases;
        this.properties = properties;
        this.clock = clock;
    }

    /**
     * What registries are told.
     *
     * @param tags how many tags were understood; whether anybody watches one is not said
     */
    record Receipt(int tags) {}

    /** {@code POST /v1/webhooks/registry/{hook}}: 202 as soon as it is noted; 404 for whatever does not prove that it may. */
    @PostMapping("/v1/webhooks/registry/{hook}")
    ResponseEntity<Receipt> receive(@PathVariable("hook") String name, HttpServletRequest request) throws IOException {
        NONE.check(request);
        RawBodies.requirePlain(request);
        byte[] body = bodies.read(request);
        SealedHooks.Sender sender = hooks.prove(name, new HookRequest(HookHeaders.of(request), body, clock.instant()))
                .orElseThrow(() -> new ProblemException(
                        ProblemType.WEBHOOK_REFUSED,
                        "There is no such registry hook, or the request does not prove that it knows its secret."));
        ObjectNode json = JsonObjects.parseAny(body, "the body");
        List<String> references = new PushedTags(properties, sender.host()).of(json);
        if (!references.isEmpty()) {
            bases.asked(sender.project(), references);
        }
        if (sender.hook() != null) {
            stored.received(sender.hook());
        }
        return ResponseEntity.accepted().body(new Receipt(references.size()));
    }
}
