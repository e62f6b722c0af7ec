package io.slipway.api.access;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Identity;
import io.slipway.db.access.Role;
import io.slipway.db.access.Scope;
import io.slipway.db.access.Token;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who sent a request, and what it may do where. What somebody can't see is answered like what does not exist, with 404; what somebody
 * sees and may not do, with 403 and the role that is needed. Immutable.
 */
public final class Caller {
    private final String id;
    private final String name;
    private final boolean isToken;
    private final @Nullable Role everywhere;
    private final Map<String, Role> projects;
    private final @Nullable Instant expiresAt;

    private Caller(
            String id,
            String name,
            boolean isToken,
            @Nullable Role everywhere,
            Map<String, Role> projects,
            @Nullable Instant expiresAt) {
        this.id = id;
        this.name = name;
        this.isToken = isToken;
        this.everywhere = everywhere;
        this.projects = Map.copyOf(projects);
        this.expiresAt = expiresAt;
    }

    /** The bearer of a valid token. */
    static Caller of(Token token) {
        String project = token.project();
        return new Caller(
                token.id(),
                token.name(),
                true,
                project == null ? token.role() : null,
                project == null ? Map.of() : Map.of(project, token.role()),
                token.expiresAt());
    }

    /**
     * Somebody whom an OpenID provider has named.
     *
     * @param subject the provider's name for it
     * @param identities what it is trusted as, one at least; in each project the highest role counts
     * @param expiresAt when its token expires
     */
    static Caller of(String subject, Collection<Identity> identities, @Nullable Instant expiresAt) {
        Role everywhere = null;
        Map<String, Role> projects = new HashMap<>();
        for (Identity identity : identities) {
            Role role = identity.role();
            if (identity.project() == null) {
                everywhere = everywhere == null ? role : everywhere.or(role);
            } else {
                projects.merge(identity.project(), role, Role::or);
            }
        }
        String id = identities.iterator().next().id();
        return new Caller(id, subject, false, everywhere, projects, expiresAt);
    }

    /** The caller of a request that the security filters let through. */
    public static Caller of(HttpServletRequest request) {
        if (request.getUserPrincipal() instanceof CallerAuthentication authentication) {
            return authentication.caller();
        }
        throw new IllegalStateException(request.getRequestURI() + " is reached without credentials");
    }

    /** The id of its token or identity, {@code tok_…} or {@code idn_…}. */
    public String id() {
        return id;
    }

    /** The token's name, or what the OpenID provider calls the caller. */
    public String name() {
        return name;
    }

    /** Whether it came with a token of Slipway's, and not with an OpenID provider's. */
    public boolean isToken() {
        return isToken;
    }

    /** What it may do in every project, or null if it sees some only. */
    public @Nullable Role everywhere() {
        return everywhere;
    }

    /** The projects in which it may do something beside that, and what. */
    public Map<String, Role> projects() {
        return projects;
    }

    /** From when on its credentials are not valid any more, or null. */
    public @Nullable Instant expiresAt() {
        return expiresAt;
    }

    /** The projects that it sees. */
    public Scope scope() {
        return everywhere != null ? Scope.EVERY : new Scope(projects.keySet());
    }

    /** What it may do in a project; empty if it can't see that. */
    public Optional<Role> role(String project) {
        Role here = projects.get(project);
        if (here == null || everywhere == null) {
            return Optional.ofNullable(here == null ? everywhere : here);
        }
        return Optional.of(here.or(everywhere));
    }

    /**
     * Refuses, with the same words as for one that does not exist, a project that the caller can't see, and one in which it may not do
     * what {@code needed} may.
     *
     * @throws ProblemException {@link ProblemType#PROJECT_NOT_FOUND} or {@link ProblemType#FORBIDDEN}
     */
    public void require(String project, Role needed) {
        if (!may(project, needed)) {
            throw projectNotFound(project);
        }
    }

    /**
     * Whether the caller sees what belongs to {@code project}; if it does, it must be allowed to do what {@code needed} may.
     *
     * @return false if whatever belongs to it does not exist for the caller
     * @throws ProblemException {@link ProblemType#FORBIDDEN} if it sees it and may not
     */
    public boolean may(String project, Role needed) {
        Optional<Role> role = role(project);
        if (role.isPresent() && !role.get().includes(needed)) {
            throw forbidden(
                            "This needs the role " + needed.wireName() + " in the project `" + project
                                    + "`; the token has " + role.get().wireName() + ".",
                            needed)
                    .with("role", role.get().wireName())
                    .with("project", project);
        }
        return role.isPresent();
    }

    /** {@link #may} for those who find out the project of something by themselves. */
    public Predicate<String> may(Role needed) {
        return project -> may(project, needed);
    }

    /**
     * Refuses who may not do what {@code needed} may in every project.
     *
     * @throws ProblemException {@link ProblemType#FORBIDDEN}
     */
    public void requireEverywhere(Role needed) {
        if (everywhere == null || !everywhere.includes(needed)) {
            throw forbidden(
                    "This is the whole service's: it needs a token for every project with the role " + needed.wireName()
                            + ".",
                    needed);
        }
    }

    /**
     * Refuses who may not do what {@code needed} may in any project.
     *
     * @throws ProblemException {@link ProblemType#FORBIDDEN}
     */
    public void requireSomewhere(Role needed) {
        boolean may = (everywhere != null && everywhere.includes(needed))
                || projects.values().stream().anyMatch(role -> role.includes(needed));
        if (!may) {
            throw forbidden("This needs the role " + needed.wireName() + " in some project.", needed);
        }
    }

    private static ProblemException forbidden(String detail, Role needed) {
        return new ProblemException(ProblemType.FORBIDDEN, detail).with("requiredRole", needed.wireName());
    }

    /** The problem of a project that does not exist, or not for this caller. */
    public static ProblemException projectNotFound(String project) {
        return new ProblemException(ProblemType.PROJECT_NOT_FOUND, "There is no project `" + project + "`.");
    }

    @Override
    public String toString() {
        return id + " (" + name + ")";
    }
}
