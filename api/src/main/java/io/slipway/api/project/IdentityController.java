package io.slipway.api.project;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Identities;
import io.slipway.db.access.Identity;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Whom a project trusts without a token of Slipway's (workload identity federation): made, listed and removed. */
@RestController
final class IdentityController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");

    private final Identities identities;
    private final TrustRules rules;
    private final ProjectAccess access;
    private final Pages pages;
    private final ServiceAddress address;
    private final Clock clock;

    IdentityController(
            Identities identities,
            TrustRules rules,
            ProjectAccess access,
            Pages pages,
            ServiceAddress address,
            Clock clock) {
        this.identities = identities;
        this.rules = rules;
        this.access = access;
        this.pages = pages;
        this.address = address;
        this.clock = clock;
    }

    /** A trusted identity. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            String id,
            String name,
            @Nullable String project,
            String role,
            String issuer,
            String audience,
            Map<String, String> claims,
            @Nullable Instant createdAt,
            @Nullable String createdBy,
            @Nullable Instant lastUsedAt) {
        static Resource of(Identity identity) {
            return new Resource(
                    identity.id(),
                    identity.name(),
                    identity.project(),
                    identity.role().wireName(),
                    identity.issuer(),
                    identity.audience(),
                    identity.claims(),
                    identity.createdAt(),
                    identity.createdBy(),
                    identity.lastUsedAt());
        }
    }

    /**
     * A page of identities.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Resource> identities, @Nullable String next) {}

    /** {@code POST /v1/projects/{name}/identities}: 201. The issuer is asked for nothing before somebody comes with its token. */
    @PostMapping("/v1/projects/{name}/identities")
    ResponseEntity<Resource> create(@PathVariable("name") String project, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        Caller caller = Caller.of(request);
        access.require(caller, project, Role.ADMIN);
        BodyFields fields = BodyFields.read(request, TrustRules.FIELDS);
        Role role = ProjectAccess.granted(fields, caller, project);
        Identity wanted = rules.read(fields, Identities.newId(clock.instant()), project, role, caller.id());
        try {
            Identity identity = identities
                    .add(wanted)
                    .orElseThrow(() -> new ProblemException(
                            ProblemType.LIMIT_REACHED,
                            "The project `" + project + "` has " + Identities.MOST + " identities already."));
            return ResponseEntity.created(
                            URI.create(address.url() + "/v1/projects/" + project + "/identities/" + identity.id()))
                    .body(Resource.of(identity));
        } catch (NoSuchProjectException e) {
            throw Caller.projectNotFound(project);
        }
    }

    /** {@code GET /v1/projects/{name}/identities}: oldest first. */
    @GetMapping("/v1/projects/{name}/identities")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        access.require(Caller.of(request), project, Role.ADMIN);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Identity> page =
                pages.page(wanted, identities.list(project, wanted.after(), wanted.lookup()), Identity::id);
        return page.answer(new Page(page.items().stream().map(Resource::of).toList(), page.next()));
    }

    /** {@code GET /v1/projects/{name}/identities/{id}}. */
    @GetMapping("/v1/projects/{name}/identities/{id}")
    Resource get(@PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        access.require(Caller.of(request), project, Role.ADMIN);
        return Resource.of(identities.find(project, id).orElseThrow(() -> notFound(id)));
    }

    /** {@code DELETE /v1/projects/{name}/identities/{id}}: 204, and from then on nobody gets in as it. */
    @DeleteMapping("/v1/projects/{name}/identities/{id}")
    ResponseEntity<Void> remove(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        access.require(Caller.of(request), project, Role.ADMIN);
        if (!identities.remove(project, id)) {
            throw notFound(id);
        }
        return ResponseEntity.noContent().build();
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.IDENTITY_NOT_FOUND, "There is no identity `" + id + "` here.");
    }
}
