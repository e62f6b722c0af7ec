package io.slipway.api.access;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.DatabaseException;
import io.slipway.db.access.PresentedToken;
import io.slipway.db.access.Tokens;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.stereotype.Component;

/**
 * Finds out who calls, by the token that Spring Security has found in a request: one of Slipway's own, which the database knows, or an
 * OpenID provider's. Every request asks the database, so that a token that is revoked is not valid from that moment on. Thread-safe.
 */
@Component
final class CallerAuthentications implements AuthenticationManager {
    private final Tokens tokens;
    private final OpenIdTokens openId;
    private final UseRecorder uses;

    CallerAuthentications(Tokens tokens, OpenIdTokens openId, UseRecorder uses) {
        this.tokens = tokens;
        this.openId = openId;
        this.uses = uses;
    }

    @Override
    public Authentication authenticate(Authentication presented) throws AuthenticationException {
        String token = switch (presented) {
            case BearerTokenAuthenticationToken bearer -> bearer.getToken();
            // Registry clients know user and password only: any user, and the token as password.
            case UsernamePasswordAuthenticationToken basic -> String.valueOf(basic.getCredentials());
            default -> throw new IllegalArgumentException("no credentials of ours: " + presented);
        };
        try {
            return new CallerAuthentication(OpenIdTokens.isOne(token) ? openId.caller(token) : own(token));
        } catch (DatabaseException e) {
            throw new RefusedException(new ProblemException(
                    ProblemType.DATABASE_UNAVAILABLE, "The database can't be reached, so the token can't be checked."));
        }
    }

    private Caller own(String text) {
        PresentedToken presented = tokens.find(AccessTokens.hash(text))
                .orElseThrow(() -> RefusedException.invalid("The token is not one of this service's."));
        switch (presented.state()) {
            case VALID -> {}
            case EXPIRED ->
                throw RefusedException.invalid(
                        presented.token(),
                        "The token expired at " + presented.token().expiresAt() + ".");
            case REVOKED -> throw RefusedException.invalid(presented.token(), "The token was revoked.");
        }
        if (!presented.usedLately()) {
            uses.token(presented.token().id());
        }
        return Caller.of(presented.token());
    }
}
