package io.slipway.api.webhook.base;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.webhook.host.RegistryProof;
import io.slipway.api.webhook.trigger.TriggerAccess;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.NewRegistryHook;
import io.slipway.db.webhook.RegistryHook;
import io.slipway.db.webhook.RegistryHooks;
import io.slipway.image.ImageReference;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Registry hooks of a project: made, listed and deleted. */
@RestController
final class RegistryHookController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");
    private static final List<String> FIELDS = List.of("name", "host");
    private static final int MOST_NAME = 100;
    private static final int MOST_HOST = 255;

    private final RegistryHooks hooks;
    private final SealedHooks sealed;
    private final TriggerAccess access;
    private final Pages pages;
    private final ServiceAddress address;
    private final Clock clock;

    RegistryHookController(
            RegistryHooks hooks,
            SealedHooks sealed,
            TriggerAccess access,
            Pages pages,
            ServiceAddress address,
            Clock clock) {
        this.hooks = hooks;
        this.sealed = sealed;
        this.access = access;
        this.pages = pages;
        this.address = address;
        this.clock = clock;
    }

    /**
     * A registry hook as the API shows it. What does not apply is left out.
     *
     * @param url what to tell the registry
     * @param host what image names call the registry
     * @param secret shown once
     * @param lastReceivedAt when something came last that was proven
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Hook(
            String id,
            String project,
            String url,
            String name,
            @Nullable String host,
            @Nullable String secret,
            @Nullable Instant lastReceivedAt,
            Instant createdAt,
            String createdBy) {}

    /**
     * A page of hooks.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Hook> registryHooks, @Nullable String next) {}

    /** {@code POST /v1/projects/{name}/registry-hooks}: 201 with the secret, which nobody is shown again. */
    @PostMapping("/v1/projects/{name}/registry-hooks")
    ResponseEntity<Hook> create(@PathVariable("name") String project, HttpServletRequest request) throws IOException {
        NONE.check(request);
        Caller caller = access.require(request, project, Role.MAINTAINER);
        BodyFields body = BodyFields.read(request, FIELDS);
        String name = body.line("name", MOST_NAME, "by it people know later what it is for");
        String host = host(body.lineOrNull("host", MOST_HOST));
        String id = RegistryHooks.newId(clock.instant());
        String secret = RegistryProof.newSecret();
        try {
            RegistryHook hook = hooks.add(
                            new NewRegistryHook(id, project, name, host, sealed.seal(id, secret), caller.id()))
                    .orElseThrow(() -> new ProblemException(
                            ProblemType.LIMIT_REACHED,
                            "The project `" + project + "` has " + RegistryHooks.MOST + " registry hooks already."));
            return ResponseEntity.created(
                            URI.create(address.url() + "/v1/projects/" + project + "/registry-hooks/" + hook.id()))
                    .cacheControl(CacheControl.noStore())
                    .body(shown(hook, secret));
        } catch (NoSuchProjectException e) {
            throw Caller.projectNotFound(project);
        }
    }

    private static @Nullable String host(@Nullable String host) {
        if (host == null) {
            return null;
        }
        try {
            return new ImageReference(host, "a", "a", null).host();
        } catch (IllegalArgumentException e) {
            throw BodyFields.invalid(
                    "host",
                    "The field host is no registry's host: " + e.getMessage() + ".",
                    "such as registry.example:5000");
        }
    }

    /** {@code GET /v1/projects/{name}/registry-hooks}: oldest first. */
    @GetMapping("/v1/projects/{name}/registry-hooks")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        access.require(request, project, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<RegistryHook> page =
                pages.page(wanted, hooks.list(project, wanted.after(), wanted.lookup()), RegistryHook::id);
        return page.answer(
                new Page(page.items().stream().map(hook -> shown(hook, null)).toList(), page.next()));
    }

    /** {@code GET /v1/projects/{name}/registry-hooks/{id}}. */
    @GetMapping("/v1/projects/{name}/registry-hooks/{id}")
    Hook get(@PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        access.require(request, project, Role.VIEWER);
        return shown(hooks.find(project, id).orElseThrow(() -> notFound(id)), null);
    }

    /** {@code DELETE /v1/projects/{name}/registry-hooks/{id}}. */
    @DeleteMapping("/v1/projects/{name}/registry-hooks/{id}")
    ResponseEntity<Void> delete(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request)
            throws IOException {
        NONE.checkWithoutBody(request);
        access.require(request, project, Role.MAINTAINER);
        if (!hooks.delete(project, id)) {
            throw notFound(id);
        }
        return ResponseEntity.noContent().build();
    }

    private Hook shown(RegistryHook hook, @Nullable String secret) {
        return new Hook(
                hook.id(),
                hook.project(),
                address.url() + "/v1/webhooks/registry/" + hook.id(),
                hook.name(),
                hook.host(),
                secret,
                hook.lastReceivedAt(),
                hook.createdAt(),
                hook.createdBy());
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(
                ProblemType.REGISTRY_HOOK_NOT_FOUND, "There is no registry hook `" + id + "` here.");
    }
}
