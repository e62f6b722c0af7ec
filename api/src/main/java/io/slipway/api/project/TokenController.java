package io.slipway.api.project;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.access.AccessTokens;
import io.slipway.api.access.Caller;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.NewToken;
import io.slipway.db.access.Role;
import io.slipway.db.access.Token;
import io.slipway.db.access.Tokens;
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

/** Tokens of projects, and those that are good for every project: made, listed and revoked. */
@RestController
final class TokenController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");
    private static final int MOST_NAME = 100;

    private final Tokens tokens;
    private final ProjectAccess access;
    private final Pages pages;
    private final ServiceAddress address;
    private final Clock clock;

    TokenController(Tokens tokens, ProjectAccess access, Pages pages, ServiceAddress address, Clock clock) {
        this.tokens = tokens;
        this.access = access;
        this.pages = pages;
        this.address = address;
        this.clock = clock;
    }

    /**
     * A token.
     *
     * @param project null: it is good for every project
     * @param prefix its first characters
     * @param token the token itself; only in the answer to the request that made it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            String id,
            String name,
            @Nullable String project,
            String role,
            String prefix,
            @Nullable String token,
            Instant createdAt,
            @Nullable String createdBy,
            @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt) {
        static Resource of(Token token, @Nullable String secret) {
            return new Resource(
                    token.id(),
                    token.name(),
                    token.project(),
                    token.role().wireName(),
                    token.prefix(),
                    secret,
                    token.createdAt(),
                    token.createdBy(),
                    token.expiresAt(),
                    token.lastUsedAt());
        }

        /** Leaves the token itself out. */
        @Override
        public String toString() {
            return "Resource[id=" + id + "]";
        }
    }

    /**
     * A page of tokens.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Resource> tokens, @Nullable String next) {}

    /** {@code POST …/tokens}: 201 with the token, which nobody is shown again. */
    @PostMapping({"/v1/tokens", "/v1/projects/{name}/tokens"})
    ResponseEntity<Resource> create(
            @PathVariable(name = "name", required = false) @Nullable String project, HttpServletRequest request)
            throws IOException {
        NONE.check(request);
        Caller caller = Caller.of(request);
        access.require(caller, project, Role.ADMIN);
        BodyFields fields = BodyFields.read(request, List.of("name", "role", "expiresIn", "expiresAt"));
        String secret = AccessTokens.createForCaller();
        NewToken wanted = new NewToken(
                Tokens.newId(clock.instant()),
                fields.line("name", MOST_NAME, "by it people know later what the token is for"),
                project,
                ProjectAccess.granted(fields, caller, project),
                AccessTokens.hash(secret),
                AccessTokens.prefix(secret),
                caller.id(),
                // It is the database that says when it has expired.
                expiry(Expiry.of(fields, tokens.now()), caller));
        Token token = tokens.add(wanted)
                .orElseThrow(() -> new ProblemException(
                        ProblemType.LIMIT_REACHED, "There are " + Tokens.MOST + " tokens here already."));
        return ResponseEntity.created(URI.create(address.url() + path(project) + "/" + token.id()))
                .cacheControl(CacheControl.noStore())
                .body(Resource.of(token, secret));
    }

    /** Nobody grants for longer than it may itself: who comes with a token that expires makes none that outlives it. */
    private static @Nullable Instant expiry(@Nullable Instant wanted, Caller caller) {
        Instant own = caller.isToken() ? caller.expiresAt() : null;
        if (own == null) {
            return wanted;
        }
        if (wanted != null && wanted.isAfter(own)) {
            throw new ProblemException(
                            ProblemType.FORBIDDEN,
                            "A token that expires can't make one that is valid for longer: yours expires at " + own
                                    + ".")
                    .with("parameter", "expiresAt");
        }
        return wanted == null ? own : wanted;
    }

    /** {@code GET …/tokens}: those that are not revoked, oldest first. */
    @GetMapping({"/v1/tokens", "/v1/projects/{name}/tokens"})
    ResponseEntity<Page> list(
            @PathVariable(name = "name", required = false) @Nullable String project,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        access.require(Caller.of(request), project, Role.ADMIN);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Token> page = pages.page(wanted, tokens.list(project, wanted.after(), wanted.lookup()), Token::id);
        return page.answer(new Page(
                page.items().stream().map(token -> Resource.of(token, null)).toList(), page.next()));
    }

    /** {@code GET …/tokens/{id}}; a token may look at itself, whatever its role. */
    @GetMapping({"/v1/tokens/{id}", "/v1/projects/{name}/tokens/{id}"})
    Resource get(
            @PathVariable(name = "name", required = false) @Nullable String project,
            @PathVariable("id") String id,
            HttpServletRequest request) {
        NONE.check(request);
        requireUnlessOwn(Caller.of(request), project, id);
        return Resource.of(tokens.find(project, id).orElseThrow(() -> notFound(id)), null);
    }

    /** {@code DELETE …/tokens/{id}}: 204, and from then on nobody gets in with it. A token may revoke itself, whatever its role. */
    @DeleteMapping({"/v1/tokens/{id}", "/v1/projects/{name}/tokens/{id}"})
    ResponseEntity<Void> revoke(
            @PathVariable(name = "name", required = false) @Nullable String project,
            @PathVariable("id") String id,
            HttpServletRequest request) {
        NONE.check(request);
        Caller caller = Caller.of(request);
        requireUnlessOwn(caller, project, id);
        if (!tokens.revoke(project, id, caller.id())) {
            throw notFound(id);
        }
        return ResponseEntity.noContent().build();
    }

    private void requireUnlessOwn(Caller caller, @Nullable String project, String id) {
        if (!caller.id().equals(id)) {
            access.require(caller, project, Role.ADMIN);
        }
    }

    private static String path(@Nullable String project) {
        return project == null ? "/v1/tokens" : "/v1/projects/" + project + "/tokens";
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.TOKEN_NOT_FOUND, "There is no token `" + id + "` here.");
    }
}
