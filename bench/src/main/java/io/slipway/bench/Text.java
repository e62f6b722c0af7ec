package io.slipway.bench;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Bytes that compress about as program text does, the same in every run. */
final class Text {
    private static final int WORDS = 4000;
    private static final int FREQUENT = 60;

    private Text() {}

    static byte[] of(int length) {
        Random random = new Random(42);
        String[] words = new String[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = random.ints(2 + random.nextInt(9), 'a', 'z' + 1)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }
        StringBuilder text = new StringBuilder(length + 16);
        while (text.length() < length) {
            text.append(words[random.nextInt(random.nextBoolean() ? WORDS : FREQUENT)])
                    .append(random.nextInt(8) == 0 ? ";\n  " : " ");
        }
        return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }
}
