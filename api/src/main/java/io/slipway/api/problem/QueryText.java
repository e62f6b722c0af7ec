package io.slipway.api.problem;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text that stands encoded in a query string. */
public final class QueryText {
    private QueryText() {}

    /**
     * The text that an escaped name or value means.
     *
     * @throws IllegalArgumentException if it has a percent sign that begins no escape, is not UTF-8, or has the character U+0000
     */
    public static String decoded(String escaped) {
        // Decoded as UTF-8 in one step, what is none would become another character without a word.
        return of(URLDecoder.decode(escaped, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * The text that bytes are.
     *
     * @throws IllegalArgumentException if they are not UTF-8, or have the character U+0000
     */
    public static String of(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (!JsonObjects.isText(text)) {
                throw new IllegalArgumentException("the character U+0000");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not UTF-8", e);
        }
    }
}
