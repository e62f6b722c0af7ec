package io.slipway.api.secret;

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
import io.slipway.db.secret.RegistryCredential;
import io.slipway.db.secret.RegistryCredentials;
import io.slipway.image.ImageReference;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who builds of projects are at registries: set, listed and removed, but what proves it is never shown. */
@RestController
final class RegistryCredentialController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");
    private static final int MOST_HOST = 255;
    private static final int MOST_USERNAME = 500;
    private static final int MOST_PROOF = 16 * 1024;

    private final RegistryCredentials credentials;
    private final ProjectRegistries registries;
    private final Projects projects;
    private final Pages pages;
    private final ServiceAddress address;

    RegistryCredentialController(
            RegistryCredentials credentials,
            ProjectRegistries registries,
            Projects projects,
            Pages pages,
            ServiceAddress address) {
        this.credentials = credentials;
        this.registries = registries;
        this.projects = projects;
        this.pages = pages;
        this.address = address;
    }

    /** A credential without what proves it. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            String id,
            String host,
            @Nullable String repository,
            @Nullable String username,
            Instant createdAt,
            String createdBy) {
        static Resource of(RegistryCredential credential) {
            return new Resource(
                    credential.id(),
                    credential.host(),
                    credential.repository().isEmpty() ? null : credential.repository(),
                    credential.username(),
                    credential.createdAt(),
                    credential.createdBy());
        }
    }

    /**
     * A page of credentials.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(
            List<Resource> registryCredentials, @Nullable String next) {}

    /** {@code PUT /v1/projects/{name}/registry-credentials}: 201, or 200 in the place of one for the same host and repository. */
    @PutMapping("/v1/projects/{name}/registry-credentials")
    ResponseEntity<Resource> put(@PathVariable("name") String project, HttpServletRequest request) throws IOException {
        NONE.check(request);
        Caller caller = Caller.of(request);
        require(caller, project, Role.MAINTAINER);
        BodyFields fields = BodyFields.read(request, List.of("host", "repository", "username", "password", "token"));
        String host = host(fields.line("host", MOST_HOST, "the registry's host[:port], such as docker.io"));
        String repository = repository(host, fields.lineOrNull("repository", MOST_HOST));
        String username = fields.lineOrNull("username", MOST_USERNAME);
        String password = fields.lineOrNull("password", MOST_PROOF);
        String token = fields.lineOrNull("token", MOST_PROOF);
        String proof = username == null ? token : password;
        if (proof == null || (username == null ? password : token) != null) {
            throw BodyFields.invalid(
                    "password",
                    "The body must have username and password, or token.",
                    "token is what docker login keeps as identitytoken; access tokens of most registries are a password");
        }
        RegistryCredentials.Stored stored = registries.put(
                new RegistryCredential("", project, host, repository, username, Instant.EPOCH, caller.id()), proof);
        Resource shown = Resource.of(stored.credential());
        return stored.isNew()
                ? ResponseEntity.created(URI.create(
                                address.url() + "/v1/projects/" + project + "/registry-credentials/" + shown.id()))
                        .body(shown)
                : ResponseEntity.ok(shown);
    }

    /** Docker's clients write {@code https://index.docker.io/v1/} for docker.io. */
    private static String host(String written) {
        String host = written.replaceFirst("^https?://", "")
                .replaceFirst("/(v[12]/?)?$", "")
                .toLowerCase(Locale.ROOT);
        if (host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            return ImageReference.DEFAULT_HOST;
        }
        try {
            return new ImageReference(host, "x", "x", null).host();
        } catch (IllegalArgumentException e) {
            throw BodyFields.invalid("host", "The field host is not a registry's host.", "write host or host:port");
        }
    }

    private static String repository(String host, @Nullable String written) {
        if (written == null) {
            return "";
        }
        try {
            return new ImageReference(host, written, "x", null).path();
        } catch (IllegalArgumentException e) {
            throw BodyFields.invalid(
                    "repository",
                    "The field repository is not the name of one.",
                    "without the host and without a tag: team, or team/app");
        }
    }

    /** {@code GET /v1/projects/{name}/registry-credentials}: oldest first. */
    @GetMapping("/v1/projects/{name}/registry-credentials")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        require(Caller.of(request), project, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<RegistryCredential> page =
                pages.page(wanted, credentials.list(project, wanted.after(), wanted.lookup()), RegistryCredential::id);
        return page.answer(new Page(page.items().stream().map(Resource::of).toList(), page.next()));
    }

    /** {@code GET /v1/projects/{name}/registry-credentials/{id}}. */
    @GetMapping("/v1/projects/{name}/registry-credentials/{id}")
    Resource get(@PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        require(Caller.of(request), project, Role.VIEWER);
        return Resource.of(credentials.find(project, id).orElseThrow(() -> notFound(id)));
    }

    /** {@code DELETE /v1/projects/{name}/registry-credentials/{id}}: 204, and no build gets it from then on. */
    @DeleteMapping("/v1/projects/{name}/registry-credentials/{id}")
    ResponseEntity<Void> remove(
            @PathVariable("name") String project, @PathVariable("id") String id, HttpServletRequest request) {
        NONE.check(request);
        require(Caller.of(request), project, Role.MAINTAINER);
        if (!credentials.remove(project, id)) {
            throw notFound(id);
        }
        return ResponseEntity.noContent().build();
    }

    private void require(Caller caller, String project, Role needed) {
        caller.require(project, needed);
        if (!projects.exists(project)) {
            throw Caller.projectNotFound(project);
        }
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(
                ProblemType.CREDENTIAL_NOT_FOUND, "The project has no registry credential `" + id + "`.");
    }
}
