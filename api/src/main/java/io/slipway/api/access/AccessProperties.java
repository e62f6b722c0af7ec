package io.slipway.api.access;

import io.slipway.db.access.Identity;
import io.slipway.db.access.Role;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may use the service without a token of its own.
 *
 * @param issuers OpenID providers that are reached as the operator says, wherever they are
 * @param identities whom the service itself trusts, besides those that projects name
 */
@ConfigurationProperties("slipway.access")
public record AccessProperties(
        @DefaultValue List<Issuer> issuers, @DefaultValue List<TrustedIdentity> identities) {

    public AccessProperties {
        issuers = List.copyOf(issuers);
        identities = List.copyOf(identities);
    }

    /**
     * An OpenID provider.
     *
     * @param issuer its name, which is where it describes itself ({@code /.well-known/openid-configuration}); also with plain http
     * @param jwksUri where its keys are, or null: where it says
     */
    public record Issuer(String issuer, @Nullable URI jwksUri) {
        public Issuer {
            Objects.requireNonNull(issuer, "slipway.access.issuers[].issuer is missing");
            IssuerName.requireValid(issuer, "slipway.access.issuers[].issuer");
        }
    }

    /**
     * Bearers of a provider's tokens with this audience and these claims.
     *
     * @param project where they are trusted, or null for every project
     * @param role what they may do there
     * @param issuer the provider, whether it is one of those that are configured or not
     * @param audience whom a token must be meant for
     * @param claims what each of these claims must be; {@code *} stands for any characters
     */
    public record TrustedIdentity(
            @Nullable String project,
            Role role,
            String issuer,
            String audience,
            @DefaultValue Map<String, String> claims) {
        public TrustedIdentity {
            Objects.requireNonNull(role, "slipway.access.identities[].role is missing");
            Objects.requireNonNull(issuer, "slipway.access.identities[].issuer is missing");
            Objects.requireNonNull(audience, "slipway.access.identities[].audience is missing");
            IssuerName.requireValid(issuer, "slipway.access.identities[].issuer");
            claims = Map.copyOf(claims);
            if (claims.isEmpty()) {
                throw new IllegalArgumentException(
                        "slipway.access.identities[].claims is missing: anybody who gets a token from " + issuer
                                + " would be trusted");
            }
        }

        Identity toIdentity(int number) {
            return new Identity(
                    "idn_configured_" + number,
                    "slipway.access.identities[" + number + "]",
                    project,
                    role,
                    issuer,
                    audience,
                    new TreeMap<>(claims),
                    null,
                    null,
                    null);
        }
    }
}
