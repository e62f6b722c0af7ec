package io.slipway.api.webhook.host;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** HMAC-SHA256 (RFC 2104), as hosts sign with it. */
final class Hmac {
    private static final String ALGORITHM = "HmacSHA256";

    private Hmac() {}

    /** The code of several parts one after the other. */
    static byte[] of(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /**
     * Whether {@code given} is the code of {@code body} in hexadecimal digits. The code is computed whatever was given, so that nothing can be
     * learned from how long it takes.
     *
     * @param prefix what stands before the digits
     * @param given what the host has sent, or null
     */
    static boolean isHex(@Nullable String given, String prefix, String secret, byte[] body) {
        String expected = prefix + HexFormat.of().formatHex(of(secret.getBytes(StandardCharsets.UTF_8), body));
        return same(expected, given == null ? "" : given);
    }

    /** Whether two texts are the same, in a time that does not tell where they differ. */
    static boolean same(String expected, String given) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
