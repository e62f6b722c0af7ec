package io.slipway.worker.cache;

import io.slipway.image.Digest;
import io.slipway.image.tar.FileName;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hashes the parts of a key. Every part is framed by its kind and its length, so that no two different lists of parts give the same
 * bytes ({@code a-b, c} and {@code a, b-c}). What the parts are called makes no difference to the key; it is for {@link Inputs}, which a
 * step's inputs are described to again when it has to be said why it was not found. Not thread-safe.
 */
public final class KeyHash {
    private static final byte NULL = 0;
    private static final byte BYTES = 1;
    private static final byte NUMBER = 2;
    private static final byte LIST = 3;

    private final MessageDigest hash = Digest.sha256();
    private final @Nullable Inputs inputs;

    /** Starts a key of this kind. */
    public KeyHash(String kind) {
        this(kind, null);
    }

    /**
     * Starts a key of this kind.
     *
     * @param inputs is told the parts, each by its name
     */
    public KeyHash(String kind, @Nullable Inputs inputs) {
        this.inputs = inputs;
        add(kind);
    }

    /** Names what is added from now on. The same name may come again. */
    public KeyHash part(Inputs.Kind kind, String name) {
        if (inputs != null) {
            inputs.part(kind, name);
        }
        return this;
    }

    /** Names what is added from now on, which there is only one of in a key. */
    public KeyHash part(Inputs.Kind kind) {
        return part(kind, "");
    }

    /** Adds how many parts follow, which says nothing to people. */
    public KeyHash count(int number) {
        return frame(hash, NUMBER, number);
    }

    /** Adds a part; null is a part of its own, unlike the empty string. */
    public KeyHash add(@Nullable String part) {
        return part == null ? frame(NULL, 0) : add(FileName.encode(part));
    }

    /** Adds bytes. */
    public KeyHash add(byte[] bytes) {
        frame(BYTES, bytes.length);
        hash.update(bytes);
        if (inputs != null) {
            inputs.hash().update(bytes);
        }
        return this;
    }

    /** Adds a number. */
    public KeyHash add(long number) {
        return frame(NUMBER, number);
    }

    /** Adds a list; its length counts. */
    public KeyHash add(List<String> parts) {
        frame(LIST, parts.size());
        parts.forEach(this::add);
        return this;
    }

    private KeyHash frame(byte kind, long number) {
        if (inputs != null) {
            frame(inputs.hash(), kind, number);
        }
        return frame(hash, kind, number);
    }

    private KeyHash frame(MessageDigest hash, byte kind, long number) {
        hash.update(kind);
        hash.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
        return this;
    }

    /** The key; the hash starts afresh. */
    public Digest digest() {
        return Digest.of(hash);
    }
}
