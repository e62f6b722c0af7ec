package io.slipway.api.project;

import io.slipway.api.access.IssuerName;
import io.slipway.api.access.TrustedIssuers;
import io.slipway.api.problem.BodyFields;
import io.slipway.db.access.Identity;
import io.slipway.db.access.Role;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Reads whom a project wants to trust, and refuses what would trust strangers. Thread-safe. */
@Component
final class TrustRules {
    static final List<String> FIELDS = List.of("name", "role", "issuer", "audience", "claims");

    private static final int MOST_NAME = 100;
    private static final int MOST_URL = 500;
    private static final int MOST_CLAIMS = 20;

    /**
     * Providers that give tokens to everybody who asks, with the claims of which one at least says whose token it is. A rule without any
     * of them would let in whoever has an account there.
     */
    private static final Map<String, Set<String>> PUBLIC_PROVIDERS = Map.of(
            "https://token.actions.githubusercontent.com",
                    Set.of(
                            "sub",
                            "repository",
                            "repository_id",
                            "repository_owner",
                            "repository_owner_id",
                            "job_workflow_ref",
                            "enterprise",
                            "enterprise_id"),
            "https://gitlab.com",
                    Set.of(
                            "sub",
                            "project_path",
                            "project_id",
                            "namespace_path",
                            "namespace_id",
                            "user_login",
                            "user_id"),
            "https://accounts.google.com", Set.of("sub", "email", "hd"));

    private final TrustedIssuers issuers;

    TrustRules(TrustedIssuers issuers) {
        this.issuers = issuers;
    }

    /** The identity that a request describes. */
    Identity read(BodyFields fields, String id, String project, Role role, String createdBy) {
        String issuer = issuer(fields);
        return new Identity(
                id,
                fields.line("name", MOST_NAME, "by it people know later whom the project trusts"),
                project,
                role,
                issuer,
                fields.line(
                        "audience",
                        MOST_URL,
                        "what tokens for this service have as their aud; the service's address is usual"),
                new TreeMap<>(claims(fields, issuer)),
                null,
                createdBy,
                null);
    }

    private String issuer(BodyFields fields) {
        String issuer = fields.line("issuer", MOST_URL, "the provider's name, as its tokens have it (iss)");
        String fault = IssuerName.fault(issuer);
        if (fault == null && !issuer.startsWith("https:") && !issuers.isConfigured(issuer)) {
            fault = "is not an https URL";
        }
        if (fault != null) {
            throw BodyFields.invalid(
                    "issuer",
                    "The issuer " + fault + ".",
                    "the URL that the provider's tokens have as their iss, such as https://token.actions.githubusercontent.com");
        }
        return issuer;
    }

    private static Map<String, String> claims(BodyFields fields, String issuer) {
        Map<String, String> claims = fields.texts("claims");
        if (claims.isEmpty() || claims.size() > MOST_CLAIMS) {
            throw BodyFields.invalid(
                    "claims",
                    "The field claims must have 1 to " + MOST_CLAIMS + " claims.",
                    "say whose tokens are meant, such as {\"repository\": \"org/app\", \"ref\": \"refs/heads/*\"}");
        }
        claims.forEach((name, value) -> {
            if (name.isEmpty()
                    || name.length() > 100
                    || value.isEmpty()
                    || value.length() > MOST_URL
                    || name.indexOf('\0') >= 0
                    || value.indexOf('\0') >= 0) {
                throw BodyFields.invalid(
                        "claims." + name, "A claim has a name of 1 to 100 and a value of 1 to 500 characters.", null);
            }
        });
        Set<String> telling = PUBLIC_PROVIDERS.getOrDefault(issuer, claims.keySet());
        if (claims.entrySet().stream()
                .noneMatch(claim -> telling.contains(claim.getKey()) && !startsOpen(claim.getValue()))) {
            throw BodyFields.invalid(
                    "claims",
                    "These claims would let in strangers: " + issuer + " gives such tokens to everybody.",
                    "say whose tokens are meant by one of "
                            + String.join(", ", telling.stream().sorted().toList())
                            + ", with a value that does not begin with *");
        }
        return claims;
    }

    private static boolean startsOpen(String value) {
        return value.startsWith("*");
    }
}
