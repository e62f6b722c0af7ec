package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.Blanks;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/**
 * Comment lines that follow each other, as a list of their texts without {@code #} and blanks around. There may be as many as a file has
 * lines: they are kept as the one text that they are in, and cut out of it each time that they are asked for. Immutable.
 */
public final class Comments extends AbstractList<String> implements RandomAccess {

    private final String lines;
    private final int[] starts;

    private Comments(String lines, int[] starts) {
        this.lines = lines;
        this.starts = starts;
    }

    @Override
    public String get(int index) {
        int start = starts[index];
        int newline = lines.indexOf('\n', start);
        return Blanks.trim(lines.substring(start, newline < 0 ? lines.length() : newline));
    }

    @Override
    public int size() {
        return starts.length;
    }

    /** Collects comments of one text. Not thread-safe. */
    public static final class Collector {

        private final String text;
        private int[] starts = new int[4];
        private int size;

        /**
         * @param text the text that they stand in, of which they keep no more than their own lines
         */
        public Collector(String text) {
            this.text = text;
        }

        /**
         * Adds one.
         *
         * @param start where it starts in the text, behind its {@code #}
         */
        public void add(int start) {
            if (size == starts.length) {
                starts = Arrays.copyOf(starts, size * 2);
            }
            starts[size++] = start;
        }

        /** Forgets those that were added. */
        public void clear() {
            size = 0;
        }

        /** Those that were added, which are then forgotten. */
        public Comments take() {
            if (size == 0) {
                return new Comments("", new int[0]);
            }
            int first = starts[0];
            int newline = text.indexOf('\n', starts[size - 1]);
            int[] own = Arrays.copyOf(starts, size);
            for (int i = 0; i < size; i++) {
                own[i] -= first;
            }
            size = 0;
            return new Comments(text.substring(first, newline < 0 ? text.length() : newline), own);
        }
    }
}
