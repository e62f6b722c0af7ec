package io.slipway.api.webhook.delivery;

import io.slipway.api.ServiceAddress;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.webhook.host.HookHeaders;
import io.slipway.api.webhook.host.HookRequest;
import io.slipway.api.webhook.host.Host;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.db.webhook.Deliveries;
import io.slipway.db.webhook.NewDelivery;
import io.slipway.db.webhook.Trigger;
import io.slipway.db.webhook.Triggers;
import io.slipway.image.Digest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Where git hosts deliver: verifies, stores and answers; everything else is {@link DeliveryWork}'s. */
@RestController
final class WebhookController {
    private static final KnownParameters NONE = KnownParameters.of();

    private final RawBodies bodies;
    private final Triggers triggers;
    private final TriggerSecrets secrets;
    private final Deliveries deliveries;
    private final RefusedRequests refusedRequests;
    private final ServiceAddress address;
    private final Clock clock;

    WebhookController(
            RawBodies bodies,
            Triggers triggers,
            TriggerSecrets secrets,
            Deliveries deliveries,
            RefusedRequests refusedRequests,
            ServiceAddress address,
            Clock clock) {
        this.bodies = bodies;
        this.triggers = triggers;
        this.secrets = secrets;
        this.deliveries = deliveries;
        this.refusedRequests = refusedRequests;
        this.address = address;
        this.clock = clock;
    }

    /**
     * What hosts are told.
     *
     * @param id of the delivery as it is stored
     * @param duplicate whether it was stored before
     */
    record Receipt(String id, boolean duplicate) {}

    /** {@code POST /v1/webhooks/{host}/{trigger}}: 202 as soon as it is stored; 404 for whatever does not prove that it may. */
    @PostMapping("/v1/webhooks/{host}/{trigger}")
    ResponseEntity<Receipt> receive(
            @PathVariable("host") String host, @PathVariable("trigger") String id, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        RawBodies.requirePlain(request);
        byte[] body = bodies.read(request);
        HookRequest hook = new HookRequest(HookHeaders.of(request), body, clock.instant());
        HostKind kind = HostKind.parse(host).orElseThrow(() -> unknownHost(host));
        if (kind.host().isUnsignedPing(hook.headers())) {
            return ResponseEntity.noContent().build();
        }
        Optional<Trigger> found = triggers.find(id);
        Trigger trigger =
                found.filter(known -> known.host().equals(kind.wireName())).orElse(null);
        if (!secrets.prove(kind, trigger, hook) || trigger == null) {
            refusedRequests.note(found.orElse(null));
            throw refused();
        }
        Deliveries.Stored stored = store(kind.host(), trigger, hook).orElseThrow(WebhookController::refused);
        return ResponseEntity.accepted().body(new Receipt(stored.id(), stored.duplicate()));
    }

    private Optional<Deliveries.Stored> store(Host host, Trigger trigger, HookRequest hook) {
        HookHeaders headers = hook.headers();
        byte[] hash = Digest.sha256().digest(hook.body());
        String hostId = host.deliveryId(headers);
        return deliveries.store(new NewDelivery(
                Deliveries.newId(clock.instant()),
                trigger.id(),
                hostId == null ? "sha256:" + HexFormat.of().formatHex(hash) : shortened(hostId),
                hash,
                host.sameBody(),
                shortened(host.event(headers)),
                JsonMapper.shared().writeValueAsString(headers.masked()),
                hook.body(),
                address.url().toString()));
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200);
    }

    private static ProblemException unknownHost(String host) {
        return new ProblemException(ProblemType.NOT_FOUND, "There is no kind of git host `" + host + "`.")
                .with("hint", "one of " + String.join(", ", HostKind.names()));
    }

    private static ProblemException refused() {
        return new ProblemException(
                ProblemType.WEBHOOK_REFUSED,
                "There is no such trigger for this host, or the request is not signed with its secret.");
    }
}
