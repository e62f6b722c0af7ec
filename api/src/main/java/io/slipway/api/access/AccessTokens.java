package io.slipway.api.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.db.access.Token;
import io.slipway.db.access.Tokens;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Checks the tokens that requests carry. Thread-safe. */
@Component
public final class AccessTokens {
    /** Longer than any token; what is longer is not even hashed. */
    private static final int MAX_HEADER = 4096;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Tokens tokens;

    AccessTokens(Tokens tokens) {
        this.tokens = tokens;
    }

    /**
     * Who sent a request with this {@code Authorization: Bearer …}.
     *
     * @param authorization the header's value, or null
     * @return empty when there is no such header or its token is not valid
     */
    public Optional<Token> bearer(@Nullable String authorization) {
        return bearerToken(authorization).flatMap(token -> tokens.find(hash(token)));
    }

    /**
     * Like {@link #bearer}, but takes {@code Basic} too, with any user name and the token as password, as registry clients send
     * it.
     */
    public Optional<Token> bearerOrBasic(@Nullable String authorization) {
        return bearerToken(authorization)
                .or(() -> basicPassword(authorization))
                .flatMap(token -> tokens.find(hash(token)));
    }

    /** The token of an {@code Authorization: Bearer …} header, unchecked. */
    public static Optional<String> bearerToken(@Nullable String authorization) {
        return credentials(authorization, "Bearer ");
    }

    private static Optional<String> basicPassword(@Nullable String authorization) {
        return credentials(authorization, "Basic ").flatMap(encoded -> {
            try {
                String pair = new String(Base64.getDecoder().decode(encoded), UTF_8);
                int colon = pair.indexOf(':');
                return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
            } catch (IllegalArgumentException e) {
                return Optional.empty(); // not base64: no valid credentials
            }
        });
    }

    private static Optional<String> credentials(@Nullable String authorization, String scheme) {
        return authorization != null
                        && authorization.length() <= MAX_HEADER
                        && authorization.regionMatches(true, 0, scheme, 0, scheme.length())
                ? Optional.of(authorization.substring(scheme.length()).strip())
                : Optional.empty();
    }

    /** A new token: {@code prefix} and 256 random bits. */
    public static String create(String prefix) {
        byte[] bits = new byte[32];
        RANDOM.nextBytes(bits);
        return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /** What is stored of a token: its SHA-256. */
    public static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
