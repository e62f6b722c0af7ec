package io.slipway.api.webhook.outgoing;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.webhook.host.StandardWebhooks;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.NewWebhook;
import io.slipway.db.webhook.Webhook;
import io.slipway.db.webhook.WebhookSettings;
import io.slipway.db.webhook.Webhooks;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Webhooks of a project: made, listed, changed and deleted, and their secrets. */
@RestController
final class OutgoingController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");
    private static final List<String> FIELDS = List.of("url", "events", "description", "enabled");
    private static final int MOST_DESCRIPTION = 200;

    private final Webhooks webhooks;
    private final SealedWebhooks sealed;
    private final OutgoingAccess access;
    private final ReceiverUrl receiver;
    private final Pages pages;
    private final ServiceAddress address;
    private final Clock clock;

    OutgoingController(
            Webhooks webhooks,
            SealedWebhooks sealed,
            OutgoingAccess access,
            ReceiverUrl receiver,
            Pages pages,
            ServiceAddress address,
            Clock clock) {
        this.webhooks = webhooks;
        this.sealed = sealed;
        this.access = access;
        this.receiver = receiver;
        this.pages = pages;
        this.address = address;
        this.clock = clock;
    }

    /**
     * A page of webhooks.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<WebhookResource> webhooks, @Nullable String next) {}

    /** {@code POST /v1/projects/{name}/webhooks}: 201 with the secret, which nobody is shown again. */
    @PostMapping("/v1/projects/{name}/webhooks")
    ResponseEntity<WebhookResource> create(@PathVariable("name") String project, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        Caller caller = access.require(request, project, Role.MAINTAINER);
        BodyFields body = BodyFields.read(request, FIELDS);
        Boolean enabled = body.flag("enabled");
        WebhookSettings settings = new WebhookSettings(
                receiver.checked(
                        body.line("url", ReceiverUrl.MOST_CHARACTERS, "where messages are sent to, as an https URL")),
                BuildEventName.checked(body.list("events")),
                body.lineOrNull("description", MOST_DESCRIPTION),
                enabled == null || enabled);
        String id = Webhooks.newId(clock.instant());
        String secret = StandardWebhooks.newSecret();
        try {
            Webhook webhook = webhooks.add(new NewWebhook(
                            id,
                            project,
                            settings,
                            sealed.seal(id, secret),
                            address.url().toString(),
                            caller.id()))
                    .orElseThrow(() -> new ProblemException(
                            ProblemType.LIMIT_REACHED,
                            "The project `" + project + "` has " + Webhooks.MOST + " webhooks already."));
            return ResponseEntity.created(
                            URI.create(address.url() + "/v1/projects/" + project + "/webhooks/" + webhook.id()))
                    .cacheControl(CacheControl.noStore())
                    .body(WebhookResource.of(webhook, secret, clock.instant()));
        } catch (NoSuchProjectException e) {
            throw Caller.projectNotFound(project);
        }
    }

    /** {@code GET /v1/projects/{name}/webhooks}: oldest first. */
    @GetMapping("/v1/projects/{name}/webhooks")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        access.require(request, project, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Webhook> page =
                pages.page(wanted, webhooks.list(project, wanted.after(), wanted.lookup()), Webhook::id);
        return page.answer(new Page(page.items().stream().map(this::shown).toList(), page.next()));
    }

    /** {@code GET /v1/projects/{name}/webhooks/{id}}. */
    @GetMapping("/v1/projects/{name}/webhooks/{id}")
    WebhookResource get(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        return shown(access.require(request, project, id, Role.VIEWER));
    }

    /** {@code PATCH /v1/projects/{name}/webhooks/{id}}: what is not named stays. */
    @PatchMapping("/v1/projects/{name}/webhooks/{id}")
    WebhookResource change(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        access.require(request, project, id, Role.MAINTAINER);
        BodyFields body = BodyFields.read(request, FIELDS);
        String url = body.has("url")
                ? receiver.checked(
                        body.line("url", ReceiverUrl.MOST_CHARACTERS, "where messages are sent to, as an https URL"))
                : null;
        List<String> events = body.has("events") ? BuildEventName.checked(body.list("events")) : null;
        String description = body.lineOrNull("description", MOST_DESCRIPTION);
        Boolean enabled = body.flag("enabled");
        return webhooks.change(
                        project,
                        id,
                        webhook -> new WebhookSettings(
                                url == null ? webhook.url() : url,
                                events == null ? webhook.events() : events,
                                body.has("description") ? description : webhook.description(),
                                enabled == null ? webhook.enabled() : enabled))
                .map(this::shown)
                .orElseThrow(() -> OutgoingAccess.notFound(id));
    }

    /** {@code DELETE /v1/projects/{name}/webhooks/{id}}. */
    @DeleteMapping("/v1/projects/{name}/webhooks/{id}")
    ResponseEntity<Void> delete(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request)
            throws IOException {
        NONE.checkWithoutBody(request);
        access.require(request, project, Role.MAINTAINER);
        if (!webhooks.delete(project, id)) {
            throw OutgoingAccess.notFound(id);
        }
        return ResponseEntity.noContent().build();
    }

    /** {@code POST …/secret}: another secret, shown this once. For a day messages are signed with both. */
    @PostMapping("/v1/projects/{name}/webhooks/{id}/secret")
    ResponseEntity<WebhookResource> rotate(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request)
            throws IOException {
        NONE.checkWithoutBody(request);
        access.require(request, project, id, Role.MAINTAINER);
        String secret = StandardWebhooks.newSecret();
        Webhook webhook =
                webhooks.rotate(project, id, sealed.seal(id, secret)).orElseThrow(() -> OutgoingAccess.notFound(id));
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .body(WebhookResource.of(webhook, secret, clock.instant()));
    }

    private WebhookResource shown(Webhook webhook) {
        return WebhookResource.of(webhook, null, clock.instant());
    }
}
