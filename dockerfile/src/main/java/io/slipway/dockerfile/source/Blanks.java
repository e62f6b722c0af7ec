package io.slipway.dockerfile.source;

/** What counts as a blank: Unicode's White_Space property, as the reference frontend's {@code unicode.IsSpace}. */
public final class Blanks {

    private Blanks() {}

    /** Whether a code point is a blank; line ends are. */
    public static boolean isBlank(int character) {
        return (character >= '\t' && character <= '\r') || character == 0x85 || Character.isSpaceChar(character);
    }

    /** {@code text} without the blanks at its start and end. */
    public static String trim(String text) {
        int end = text.length();
        while (end > 0 && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return trimStart(text.substring(0, end));
    }

    /** {@code text} without the blanks at its start. */
    public static String trimStart(String text) {
        int start = 0;
        while (start < text.length() && isBlank(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }
}
