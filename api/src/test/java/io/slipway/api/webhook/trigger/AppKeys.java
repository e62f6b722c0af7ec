package io.slipway.api.webhook.trigger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** Keys of GitHub Apps for tests. */
public final class AppKeys {
    /** Of what PKCS #8 puts before a key of 2048 bits. */
    private static final int HEAD_BYTES = 26;

    private AppKeys() {}

    /** A new key. */
    public static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The private key of a pair of 2048 bits as GitHub makes it. */
    public static String pkcs1(KeyPair keys) {
        byte[] encoded = keys.getPrivate().getEncoded();
        return pem("RSA PRIVATE KEY", Arrays.copyOfRange(encoded, HEAD_BYTES, encoded.length));
    }

    /** A private key as others make it. */
    public static String pkcs8(KeyPair keys) {
        return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    static String pem(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(UTF_8)).encodeToString(content) + "\n-----END " + label
                + "-----\n";
    }
}
