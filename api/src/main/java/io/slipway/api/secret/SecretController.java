package io.slipway.api.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import io.slipway.db.secret.Secret;
import io.slipway.db.secret.SecretUse;
import io.slipway.db.secret.Secrets;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Secrets of projects: set, listed and deleted, but never shown. */
@RestController
final class SecretController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");

    /** In JSON a byte can take six characters. */
    private static final int MOST_BODY_BYTES = 6 * ProjectSecrets.MOST_BYTES + 1024;

    private final Secrets secrets;
    private final ProjectSecrets values;
    private final Projects projects;
    private final Pages pages;
    private final ServiceAddress address;

    SecretController(Secrets secrets, ProjectSecrets values, Projects projects, Pages pages, ServiceAddress address) {
        this.secrets = secrets;
        this.values = values;
        this.projects = projects;
        this.pages = pages;
        this.address = address;
    }

    /** A secret without its value. */
    record Resource(String name, int version, Instant createdAt, String createdBy) {
        static Resource of(Secret secret) {
            return new Resource(secret.name(), secret.version(), secret.createdAt(), secret.createdBy());
        }
    }

    /**
     * A page of secrets.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Resource> secrets, @Nullable String next) {}

    /** That a build got a version of the secret. */
    record Use(int version, String build, int attempt, Instant usedAt) {
        static Use of(SecretUse use) {
            return new Use(use.version(), use.build(), use.attempt(), use.usedAt());
        }
    }

    /**
     * A page of uses.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Uses(List<Use> uses, @Nullable String next) {}

    /** {@code PUT /v1/projects/{name}/secrets/{secret}}: 201 for the first value of a name, 200 for each later one. */
    @PutMapping("/v1/projects/{name}/secrets/{secret}")
    ResponseEntity<Resource> put(
            @PathVariable("name") String project, @PathVariable("secret") String name, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        Caller caller = Caller.of(request);
        require(caller, project, Role.MAINTAINER);
        BodyFields fields = BodyFields.read(request, List.of("value", "base64"), MOST_BODY_BYTES);
        if (!ProjectSecrets.canBeNamed(name)) {
            throw BodyFields.invalid(
                    "secret",
                    "A secret can't have that name.",
                    "letters, digits, and . _ : -; at most 200, beginning with a letter, a digit or _");
        }
        Secret secret = values.put(project, name, value(fields), caller.id());
        Resource shown = Resource.of(secret);
        return secret.version() == 1
                ? ResponseEntity.created(URI.create(address.url() + "/v1/projects/" + project + "/secrets/" + name))
                        .body(shown)
                : ResponseEntity.ok(shown);
    }

    private static byte[] value(BodyFields fields) {
        String text = fields.text("value");
        String base64 = fields.text("base64");
        if ((text == null) == (base64 == null)) {
            throw BodyFields.invalid(
                    "value", "The body must have exactly one of value and base64.", "{\"value\": \"TEXT\"}");
        }
        byte[] value;
        try {
            value = text == null ? Base64.getDecoder().decode(base64) : text.getBytes(UTF_8);
        } catch (IllegalArgumentException e) {
            // Not the decoder's message, which has a part of it.
            throw BodyFields.invalid("base64", "The field base64 is no base64.", "RFC 4648, section 4");
        }
        if (value.length > ProjectSecrets.MOST_BYTES) {
            throw new ProblemException(
                    ProblemType.CONTENT_TOO_LARGE, "A secret has " + ProjectSecrets.MOST_BYTES + " bytes at most.");
        }
        return value;
    }

    /** {@code GET /v1/projects/{name}/secrets}: by name. */
    @GetMapping("/v1/projects/{name}/secrets")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        require(Caller.of(request), project, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Secret> page =
                pages.page(wanted, secrets.list(project, wanted.after(), wanted.lookup()), Secret::name);
        return page.answer(new Page(page.items().stream().map(Resource::of).toList(), page.next()));
    }

    /** {@code GET /v1/projects/{name}/secrets/{secret}}. */
    @GetMapping("/v1/projects/{name}/secrets/{secret}")
    Resource get(
            @PathVariable("name") String project, @PathVariable("secret") String name, HttpServletRequest request) {
        NONE.check(request);
        require(Caller.of(request), project, Role.VIEWER);
        return Resource.of(secrets.find(project, name).orElseThrow(() -> notFound(name)));
    }

    /** {@code DELETE /v1/projects/{name}/secrets/{secret}}: 204, and no build gets it from then on. */
    @DeleteMapping("/v1/projects/{name}/secrets/{secret}")
    ResponseEntity<Void> delete(
            @PathVariable("name") String project, @PathVariable("secret") String name, HttpServletRequest request) {
        NONE.check(request);
        require(Caller.of(request), project, Role.MAINTAINER);
        if (!secrets.delete(project, name)) {
            throw notFound(name);
        }
        return ResponseEntity.noContent().build();
    }

    /** {@code GET /v1/projects/{name}/secrets/{secret}/uses}: the newest first; also of a secret that was deleted. */
    @GetMapping("/v1/projects/{name}/secrets/{secret}/uses")
    ResponseEntity<Uses> uses(
            @PathVariable("name") String project,
            @PathVariable("secret") String name,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        require(Caller.of(request), project, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        List<SecretUse> found =
                secrets.uses(project, name, before(wanted), wanted.lookup()).orElseThrow(() -> notFound(name));
        Pages.Page<SecretUse> page = pages.page(wanted, found, use -> Long.toString(use.number()));
        return page.answer(new Uses(page.items().stream().map(Use::of).toList(), page.next()));
    }

    private static long before(PageRequest wanted) {
        try {
            return wanted.after().isEmpty() ? Long.MAX_VALUE : Long.parseLong(wanted.after());
        } catch (NumberFormatException e) {
            throw PageRequest.unknownCursor();
        }
    }

    private void require(Caller caller, String project, Role needed) {
        caller.require(project, needed);
        if (!projects.exists(project)) {
            throw Caller.projectNotFound(project);
        }
    }

    private static ProblemException notFound(String name) {
        return new ProblemException(ProblemType.SECRET_NOT_FOUND, "The project has no secret `" + name + "`.");
    }
}
