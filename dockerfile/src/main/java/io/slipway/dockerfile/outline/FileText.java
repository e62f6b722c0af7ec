package io.slipway.dockerfile.outline;

import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.FileSize;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A Dockerfile's bytes as text, as builds read them.
 *
 * @param text the text; up to the line with a zero byte, if there is one
 * @param replaced whether bytes that are no UTF-8 were replaced by U+FFFD
 * @param refusal why the bytes are no text, or null
 */
record FileText(String text, boolean replaced, @Nullable DockerfileException refusal) {

    static FileText of(byte[] bytes) {
        DockerfileException tooLarge = FileSize.refusal(bytes.length);
        if (tooLarge != null) {
            return new FileText("", false, tooLarge);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        int zero = text.indexOf('\0');
        if (zero < 0) {
            return new FileText(text, !isUtf8(bytes), null);
        }
        String before = text.substring(0, text.lastIndexOf('\n', zero) + 1);
        int line = (int) before.chars().filter(character -> character == '\n').count() + 1;
        return new FileText(
                before, false, DockerfileException.atLine(line, "it has a zero byte", "is it a text file?"));
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
