package io.slipway.image.context;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/**
 * SHA-256 of a file's content, in the form that takes least memory: services hold a lot of them.
 *
 * @param first the first 8 bytes, big-endian, and so on
 */
public record ContentId(long first, long second, long third, long fourth) {
    /** Bytes of a SHA-256. */
    public static final int BYTES = 32;

    /** That of no content at all. */
    public static final ContentId EMPTY = parse("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
            .orElseThrow();

    /** The next 32 bytes of a buffer. */
    public static ContentId read(ByteBuffer bytes) {
        return new ContentId(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    /** Of 64 hexadecimal digits in lower case; empty if {@code hex} is something else. */
    public static Optional<ContentId> parse(String hex) {
        if (hex.length() != 2 * BYTES) {
            return Optional.empty();
        }
        for (int i = 0; i < hex.length(); i++) {
            char digit = hex.charAt(i);
            if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
                return Optional.empty();
            }
        }
        return Optional.of(new ContentId(word(hex, 0), word(hex, 1), word(hex, 2), word(hex, 3)));
    }

    private static long word(String hex, int number) {
        return HexFormat.fromHexDigitsToLong(hex, number * 16, number * 16 + 16);
    }

    /** Appends the 32 bytes to a buffer. */
    public void write(ByteBuffer bytes) {
        bytes.putLong(first).putLong(second).putLong(third).putLong(fourth);
    }

    /** The 32 bytes. */
    public byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        write(bytes);
        return bytes.array();
    }

    /** 64 hexadecimal digits in lower case. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(first) + hex.toHexDigits(second) + hex.toHexDigits(third) + hex.toHexDigits(fourth);
    }
}
