package io.slipway.worker.guard;

import java.util.Arrays;
import java.util.List;

/**
 * Finds any of several byte strings in one pass that skips most bytes (S. Wu and U. Manber, "A fast algorithm for multi-pattern
 * searching", 1994, with blocks of two bytes). Immutable; thread-safe.
 */
final class Needles {
    private static final int BLOCK = 2;
    private static final int MOST_SHIFT = 64;

    private final List<byte[]> needles;
    /** How much of each needle is looked at before it is compared whole. */
    private final int window;

    private final int longest;
    /** By the last block of the window: how far to go on, 0 if a needle may end its window here. */
    private final byte[] shifts = new byte[1 << 16];
    /** By the last block of the window: the first needle that has it there, plus one; then by needle the next one. */
    private final int[] heads = new int[1 << 16];

    private final int[] next;

    /** What to do with a place where a needle is. */
    @FunctionalInterface
    interface Found {
        /** Returns whether to go on. */
        boolean at(int needle, int offset);
    }

    /** @param needles at least one, each of two bytes or more */
    Needles(List<byte[]> needles) {
        this.needles = List.copyOf(needles);
        int shortest = needles.stream().mapToInt(needle -> needle.length).min().orElseThrow();
        if (shortest < BLOCK) {
            throw new IllegalArgumentException("a needle of less than two bytes");
        }
        this.window = Math.min(shortest, MOST_SHIFT);
        this.longest = needles.stream().mapToInt(needle -> needle.length).max().orElseThrow();
        this.next = new int[needles.size()];
        Arrays.fill(shifts, (byte) (window - BLOCK + 1));
        for (int n = 0; n < needles.size(); n++) {
            byte[] needle = needles.get(n);
            for (int end = BLOCK - 1; end < window; end++) {
                int block = block(needle, end);
                shifts[block] = (byte) Math.min(shifts[block], window - 1 - end);
            }
            int last = block(needle, window - 1);
            next[n] = heads[last];
            heads[last] = n + 1;
        }
    }

    /** The length of the longest needle. */
    int longest() {
        return longest;
    }

    /** Tells of every needle that is whole in the first {@code length} bytes, until told to stop. */
    void find(byte[] text, int length, Found found) {
        int end = window - 1;
        while (end < length) {
            int block = block(text, end);
            int shift = shifts[block];
            if (shift > 0) {
                end += shift;
                continue;
            }
            int start = end - window + 1;
            for (int n = heads[block]; n != 0; n = next[n - 1]) {
                byte[] needle = needles.get(n - 1);
                int stop = start + needle.length;
                if (stop <= length
                        && Arrays.equals(needle, 0, needle.length, text, start, stop)
                        && !found.at(n - 1, start)) {
                    return;
                }
            }
            end++;
        }
    }

    private static int block(byte[] bytes, int end) {
        return ((bytes[end - 1] & 0xff) << 8) | (bytes[end] & 0xff);
    }
}
