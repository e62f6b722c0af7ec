package io.slipway.worker.cache;

import io.slipway.image.Digest;
import io.slipway.image.tar.FileName;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Hashes the parts of a key. Every part is framed by its length, so that no two different lists of parts give the same bytes
 * ({@code a-b, c} and {@code a, b-c}). Not thread-safe.
 */
public final class KeyHash {
    private final MessageDigest hash = Digest.sha256();

    /** Starts a key of this kind. */
    public KeyHash(String kind) {
        add(kind);
    }

    /** Adds a part; null is a part of its own, unlike the empty string. */
    public KeyHash add(@Nullable String part) {
        if (part == null) {
            return length(-1);
        }
        byte[] bytes = FileName.encode(part);
        return add(bytes);
    }

    /** Adds bytes. */
    public KeyHash add(byte[] bytes) {
        length(bytes.length);
        hash.update(bytes);
        return this;
    }

    /** Adds a number. */
    public KeyHash add(long number) {
        return length(Long.BYTES).length(number);
    }

    /** Adds a list; its length counts. */
    public KeyHash add(Iterable<String> parts) {
        int count = 0;
        for (String part : parts) {
            add(part);
            count++;
        }
        return add(count);
    }

    private KeyHash length(long length) {
        hash.update(ByteBuffer.allocate(Long.BYTES).putLong(length).flip());
        return this;
    }

    /** The key; the hash starts afresh. */
    public Digest digest() {
        return Digest.of(hash);
    }
}
