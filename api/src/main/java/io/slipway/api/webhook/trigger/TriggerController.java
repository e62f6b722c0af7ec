package io.slipway.api.webhook.trigger;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.access.Caller;
import io.slipway.api.intake.option.OptionCounts;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.JsonObjects;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.NewTrigger;
import io.slipway.db.webhook.Trigger;
import io.slipway.db.webhook.Triggers;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Triggers of a project: made, listed, changed and deleted, and their secrets. */
@RestController
final class TriggerController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");

    private static final String SECRET = "secret";

    private final Triggers triggers;
    private final SealedTriggers sealed;
    private final TriggerAccess access;
    private final TriggerResources resources;
    private final Pages pages;
    private final Clock clock;

    TriggerController(
            Triggers triggers,
            SealedTriggers sealed,
            TriggerAccess access,
            TriggerResources resources,
            Pages pages,
            Clock clock) {
        this.triggers = triggers;
        this.sealed = sealed;
        this.access = access;
        this.resources = resources;
        this.pages = pages;
        this.clock = clock;
    }

    /**
     * A page of triggers.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<ObjectNode> triggers, @Nullable String next) {}

    /** {@code POST /v1/projects/{name}/triggers}: 201 with the secret, which nobody is shown again. */
    @PostMapping("/v1/projects/{name}/triggers")
    ResponseEntity<ObjectNode> create(@PathVariable("name") String project, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        Caller caller = access.require(request, project, Role.MAINTAINER);
        ObjectNode document = body(request);
        String given = text(document.remove(SECRET));
        TriggerSettings settings = TriggerDocument.readNew(document, project);
        String secret = NewSecret.of(settings.host().host(settings.payload()), given);
        String id = Triggers.newId(clock.instant());
        Triggers.Document stored = sealed.sealed(id, document);
        try {
            Trigger trigger = triggers.add(new NewTrigger(
                            id,
                            project,
                            settings.host().wireName(),
                            stored.shown(),
                            stored.sealed(),
                            sealed.sealedSecret(id, secret),
                            caller.id()))
                    .orElseThrow(() -> new ProblemException(
                            ProblemType.LIMIT_REACHED,
                            "The project `" + project + "` has " + Triggers.MOST + " triggers already."));
            return ResponseEntity.created(URI.create(resources.address(trigger)))
                    .cacheControl(CacheControl.noStore())
                    .body(resources.of(trigger, secret));
        } catch (NoSuchProjectException e) {
            throw Caller.projectNotFound(project);
        }
    }

    private static @Nullable String text(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw BodyFields.invalid(SECRET, "The field secret must be a text.", null);
        }
        return value.stringValue();
    }

    private static ObjectNode body(HttpServletRequest request) throws IOException {
        BodyFields.requireJson(request);
        byte[] body = request.getInputStream().readNBytes(OptionCounts.JSON_BYTES + 1);
        if (body.length > OptionCounts.JSON_BYTES) {
            throw new ProblemException(
                    ProblemType.CONTENT_TOO_LARGE,
                    "The body of this call has " + OptionCounts.JSON_BYTES + " bytes at most.");
        }
        return JsonObjects.parse(body, "the body");
    }

    /** {@code GET /v1/projects/{name}/triggers}: oldest first. */
    @GetMapping("/v1/projects/{name}/triggers")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        access.require(request, project, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Trigger> page =
                pages.page(wanted, triggers.list(project, wanted.after(), wanted.lookup()), Trigger::id);
        return page.answer(new Page(page.items().stream().map(resources::of).toList(), page.next()));
    }

    /** {@code GET /v1/projects/{name}/triggers/{id}}. */
    @GetMapping("/v1/projects/{name}/triggers/{id}")
    ObjectNode get(@PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        return resources.of(access.require(request, project, id, Role.VIEWER));
    }

    /** {@code PATCH /v1/projects/{name}/triggers/{id}} (RFC 7396). The host stays, since it is part of the webhook's address. */
    @PatchMapping("/v1/projects/{name}/triggers/{id}")
    ObjectNode change(@PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        access.require(request, project, id, Role.MAINTAINER);
        ObjectNode patch = body(request);
        if (patch.has(SECRET)) {
            throw BodyFields.invalid(
                    SECRET, "A secret is not changed so.", "POST …/secret gives the trigger another one");
        }
        Trigger changed = triggers.change(project, id, trigger -> {
                    ObjectNode document = sealed.document(trigger);
                    MovedCredentials.check(document, patch);
                    TriggerDocument.forgetDerivedName(document, patch);
                    MergePatch.apply(document, patch);
                    TriggerSettings settings = TriggerDocument.readNew(document, project);
                    if (!settings.host().wireName().equals(trigger.host())) {
                        throw BodyFields.invalid(
                                "host", "The host of a trigger stays what it is.", "make another trigger");
                    }
                    return sealed.sealed(id, document);
                })
                .orElseThrow(() -> TriggerAccess.notFound(id));
        return resources.of(changed);
    }

    /** {@code DELETE /v1/projects/{name}/triggers/{id}}: 204, and from then on nothing is accepted for it. */
    @DeleteMapping("/v1/projects/{name}/triggers/{id}")
    ResponseEntity<Void> delete(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        access.require(request, project, Role.MAINTAINER);
        if (!triggers.delete(project, id)) {
            throw TriggerAccess.notFound(id);
        }
        return ResponseEntity.noContent().build();
    }

    /** {@code POST /v1/projects/{name}/triggers/{id}/secret}: another secret, shown this once; the one before is accepted, too. */
    @PostMapping("/v1/projects/{name}/triggers/{id}/secret")
    ResponseEntity<ObjectNode> rotate(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        Trigger trigger = access.require(request, project, id, Role.MAINTAINER);
        BodyFields fields = BodyFields.read(request, List.of(SECRET));
        TriggerSettings settings = sealed.settings(trigger);
        String secret = NewSecret.of(settings.host().host(settings.payload()), fields.text(SECRET));
        Trigger rotated = triggers.rotate(project, id, sealed.sealedSecret(id, secret))
                .orElseThrow(() -> TriggerAccess.notFound(id));
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(resources.of(rotated, secret));
    }

    /** {@code DELETE /v1/projects/{name}/triggers/{id}/secret/previous}: 204, and only the newest secret is accepted. */
    @DeleteMapping("/v1/projects/{name}/triggers/{id}/secret/previous")
    ResponseEntity<Void> dropPrevious(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        access.require(request, project, id, Role.MAINTAINER);
        if (!triggers.dropPrevious(project, id)) {
            throw new ProblemException(ProblemType.NOT_FOUND, "The trigger `" + id + "` has no secret but the newest.");
        }
        return ResponseEntity.noContent().build();
    }
}
