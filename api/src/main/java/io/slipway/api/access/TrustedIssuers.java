package io.slipway.api.access;

import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import io.slipway.db.access.Identities;
import io.slipway.db.access.Identity;
import io.slipway.remote.AddressPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.stereotype.Component;

/**
 * The OpenID providers whose tokens count, and what they have to say. Only one that the configuration or a project's identity names
 * is ever asked for its keys, whatever a token calls its issuer. Keys are fetched when they are needed first, and kept by Nimbus. Thread-safe.
 */
@Component
public final class TrustedIssuers {
    /** Clocks of providers and of this machine may differ by so much. */
    private static final Duration SKEW = Duration.ofSeconds(30);

    private static final Duration KEYS_KEPT = Duration.ofMinutes(15);
    private static final Duration KEYS_AWAITED = Duration.ofSeconds(15);

    /** Within this time a provider is asked twice at most: strangers can send tokens that name any key. */
    private static final Duration KEYS_PAUSE = Duration.ofSeconds(30);

    /** A provider that is away for less is not missed. */
    private static final Duration KEYS_OUTAGE = Duration.ofHours(4);

    private final Identities identities;
    private final AddressPolicy policy;
    private final Map<String, Optional<URI>> configured;
    private final List<Identity> fixed;
    private final Map<String, JwtDecoder> decoders = new ConcurrentHashMap<>();

    TrustedIssuers(Identities identities, AddressPolicy policy, AccessProperties properties) {
        this.identities = identities;
        this.policy = policy;
        this.configured = properties.issuers().stream()
                .collect(Collectors.toMap(
                        AccessProperties.Issuer::issuer, issuer -> Optional.ofNullable(issuer.jwksUri())));
        this.fixed = IntStream.range(0, properties.identities().size())
                .mapToObj(i -> properties.identities().get(i).toIdentity(i))
                .toList();
    }

    /** Whether the operator has named this provider. */
    public boolean isConfigured(String issuer) {
        return configured.containsKey(issuer)
                || fixed.stream().anyMatch(identity -> identity.issuer().equals(issuer));
    }

    /** Checks tokens of this provider: their signature, issuer and time. Null if nobody trusts it. */
    @Nullable
    JwtDecoder decoder(String issuer) {
        if (!isConfigured(issuer) && !identities.knows(issuer)) {
            decoders.remove(issuer);
            return null;
        }
        return decoders.computeIfAbsent(issuer, this::make);
    }

    /** Who is trusted of this provider with one of these audiences. */
    List<Identity> identities(String issuer, Collection<String> audiences) {
        List<Identity> found = new ArrayList<>(identities.of(issuer, audiences));
        fixed.stream()
                .filter(identity -> identity.issuer().equals(issuer) && audiences.contains(identity.audience()))
                .forEach(found::add);
        return found;
    }

    private JwtDecoder make(String issuer) {
        URI keys = configured.getOrDefault(issuer, Optional.empty()).orElse(null);
        IssuerKeys source = new IssuerKeys(issuer, keys, isConfigured(issuer) ? null : policy);
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSource(JWKSourceBuilder.create(source)
                        .cache(KEYS_KEPT.toMillis(), KEYS_AWAITED.toMillis())
                        .refreshAheadCache(false)
                        .rateLimited(KEYS_PAUSE.toMillis())
                        .outageTolerant(KEYS_OUTAGE.toMillis())
                        .build())
                .jwsAlgorithms(algorithms -> algorithms.addAll(ALGORITHMS))
                // Times are checked below, with an allowance and in words.
                .jwtProcessorCustomizer(processor -> processor.setJWTClaimsSetVerifier((_, _) -> {}))
                .build();
        JwtTimestampValidator times = new JwtTimestampValidator(SKEW);
        times.setAllowEmptyExpiryClaim(false);
        JwtTypeValidator types =
                new JwtTypeValidator("JWT", "at+jwt"); // not those that say that somebody has logged out
        types.setAllowEmpty(true);
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(times, new JwtIssuerValidator(issuer), types));
        return decoder;
    }

    /** Signatures with a private key: what can be checked with what everybody may know must not be enough to make it. */
    static final List<SignatureAlgorithm> ALGORITHMS = List.of(
            SignatureAlgorithm.RS256,
            SignatureAlgorithm.RS384,
            SignatureAlgorithm.RS512,
            SignatureAlgorithm.PS256,
            SignatureAlgorithm.PS384,
            SignatureAlgorithm.PS512,
            SignatureAlgorithm.ES256,
            SignatureAlgorithm.ES384,
            SignatureAlgorithm.ES512);
}
