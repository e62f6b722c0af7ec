package io.slipway.api.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** An OpenID provider on a loopback port: describes itself, publishes its key, and signs what a test wants to be signed. */
public final class OpenIdProvider implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile RSAKey key = newKey();
    private volatile String claimedIssuer;

    private OpenIdProvider() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        claimedIssuer = issuer();
        serve("/.well-known/openid-configuration", () -> """
                {"issuer": "%s", "jwks_uri": "%s/keys", "subject_types_supported": ["public"]}
                """.formatted(claimedIssuer, issuer()));
        serve("/keys", () -> new JWKSet(key).toString());
        server.start();
    }

    /** Starts one. */
    public static OpenIdProvider start() throws IOException {
        return new OpenIdProvider();
    }

    private void serve(String path, java.util.function.Supplier<String> body) {
        server.createContext(path, exchange -> {
            requests.incrementAndGet();
            byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    /** Its name. */
    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** How often it was asked for anything. */
    public int requests() {
        return requests.get();
    }

    /** Signs with a new key from now on, and publishes only that. */
    public void rotate() {
        key = newKey();
    }

    /** Describes itself as somebody else from now on. */
    public void pretend(String issuer) {
        claimedIssuer = issuer;
    }

    /** A new key that nobody knows. */
    public static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID(UUID.randomUUID().toString()).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The key that it signs with. */
    public RSAKey key() {
        return key;
    }

    /** Claims that are in order, for ten minutes, of {@code sub} for {@code audience}. */
    public JWTClaimsSet.Builder claims(String audience, Map<String, ?> more) {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer(issuer())
                .subject("repo:org/app:ref:refs/heads/main")
                .audience(audience)
                .issueTime(Date.from(Instant.now()))
                .expirationTime(Date.from(Instant.now().plus(Duration.ofMinutes(10))));
        more.forEach(claims::claim);
        return claims;
    }

    /** A token with these claims, signed as it signs them. */
    public String token(JWTClaimsSet claims) {
        return sign(claims, key);
    }

    /** A token that is signed with another key. */
    public static String sign(JWTClaimsSet claims, RSAKey key) {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(key.getKeyID())
                            .build(),
                    claims);
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
