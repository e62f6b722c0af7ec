package io.slipway.api.webhook.trigger;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The private key of a GitHub App as text (PEM, RFC 7468): with PKCS #1 inside (RFC 8017, A.1.2), as GitHub makes it, or with PKCS #8 (RFC 5958), into which
 * others turn it.
 */
final class AppKey {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----\\s(.*)-----END \\1-----", Pattern.DOTALL);

    /** RS256 needs that many (RFC 7518, section 3.3); GitHub makes keys of exactly as many. */
    private static final int LEAST_BITS = 2048;

    private static final int INTEGER = 0x02;
    private static final int OCTET_STRING = 0x04;
    private static final int SEQUENCE = 0x30;

    /** The algorithm rsaEncryption, 1.2.840.113549.1.1.1, with its parameters NULL. */
    private static final byte[] RSA = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };

    private AppKey() {}

    /**
     * Reads a key.
     *
     * @throws IllegalArgumentException if it can't be; the message says what is wrong after the words "the field", and nothing of the key
     */
    static RSAPrivateKey parse(String pem) {
        Matcher matcher = PEM.matcher(pem.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is no private key in PEM: lines from -----BEGIN to -----END");
        }
        String label = matcher.group(1);
        String content = matcher.group(2);
        if (label.equals("ENCRYPTED PRIVATE KEY") || content.contains("Proc-Type:")) {
            throw new IllegalArgumentException("is encrypted with a password");
        }
        return switch (label) {
            case "RSA PRIVATE KEY" ->
                key(der(SEQUENCE, der(INTEGER, new byte[1]), RSA, der(OCTET_STRING, decoded(content))));
            case "PRIVATE KEY" -> key(decoded(content));
            default -> throw new IllegalArgumentException("has no private RSA key, but something else: " + label);
        };
    }

    private static byte[] decoded(String content) {
        try {
            return Base64.getDecoder().decode(content.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "has something between its first and its last line that is not base64", e);
        }
    }

    private static RSAPrivateKey key(byte[] pkcs8) {
        try {
            if (KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8))
                    instanceof RSAPrivateKey key) {
                if (key.getModulus().bitLength() < LEAST_BITS) {
                    throw new IllegalArgumentException("has a key of fewer than " + LEAST_BITS + " bits");
                }
                return key;
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("has no private RSA key that can be read", e);
        }
        throw new IllegalArgumentException("has no private RSA key that can be read");
    }

    /** A value in DER (X.690): tag, length, and what is in it. */
    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.write(tag);
        if (length < 0x80) {
            value.write(length);
        } else {
            byte[] digits = BigInteger.valueOf(length).toByteArray();
            int first = digits[0] == 0 ? 1 : 0; // BigInteger has a sign
            value.write(0x80 | (digits.length - first));
            value.write(digits, first, digits.length - first);
        }
        value.writeBytes(content.toByteArray());
        return value.toByteArray();
    }
}
