package io.slipway.api.webhook.host;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The signatures of Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): over
 * {@code id.timestamp.body}, by HMAC-SHA256 ({@code v1}) or Ed25519 ({@code v1a}).
 */
public final class StandardWebhooks {
    /** Header field: the message's id, the same at every attempt. */
    public static final String ID = "webhook-id";
    /** Header field: seconds since 1970. */
    public static final String TIMESTAMP = "webhook-timestamp";
    /** Header field: signatures, with blanks between them. */
    public static final String SIGNATURE = "webhook-signature";

    /** Begins a secret that both sides know. */
    static final String SECRET_PREFIX = "whsec_";

    /** Begins a public key. */
    static final String PUBLIC_KEY_PREFIX = "whpk_";

    /** How far the sender's clock may be off, and how old a message may be that somebody sends again. */
    static final Duration TOLERANCE = Duration.ofMinutes(5);

    /** What is verified with where the secret is no public key; that of RFC 8032, section 7.1, test 1, whose private one anybody knows. */
    private static final String NOBODYS_KEY = PUBLIC_KEY_PREFIX + "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    /** Verifying takes a while, and anybody may send signatures. Senders have two while they change their key. */
    private static final int MOST_VERIFIED = 2;

    private static final int LEAST_BYTES = 24;
    private static final int MOST_BYTES = 64;
    private static final int PUBLIC_KEY_BYTES = 32;

    /** What stands before an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410, section 4). */
    private static final byte[] PUBLIC_KEY_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

    private StandardWebhooks() {}

    /** Whether one of the request's signatures is right, and its time is about now. */
    static boolean isProven(HookRequest request, String secret) {
        HookHeaders headers = request.headers();
        String id = headers.value(ID);
        String timestamp = headers.value(TIMESTAMP);
        String signatures = headers.value(SIGNATURE);
        byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        // Both, whatever the secret is: how long it takes must tell neither of what kind it is nor that there is one.
        boolean coded = isCoded(secret, head, request.body(), signatures);
        boolean signed = isSigned(secret, head, request.body(), signatures);
        return (coded || signed) && id != null && isCurrent(timestamp, request.receivedAt());
    }

    private static boolean isCoded(String secret, byte[] head, byte[] body, @Nullable String signatures) {
        byte[] key = bytes(secret, SECRET_PREFIX);
        byte[] code = Hmac.of(key == null ? new byte[LEAST_BYTES] : key, head, body);
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(code)).getBytes(StandardCharsets.UTF_8);
        boolean right = false;
        for (String signature : (signatures == null ? "" : signatures).split(" ")) {
            right |= MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8));
        }
        return right && key != null;
    }

    private static boolean isSigned(String secret, byte[] head, byte[] body, @Nullable String signatures) {
        boolean isKey = secret.startsWith(PUBLIC_KEY_PREFIX);
        String key = isKey ? secret : NOBODYS_KEY;
        boolean right = false;
        for (String signature : Arrays.stream((signatures == null ? "" : signatures).split(" "))
                .filter(each -> each.startsWith("v1a,"))
                .limit(MOST_VERIFIED)
                .toList()) {
            right |= isSignature(key, head, body, signature.substring("v1a,".length()));
        }
        return right && isKey;
    }

    private static boolean isSignature(String secret, byte[] head, byte[] body, String base64) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(publicKey(secret));
            verifier.update(head);
            verifier.update(body);
            return verifier.verify(Base64.getDecoder().decode(base64));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // no signature at all
        }
    }

    private static PublicKey publicKey(String secret) throws GeneralSecurityException {
        byte[] key = bytes(secret, PUBLIC_KEY_PREFIX);
        if (key == null || key.length != PUBLIC_KEY_BYTES) {
            throw new GeneralSecurityException("no key of 32 bytes");
        }
        byte[] encoded = new byte[PUBLIC_KEY_HEAD.length + key.length];
        System.arraycopy(PUBLIC_KEY_HEAD, 0, encoded, 0, PUBLIC_KEY_HEAD.length);
        System.arraycopy(key, 0, encoded, PUBLIC_KEY_HEAD.length, key.length);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    private static boolean isCurrent(@Nullable String timestamp, Instant now) {
        if (timestamp == null || !timestamp.matches("[0-9]{1,12}")) {
            return false;
        }
        Duration off = Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), now);
        return off.abs().compareTo(TOLERANCE) <= 0;
    }

    /** A new secret that nobody can guess. */
    public static String newSecret() {
        return NewSecrets.standard();
    }

    /**
     * The signature of a message.
     *
     * @param secret of {@link #newSecret}
     * @param timestamp seconds since 1970
     * @return as the header field {@value #SIGNATURE} has it
     */
    public static String sign(String secret, String id, long timestamp, byte[] body) {
        byte[] key = bytes(secret, SECRET_PREFIX);
        if (key == null) {
            throw new IllegalArgumentException("no secret of Standard Webhooks");
        }
        byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        return "v1," + Base64.getEncoder().encodeToString(Hmac.of(key, head, body));
    }

    /** What is wrong with a secret or public key, or null. */
    static @Nullable String faultOf(String secret) {
        if (secret.startsWith(PUBLIC_KEY_PREFIX)) {
            try {
                publicKey(secret);
                return null;
            } catch (GeneralSecurityException e) {
                return "is no " + PUBLIC_KEY_PREFIX + " and 32 bytes of an Ed25519 key in base64";
            }
        }
        byte[] key = bytes(secret, SECRET_PREFIX);
        return key == null || key.length < LEAST_BYTES || key.length > MOST_BYTES
                ? "is no " + SECRET_PREFIX + " and " + LEAST_BYTES + " to " + MOST_BYTES + " bytes in base64"
                : null;
    }

    private static byte @Nullable [] bytes(String secret, String prefix) {
        if (!secret.startsWith(prefix)) {
            return null;
        }
        try {
            return Base64.getDecoder().decode(secret.substring(prefix.length()));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
