package io.slipway.api.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tokens: 256 random bits, of which only the SHA-256 is kept. A slow hash such as bcrypt is for passwords, which people choose and machines
 * guess; nobody guesses 256 random bits, whatever a guess costs, so it would only make each request slower. And because a token is found by
 * its hash, an index compares hashes: how long that takes says nothing about a token that is not known already.
 */
public final class AccessTokens {
    /** Longer than any token; what is longer is not even hashed. */
    private static final int MAX_HEADER = 4096;

    /** Characters of a token that are no secret any more when somebody has seen them: the prefix and 36 of 256 bits. */
    private static final int SHOWN = 10;

    /** What a bearer token may consist of (RFC 6750, section 2.1), and clients and proxies therefore pass on. */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    private static final String BEARER = "Bearer ";
    private static final SecureRandom RANDOM = new SecureRandom();

    private AccessTokens() {}

    /** The token of an {@code Authorization: Bearer …} header, unchecked. */
    public static Optional<String> bearerToken(@Nullable String authorization) {
        return authorization != null
                        && authorization.length() <= MAX_HEADER
                        && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? Optional.of(authorization.substring(BEARER.length()).strip())
                : Optional.empty();
    }

    /** A new token: {@code prefix} and 256 random bits. */
    public static String create(String prefix) {
        byte[] bits = new byte[32];
        RANDOM.nextBytes(bits);
        return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /** A new token for callers of the API, {@code slp_…}: people and scanners recognise it by its beginning. */
    public static String createForCaller() {
        return create("slp_");
    }

    /** Whether a text can be sent as a bearer token. */
    static boolean canBeSent(String token) {
        return FORM.matcher(token).matches();
    }

    /** The first characters of a token, by which people recognise it. */
    public static String prefix(String token) {
        return token.substring(0, Math.min(SHOWN, token.length()));
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
