package io.slipway.dockerfile.source;

/** Cuts text that may be a whole file down to what somebody reads. */
public final class Excerpt {

    private Excerpt() {}

    /**
     * {@code text} if it is short; else its beginning and its end, where a message says what is wrong with the word that it quotes.
     *
     * @param most how many characters there may be of it; one more stands for what is left out
     */
    public static String of(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int start = most * 2 / 3;
        int end = text.length() - (most - start);
        // Not between the two halves of one character.
        start -= Character.isHighSurrogate(text.charAt(start - 1)) ? 1 : 0;
        end += Character.isLowSurrogate(text.charAt(end)) ? 1 : 0;
        return text.substring(0, start) + "…" + text.substring(end);
    }
}
