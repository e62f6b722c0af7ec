package io.slipway.worker.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Replaces the secrets of one build by {@value #MASK} in what it prints: as they are, in base64 (also where it is broken into lines of 64 or 76
 * characters), percent-encoded, and each line of one that has several. What is shorter than six bytes, or a line of less than eight, stays:
 * it would be found everywhere. Immutable; thread-safe.
 */
public final class SecretMask {
    /** What stands in a secret's place. */
    public static final String MASK = "***";

    /** Shorter lines of a longer secret are words like any other. */
    private static final int LEAST_LINE_BYTES = 8;

    /** A longer secret is looked for in pieces. */
    private static final int MOST_NEEDLE_BYTES = 64 * 1024;

    private static final int PIECE_BYTES = 4096;
    private static final List<Integer> BASE64_LINES = List.of(64, 76);
    private static final byte[] MASK_BYTES = MASK.getBytes(UTF_8);

    /** Longest first. */
    private final List<byte[]> needles;
    /** By its first two bytes: the first needle that begins so, plus one; then by needle the next one. */
    private final int[] heads;

    private final int[] next;
    private final boolean[] firsts = new boolean[256];

    private SecretMask(Collection<byte[]> distinct) {
        this.needles = distinct.stream()
                .sorted(Comparator.comparingInt((byte[] needle) -> needle.length)
                        .reversed())
                .toList();
        this.heads = new int[needles.isEmpty() ? 0 : 1 << 16];
        this.next = new int[needles.size()];
        for (int n = needles.size() - 1; n >= 0; n--) {
            byte[] needle = needles.get(n);
            int block = block(needle, 0);
            next[n] = heads[block];
            heads[block] = n + 1;
            firsts[needle[0] & 0xff] = true;
        }
    }

    /** @param secrets values of the build's secrets */
    public static SecretMask of(Collection<byte[]> secrets) {
        TreeSet<byte[]> needles = new TreeSet<>(Arrays::compareUnsigned);
        for (byte[] value : secrets) {
            byte[] secret = SecretForms.stripped(value);
            if (secret.length < SecretForms.LEAST_SECRET_BYTES) {
                continue;
            }
            if (secret.length <= MOST_NEEDLE_BYTES) {
                needles.addAll(SecretForms.withBase64(secret));
                needles.add(URLEncoder.encode(new String(secret, UTF_8), UTF_8)
                        .replace("+", "%20")
                        .getBytes(UTF_8));
            } else {
                needles.addAll(pieces(secret, PIECE_BYTES));
            }
            needles.addAll(lines(secret));
            byte[] base64 = Base64.getEncoder().encode(value);
            for (int length : BASE64_LINES) {
                if (base64.length > length) {
                    needles.addAll(pieces(base64, length));
                }
            }
        }
        return new SecretMask(needles);
    }

    private static List<byte[]> lines(byte[] secret) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= secret.length; i++) {
            if (i == secret.length || secret[i] == '\n') {
                byte[] line = SecretForms.stripped(Arrays.copyOfRange(secret, start, i));
                if (line.length >= LEAST_LINE_BYTES) {
                    lines.add(line);
                }
                start = i + 1;
            }
        }
        return lines;
    }

    private static List<byte[]> pieces(byte[] whole, int length) {
        List<byte[]> pieces = new ArrayList<>();
        for (int from = 0; from + LEAST_LINE_BYTES <= whole.length; from += length) {
            pieces.add(Arrays.copyOfRange(whole, from, Math.min(whole.length, from + length)));
        }
        return pieces;
    }

    /** Whether there is nothing to look for. */
    public boolean isEmpty() {
        return needles.isEmpty();
    }

    /** A whole text without secrets. */
    public String text(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        byte[] masked = whole(bytes);
        return masked.length == bytes.length && Arrays.equals(masked, bytes) ? text : new String(masked, UTF_8);
    }

    /** Whole bytes without secrets. */
    public byte[] whole(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        pass(bytes, true, out);
        return out.toByteArray();
    }

    /** A new stream of output. */
    public Stream stream() {
        return new Stream();
    }

    /** Output that comes in pieces, which may end within a secret. What may be the beginning of one waits for the next piece. Used by one thread. */
    public final class Stream {
        private byte[] held = new byte[0];

        private Stream() {}

        /** What can be passed on, with the next piece; may be empty. */
        public byte[] take(byte[] piece) {
            byte[] bytes = Arrays.copyOf(held, held.length + piece.length);
            System.arraycopy(piece, 0, bytes, held.length, piece.length);
            ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
            int passed = pass(bytes, false, out);
            held = Arrays.copyOfRange(bytes, passed, bytes.length);
            return out.toByteArray();
        }

        /** What waits, when nothing more comes; may be empty. */
        public byte[] rest() {
            byte[] last = whole(held);
            held = new byte[0];
            return last;
        }
    }

    /** Passes bytes on; returns how many were looked at: all, unless more may come that makes a secret of the last ones. */
    private int pass(byte[] bytes, boolean all, ByteArrayOutputStream out) {
        if (needles.isEmpty()) {
            out.writeBytes(bytes);
            return bytes.length;
        }
        int unwritten = 0;
        int at = 0;
        while (at < bytes.length) {
            if (!firsts[bytes[at] & 0xff]) {
                at++;
                continue;
            }
            if (!all && mayGoOn(bytes, at)) {
                break;
            }
            int length = secretAt(bytes, at);
            if (length == 0) {
                at++;
                continue;
            }
            out.write(bytes, unwritten, at - unwritten);
            out.writeBytes(MASK_BYTES);
            at += length;
            unwritten = at;
        }
        out.write(bytes, unwritten, at - unwritten);
        return at;
    }

    /** The length of the longest needle that stands here, or 0. */
    private int secretAt(byte[] bytes, int at) {
        if (at + 1 == bytes.length) {
            return 0;
        }
        for (int n = heads[block(bytes, at)]; n != 0; n = next[n - 1]) {
            byte[] needle = needles.get(n - 1);
            if (at + needle.length <= bytes.length
                    && Arrays.equals(needle, 0, needle.length, bytes, at, at + needle.length)) {
                return needle.length;
            }
        }
        return 0;
    }

    /** Whether all that there is from here on is the beginning of a longer needle. */
    private boolean mayGoOn(byte[] bytes, int at) {
        int length = bytes.length - at;
        if (length == 1) {
            return true; // its first byte is that of a needle
        }
        for (int n = heads[block(bytes, at)]; n != 0; n = next[n - 1]) {
            byte[] needle = needles.get(n - 1);
            if (needle.length <= length) {
                return false; // longest first
            }
            if (Arrays.equals(needle, 0, length, bytes, at, bytes.length)) {
                return true;
            }
        }
        return false;
    }

    private static int block(byte[] bytes, int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }
}
