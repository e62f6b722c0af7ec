package io.slipway.api.webhook.host;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Secrets that nobody can guess: 256 random bits. */
final class NewSecrets {
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private NewSecrets() {}

    /** As plain text, which every host's form takes. */
    static String text() {
        return HexFormat.of().formatHex(random());
    }

    /** In the form of Standard Webhooks. */
    static String standard() {
        return StandardWebhooks.SECRET_PREFIX + Base64.getEncoder().encodeToString(random());
    }

    private static byte[] random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
