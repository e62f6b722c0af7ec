package io.slipway.api.access;

import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTParser;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Identity;
import java.text.ParseException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.stereotype.Component;

/**
 * Tokens of OpenID providers: a job of a CI system gets one from its host, shows it, and nothing has to be kept secret anywhere. Spring
 * Security and Nimbus check them. Thread-safe.
 */
@Component
final class OpenIdTokens {
    private static final Logger LOG = LoggerFactory.getLogger(OpenIdTokens.class);

    private final TrustedIssuers issuers;
    private final UseRecorder uses;

    OpenIdTokens(TrustedIssuers issuers, UseRecorder uses) {
        this.issuers = issuers;
        this.uses = uses;
    }

    /** Whether a bearer token looks like a JSON Web Token in its compact form: three parts, of which the first is a JSON object. */
    static boolean isOne(String token) {
        return token.startsWith("eyJ") && token.chars().filter(c -> c == '.').count() == 2;
    }

    /**
     * Who bears a token.
     *
     * @throws RefusedException if it is not valid, or nobody trusts its bearer
     */
    Caller caller(String token) {
        String issuer = claimedIssuer(token);
        JwtDecoder decoder = issuer == null ? null : issuers.decoder(issuer);
        if (issuer == null || decoder == null) {
            throw RefusedException.invalid("The token's issuer (iss) is not one that is trusted here.");
        }
        Jwt jwt = decoded(decoder, token, issuer);
        List<String> audiences = Objects.requireNonNullElse(jwt.getAudience(), List.of());
        List<Identity> meant = issuers.identities(issuer, audiences);
        if (meant.isEmpty()) {
            throw RefusedException.invalid(
                    "The token is its issuer's, but its audience (aud) is not one that is expected here.");
        }
        List<Identity> trusted = meant.stream()
                .filter(identity -> ClaimPattern.matchesAll(identity.claims(), jwt.getClaims()))
                .toList();
        if (trusted.isEmpty()) {
            throw RefusedException.invalid(
                    "The token is its issuer's and meant for this service, but no project trusts its claims.");
        }
        trusted.forEach(identity -> uses.identity(identity.id()));
        return Caller.of(Objects.requireNonNullElse(jwt.getSubject(), "?"), trusted, jwt.getExpiresAt());
    }

    /** The issuer as the token says, which nobody has checked yet. */
    private static @Nullable String claimedIssuer(String token) {
        try {
            JWT parsed = JWTParser.parse(token);
            String algorithm = parsed.getHeader().getAlgorithm().getName();
            if (TrustedIssuers.ALGORITHMS.stream()
                    .noneMatch(accepted -> accepted.getName().equals(algorithm))) {
                throw RefusedException.invalid(
                        "The token is not signed with a private key: its algorithm (alg) must be one of "
                                + TrustedIssuers.ALGORITHMS.stream()
                                        .map(accepted -> accepted.getName())
                                        .collect(Collectors.joining(", "))
                                + ".");
            }
            return JSONObjectUtils.getString(parsed.getJWTClaimsSet().toJSONObject(), "iss");
        } catch (ParseException e) {
            throw RefusedException.invalid("The token looks like a JSON Web Token, and can't be read as one.");
        }
    }

    private static Jwt decoded(JwtDecoder decoder, String token, String issuer) {
        try {
            return decoder.decode(token);
        } catch (JwtValidationException e) {
            throw RefusedException.invalid("The token is not valid (any more): "
                    + e.getErrors().stream()
                            .map(OAuth2Error::getDescription)
                            .filter(Objects::nonNull)
                            .distinct()
                            .collect(Collectors.joining("; "))
                    + ".");
        } catch (BadJwtException e) {
            LOG.debug("A token of {} is refused", issuer, e);
            throw RefusedException.invalid(
                    e.getCause() instanceof BadJOSEException
                            ? "The token's signature is not by a key that its issuer has published."
                            : "The token has claims that can't be.");
        } catch (JwtException e) {
            if (isAskedTooOften(e)) {
                throw RefusedException.invalid(
                        "The token's signature is by a key that its issuer had not published a moment ago.");
            }
            LOG.warn("Tokens of {} can't be checked: {}", issuer, String.valueOf(root(e).getMessage()));
            throw new RefusedException(new ProblemException(
                    ProblemType.ISSUER_UNAVAILABLE, "The keys of the token's issuer can't be had at the moment."));
        }
    }

    private static boolean isAskedTooOften(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof com.nimbusds.jose.jwk.source.RateLimitReachedException) {
                return true;
            }
        }
        return false;
    }

    private static Throwable root(Throwable e) {
        Throwable cause = e.getCause();
        return cause == null ? e : root(cause);
    }
}
