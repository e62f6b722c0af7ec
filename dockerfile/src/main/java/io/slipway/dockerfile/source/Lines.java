package io.slipway.dockerfile.source;

/** The lines of a text from a place in it on, one after the other and without a copy of them all. Not thread-safe. */
public final class Lines {

    private final String text;
    private int position;
    private int number;

    /** All lines of {@code text}. */
    public Lines(String text) {
        this(text, 0, 0);
    }

    private Lines(String text, int position, int number) {
        this.text = text;
        this.position = position;
        this.number = number;
    }

    /** How many lines {@code text} has; a {@code \r} that stands alone ends none. */
    public static int count(String text) {
        Lines lines = new Lines(text);
        while (lines.hasNext()) {
            lines.next();
        }
        return lines.number();
    }

    /** The lines that are still to come, read by themselves. */
    public Lines copy() {
        return new Lines(text, position, number);
    }

    /** Whether there is another line. */
    public boolean hasNext() {
        return position < text.length();
    }

    /** The next line without its line end: {@code \n} and any {@code \r} before it; there must be one. */
    public String next() {
        int newline = text.indexOf('\n', position);
        int end = newline < 0 ? text.length() : newline;
        int start = position;
        position = newline < 0 ? end : newline + 1;
        number++;
        while (end > start && text.charAt(end - 1) == '\r') {
            end--;
        }
        return text.substring(start, end);
    }

    /** Where the next line starts in the text. */
    public int position() {
        return position;
    }

    /** The number of the line that was read last, from 1; 0 if none was. */
    public int number() {
        return number;
    }

    /** The text between two positions, line ends included. */
    public String between(int start, int end) {
        return text.substring(start, end);
    }

    /** All that is still to come, line ends included. */
    public String rest() {
        return text.substring(position);
    }
}
