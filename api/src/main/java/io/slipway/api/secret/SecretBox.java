package io.slipway.api.secret;

import io.slipway.api.SlipwayProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Encrypts what only the service may read: AES-256-GCM (NIST SP 800-38D) with a random nonce for each text. The key is in a file, so that a
 * copy of the database alone gives nothing away; several services on one database share the file. Thread-safe.
 */
@Component
public final class SecretBox {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final byte VERSION = 1;

    private final SecureRandom random = new SecureRandom();
    private final SecretKeySpec key;

    @Autowired
    SecretBox(SlipwayProperties properties) throws IOException {
        this(properties.secretKeyFile());
    }

    SecretBox(Path keyFile) throws IOException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(readOrCreate(keyFile));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("the key file " + keyFile + " is not base64", e);
        }
        if (bytes.length != KEY_BYTES) {
            throw new IllegalStateException("the key file " + keyFile + " has no key of 32 bytes (in base64)");
        }
        this.key = new SecretKeySpec(bytes, "AES");
    }

    private String readOrCreate(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            byte[] fresh = new byte[KEY_BYTES];
            random.nextBytes(fresh);
            Path unfinished = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(unfinished, Base64.getEncoder().encodeToString(fresh) + "\n");
            try {
                // Whole or not at all, and never over a key that another service has just made.
                Files.createLink(file, unfinished);
            } catch (FileAlreadyExistsException e) {
                return Files.readString(file).strip();
            } finally {
                Files.delete(unfinished);
            }
        }
        return Files.readString(file).strip();
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
        byte[] sealed = run(Cipher.ENCRYPT_MODE, owner, nonce, text);
        ByteBuffer whole = ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length);
        whole.put(VERSION).put(nonce).put(sealed);
        return Base64.getEncoder().encodeToString(whole.array());
    }

    /**
     * Decrypts.
     *
     * @throws IllegalStateException if it was sealed with another key or for another owner, or was changed
     */
    public byte[] open(String owner, String sealed) {
        ByteBuffer whole = ByteBuffer.wrap(Base64.getDecoder().decode(sealed));
        if (whole.remaining() < 1 + NONCE_BYTES || whole.get() != VERSION) {
            throw new IllegalStateException("sealed by another version of Slipway");
        }
        byte[] nonce = new byte[NONCE_BYTES];
        whole.get(nonce);
        byte[] text = new byte[whole.remaining()];
        whole.get(text);
        return run(Cipher.DECRYPT_MODE, owner, nonce, text);
    }

    private byte[] run(int mode, String owner, byte[] nonce, byte[] text) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(owner.getBytes(StandardCharsets.UTF_8));
            return cipher.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    mode == Cipher.ENCRYPT_MODE
                            ? "can't encrypt"
                            : "the key file is not the one that this was sealed with",
                    e);
        }
    }
}
