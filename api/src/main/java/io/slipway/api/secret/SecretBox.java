package io.slipway.api.secret;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.secret.SealedTexts;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Encrypts what only the service may read: AES-256-GCM (NIST SP 800-38D) with a random nonce for each text, bound to what it belongs to. The keys
 * are not in the database, so that a copy of that alone gives nothing away; services on one database have the same keys. Each text has the
 * id of its key. Thread-safe.
 */
@Component
public final class SecretBox {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    /** Without the key's id: what was encrypted before there could be several keys. */
    private static final byte WITHOUT_KEY = 1;

    private static final byte WITH_KEY = 2;

    /** Version and key id: nine bytes, which are twelve characters in base64. {@link SealedTexts#MARK} counts on it. */
    private static final int HEADER_BYTES = 1 + SecretKeys.ID_BYTES;

    private final SecureRandom random = new SecureRandom();
    private final SecretKeys keys;

    @Autowired
    SecretBox(SlipwayProperties properties) {
        this(SecretKeys.of(properties));
    }

    SecretBox(SecretKeys keys) {
        this.keys = keys;
    }

    /** The keys that it has. */
    SecretKeys keys() {
        return keys;
    }

    /** What texts that {@code key} has encrypted begin with: {@link SealedTexts#MARK} characters. */
    static String mark(SecretKeys.Key key) {
        return Base64.getEncoder().encodeToString(header(key));
    }

    /** Whether texts that begin so don't say which key they are encrypted with. */
    static boolean isWithoutKey(String mark) {
        return Base64.getDecoder().decode(mark)[0] == WITHOUT_KEY;
    }

    private static byte[] header(SecretKeys.Key key) {
        return ByteBuffer.allocate(HEADER_BYTES).put(WITH_KEY).put(key.id()).array();
    }

    /**
     * Encrypts.
     *
     * @param owner what the text belongs to; {@link #open} needs the same
     * @return printable text
     */
    public String seal(String owner, byte[] text) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] header = header(keys.current());
        byte[] sealed;
        try {
            sealed = run(Cipher.ENCRYPT_MODE, keys.current(), header, owner, nonce, text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("can't encrypt", e);
        }
        ByteBuffer whole = ByteBuffer.allocate(HEADER_BYTES + NONCE_BYTES + sealed.length);
        whole.put(header).put(nonce).put(sealed);
        return Base64.getEncoder().encodeToString(whole.array());
    }

    /**
     * Decrypts.
     *
     * @throws ProblemException {@link ProblemType#KEY_UNKNOWN} if the key is not known that it was sealed with
     * @throws IllegalStateException if it was sealed for another owner, or was changed
     */
    public byte[] open(String owner, String sealed) {
        ByteBuffer whole = ByteBuffer.wrap(Base64.getDecoder().decode(sealed));
        byte version = whole.hasRemaining() ? whole.get() : 0;
        int idBytes = version == WITH_KEY ? SecretKeys.ID_BYTES : 0;
        if ((version != WITH_KEY && version != WITHOUT_KEY) || whole.remaining() < idBytes + NONCE_BYTES) {
            throw new IllegalStateException("sealed by another version of Slipway");
        }
        byte[] id = new byte[idBytes];
        whole.get(id);
        byte[] nonce = new byte[NONCE_BYTES];
        whole.get(nonce);
        byte[] text = new byte[whole.remaining()];
        whole.get(text);
        if (version == WITHOUT_KEY) {
            return tryAll(owner, nonce, text);
        }
        SecretKeys.Key key = keys.find(id)
                .orElseThrow(
                        () -> unknown("the key " + HexFormat.of().formatHex(id) + ", which the service does not have"));
        try {
            return run(Cipher.DECRYPT_MODE, key, header(key), owner, nonce, text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this was sealed for something else, or was changed", e);
        }
    }

    private byte[] tryAll(String owner, byte[] nonce, byte[] text) {
        for (SecretKeys.Key key : keys.all()) {
            try {
                return run(Cipher.DECRYPT_MODE, key, new byte[0], owner, nonce, text);
            } catch (GeneralSecurityException e) {
                // Another key's; that it is nobody's is said below.
            }
        }
        throw unknown("a key that is none of the service's, or was changed");
    }

    private static ProblemException unknown(String key) {
        return new ProblemException(ProblemType.KEY_UNKNOWN, "What is needed was encrypted with " + key + ".");
    }

    /** The same text, encrypted with the current key. */
    String reseal(String owner, String sealed) {
        return seal(owner, open(owner, sealed));
    }

    private static byte[] run(int mode, SecretKeys.Key key, byte[] header, String owner, byte[] nonce, byte[] text)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header);
        cipher.updateAAD(owner.getBytes(StandardCharsets.UTF_8));
        return cipher.doFinal(text);
    }
}
