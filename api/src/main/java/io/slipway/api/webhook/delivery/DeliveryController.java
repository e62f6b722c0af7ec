package io.slipway.api.webhook.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.webhook.trigger.TriggerAccess;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.CommitStatuses;
import io.slipway.db.webhook.Deliveries;
import io.slipway.db.webhook.Delivery;
import io.slipway.db.webhook.DeliveryBuild;
import io.slipway.db.webhook.DeliveryContent;
import io.slipway.db.webhook.Refused;
import io.slipway.db.webhook.Trigger;
import io.slipway.db.webhook.Triggers;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The log of what was delivered to a trigger. */
@RestController
final class DeliveryController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");

    private final Deliveries deliveries;
    private final Triggers triggers;
    private final CommitStatuses statuses;
    private final TriggerAccess access;
    private final Pages pages;
    private final ServiceAddress address;
    private final Clock clock;

    DeliveryController(
            Deliveries deliveries,
            Triggers triggers,
            CommitStatuses statuses,
            TriggerAccess access,
            Pages pages,
            ServiceAddress address,
            Clock clock) {
        this.deliveries = deliveries;
        this.triggers = triggers;
        this.statuses = statuses;
        this.access = access;
        this.pages = pages;
        this.address = address;
        this.clock = clock;
    }

    /**
     * A page of deliveries.
     *
     * @param refused what came without a proof and is not among them, or null if nothing did
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(
            List<DeliveryResource> deliveries,
            @Nullable Refused refused,
            @Nullable String next) {}

    /** {@code GET …/deliveries}: newest first, without headers and bodies. */
    @GetMapping("/v1/projects/{name}/triggers/{id}/deliveries")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @PathVariable("id") String id,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        Trigger trigger = access.require(request, project, id, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Delivery> page =
                pages.page(wanted, deliveries.list(trigger.id(), wanted.after(), wanted.lookup()), Delivery::id);
        List<DeliveryBuild> builds =
                deliveries.builds(page.items().stream().map(Delivery::id).toList());
        return page.answer(new Page(
                page.items().stream()
                        .map(delivery -> DeliveryResource.of(
                                delivery,
                                builds.stream()
                                        .filter(build -> build.deliveryId().equals(delivery.id()))
                                        .toList(),
                                List.of(),
                                null))
                        .toList(),
                triggers.refused(trigger.id()).orElse(null),
                page.next()));
    }

    /** {@code GET …/deliveries/{delivery}}: with header fields and body. */
    @GetMapping("/v1/projects/{name}/triggers/{id}/deliveries/{delivery}")
    DeliveryResource get(
            @PathVariable("name") String project,
            @PathVariable("id") String id,
            @PathVariable("delivery") String delivery,
            HttpServletRequest request) {
        NONE.check(request);
        Trigger trigger = access.require(request, project, id, Role.VIEWER);
        Delivery found = deliveries.find(trigger.id(), delivery).orElseThrow(() -> notFound(delivery));
        DeliveryContent content = deliveries.content(found.id()).orElseThrow(() -> notFound(delivery));
        return DeliveryResource.of(
                found,
                deliveries.builds(List.of(found.id())),
                statuses.of(trigger.id(), DeliveryResource.commits(found)),
                content);
    }

    /** {@code POST …/deliveries/{delivery}/redeliver}: 202 with a new delivery of the same, which is decided on as the trigger is now. */
    @PostMapping("/v1/projects/{name}/triggers/{id}/deliveries/{delivery}/redeliver")
    ResponseEntity<DeliveryResource> redeliver(
            @PathVariable("name") String project,
            @PathVariable("id") String id,
            @PathVariable("delivery") String delivery,
            HttpServletRequest request)
            throws IOException {
        NONE.checkWithoutBody(request);
        Trigger trigger = access.require(request, project, id, Role.BUILDER);
        Delivery repeated = deliveries
                .repeat(
                        trigger.id(),
                        delivery,
                        Deliveries.newId(clock.instant()),
                        address.url().toString())
                .orElseThrow(() -> notFound(delivery));
        return ResponseEntity.accepted()
                .location(URI.create(address.url() + "/v1/projects/" + project + "/triggers/" + trigger.id()
                        + "/deliveries/" + repeated.id()))
                .body(DeliveryResource.of(repeated, List.of(), List.of(), null));
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.DELIVERY_NOT_FOUND, "There is no delivery `" + id + "` here.");
    }
}
