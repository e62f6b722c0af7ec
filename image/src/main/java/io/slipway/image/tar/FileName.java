package io.slipway.image.tar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * File names as Java strings, without loss. A Linux file name is a string of bytes that is usually, not always, UTF-8.
 * {@link #decode} turns every byte that is not part of well-formed UTF-8 into the lone surrogate U+DC00 + byte
 * (U+DC80 to U+DCFF), as Python's "surrogateescape" does (PEP 383), and {@link #encode} turns it back:
 * {@code encode(decode(b))} is {@code b} for every {@code b}. Well-formed is what the Unicode Standard 17, table 3-7,
 * says: no overlong forms, no surrogates, nothing above U+10FFFF.
 *
 * <p>Strings without such surrogates are ordinary text, so names compare equal to what a Dockerfile or JSON says. Such a
 * string must not pass through {@code String.getBytes} or a JSON writer, which would write {@code ?}.
 */
public final class FileName {
    private static final char ESCAPE = 0xdc00;

    private FileName() {}

    /** The name that these bytes are; any bytes will do. */
    public static String decode(byte[] name) {
        return decode(name, 0, name.length);
    }

    /** The name that {@code length} bytes from {@code offset} are. */
    public static String decode(byte[] name, int offset, int length) {
        int end = offset + length;
        int ascii = offset;
        while (ascii < end && name[ascii] >= 0) {
            ascii++;
        }
        if (ascii == end) {
            return new String(name, offset, length, StandardCharsets.ISO_8859_1);
        }
        StringBuilder text = new StringBuilder(length);
        int at = offset;
        while (at < end) {
            int first = name[at] & 0xff;
            int size = sequenceLength(name, at, end);
            switch (size) {
                case 1 -> text.append((char) first);
                case 2 -> text.append((char) (((first & 0x1f) << 6) | low6(name, at + 1)));
                case 3 -> text.append((char) (((first & 0x0f) << 12) | (low6(name, at + 1) << 6) | low6(name, at + 2)));
                case 4 ->
                    text.appendCodePoint(((first & 0x07) << 18)
                            | (low6(name, at + 1) << 12)
                            | (low6(name, at + 2) << 6)
                            | low6(name, at + 3));
                default -> {
                    text.append((char) (ESCAPE + first));
                    size = 1;
                }
            }
            at += size;
        }
        return text.toString();
    }

    /**
     * The bytes of this name.
     *
     * @throws IllegalArgumentException if {@code name} has a surrogate that is neither half of a pair nor from
     *     {@link #decode}: no file has such a name
     */
    public static byte[] encode(String name) {
        int length = name.length();
        boolean ascii = true;
        for (int i = 0; i < length && ascii; i++) {
            ascii = name.charAt(i) < 0x80;
        }
        if (ascii) {
            return name.getBytes(StandardCharsets.ISO_8859_1);
        }
        byte[] bytes = new byte[Math.multiplyExact(length, 3)];
        int size = 0;
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (c < 0x80) {
                bytes[size++] = (byte) c;
            } else if (c < 0x800) {
                bytes[size++] = (byte) (0xc0 | (c >> 6));
                bytes[size++] = continuation(c);
            } else if (!Character.isSurrogate(c)) {
                bytes[size++] = (byte) (0xe0 | (c >> 12));
                bytes[size++] = continuation(c >> 6);
                bytes[size++] = continuation(c);
            } else if (isEscapedByte(c)) {
                bytes[size++] = (byte) (c - ESCAPE);
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(name.charAt(i + 1))) {
                int point = Character.toCodePoint(c, name.charAt(++i));
                bytes[size++] = (byte) (0xf0 | (point >> 18));
                bytes[size++] = continuation(point >> 12);
                bytes[size++] = continuation(point >> 6);
                bytes[size++] = continuation(point);
            } else {
                throw new IllegalArgumentException(
                        "no file can be named so: lone surrogate U+%04X at position %d".formatted((int) c, i));
            }
        }
        return Arrays.copyOf(bytes, size);
    }

    /**
     * The name as text for people: what is not UTF-8 and control characters as {@code \xNN}, so that a message stays on
     * one line and is valid Unicode.
     */
    public static String display(String name) {
        StringBuilder text = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < name.length() && Character.isLowSurrogate(name.charAt(i + 1))) {
                text.append(c).append(name.charAt(++i));
            } else if (Character.isISOControl(c) || isEscapedByte(c)) {
                text.append("\\x%02x".formatted(c & 0xff));
            } else if (Character.isSurrogate(c)) {
                text.append('\ufffd');
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    private static boolean isEscapedByte(char c) {
        return c >= ESCAPE + 0x80 && c <= ESCAPE + 0xff;
    }

    /** How many bytes the well-formed sequence at {@code at} has, or 0 if there is none. */
    private static int sequenceLength(byte[] name, int at, int end) {
        int first = name[at] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        int second = at + 1 < end ? name[at + 1] & 0xff : 0;
        if (first >= 0xc2 && first <= 0xdf) {
            return isContinuation(second) ? 2 : 0;
        }
        if (first >= 0xe0 && first <= 0xef) {
            boolean wellFormed = second >= (first == 0xe0 ? 0xa0 : 0x80) && second <= (first == 0xed ? 0x9f : 0xbf);
            return wellFormed && at + 2 < end && isContinuation(name[at + 2]) ? 3 : 0;
        }
        if (first >= 0xf0 && first <= 0xf4) {
            boolean wellFormed = second >= (first == 0xf0 ? 0x90 : 0x80) && second <= (first == 0xf4 ? 0x8f : 0xbf);
            return wellFormed && at + 3 < end && isContinuation(name[at + 2]) && isContinuation(name[at + 3]) ? 4 : 0;
        }
        return 0;
    }

    private static boolean isContinuation(int b) {
        return (b & 0xc0) == 0x80;
    }

    private static int low6(byte[] name, int at) {
        return name[at] & 0x3f;
    }

    private static byte continuation(int bits) {
        return (byte) (0x80 | (bits & 0x3f));
    }
}
