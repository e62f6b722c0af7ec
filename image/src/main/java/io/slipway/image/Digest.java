package io.slipway.image;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 content digest, {@code sha256:} and 64 lower-case hex digits (OCI image specification 1.1, descriptor.md,
 * "Digests"). Other algorithms are refused: no registry in use serves them.
 *
 * @param hex the 64 hex digits
 */
public record Digest(String hex) implements Comparable<Digest> {
    private static final int HEX_DIGITS = 64;
    private static final String PREFIX = "sha256:";

    public Digest {
        if (!isHex(hex)) {
            throw new IllegalArgumentException("not a SHA-256 digest: " + hex);
        }
    }

    /** A loop and no pattern: a build context has tens of thousands of digests, read when the JVM is cold. */
    private static boolean isHex(String text) {
        boolean hex = text.length() == HEX_DIGITS;
        for (int i = 0; i < HEX_DIGITS && hex; i++) {
            char c = text.charAt(i);
            hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        }
        return hex;
    }

    /**
     * Parses {@code sha256:…}.
     *
     * @throws IllegalArgumentException if {@code text} is anything else
     */
    @JsonCreator
    public static Digest parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("not a SHA-256 digest: " + text);
        }
        return new Digest(text.substring(PREFIX.length()));
    }

    /** The digest of these bytes. */
    public static Digest of(byte[] content) {
        return of(sha256(), content);
    }

    /** The digest that {@code hash} has come to; resets {@code hash}. */
    public static Digest of(MessageDigest hash) {
        return new Digest(HexFormat.of().formatHex(hash.digest()));
    }

    private static Digest of(MessageDigest hash, byte[] content) {
        hash.update(content);
        return of(hash);
    }

    /** A new SHA-256 state. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    /** {@code sha256:} and the digits. */
    @JsonValue
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
