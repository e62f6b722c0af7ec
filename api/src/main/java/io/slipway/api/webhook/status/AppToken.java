package io.slipway.api.webhook.status;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.slipway.api.webhook.trigger.StatusSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

/** What a GitHub App proves itself with (docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App"). */
final class AppToken {
    /** GitHub's clock may be behind. */
    private static final Duration BACK = Duration.ofSeconds(60);

    /** GitHub takes none that is good for more than ten minutes from its own now. */
    private static final Duration GOOD = Duration.ofMinutes(9);

    private AppToken() {}

    /** Signs a token. */
    static String sign(StatusSettings.App app, Instant now) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(app.id())
                .issueTime(Date.from(now.minus(BACK)))
                .expirationTime(Date.from(now.plus(GOOD)))
                .build();
        SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.RS256), claims);
        try {
            token.sign(new RSASSASigner(app.key()));
        } catch (JOSEException e) {
            throw new IllegalStateException("RS256 can't be signed here", e);
        }
        return token.serialize();
    }
}
