package io.slipway.image.context;

import io.slipway.image.tar.FileName;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;

/**
 * The bytes of names on this machine. A {@link Path} has them, but its {@code toString} decodes them by the locale and
 * loses what that does not know, everything but ASCII in the locale C. Its URI has every byte.
 */
final class LocalName {
    private LocalName() {}

    /** A relative path, or the target of a symbolic link, as a {@link FileName} string. */
    static String of(Path path) {
        String text = path.toString();
        if (text.chars().allMatch(c -> c < 0x80)) {
            return text;
        }
        boolean absolute = path.isAbsolute();
        String uri = (absolute ? path : Path.of("/").resolve(path)).toUri().getRawPath();
        byte[] bytes = percentDecoded(absolute ? uri : uri.substring(1));
        int length = bytes.length;
        // A slash is added if there is a directory of that name.
        if (bytes[length - 1] == '/' && !text.endsWith("/")) {
            length--;
        }
        return FileName.decode(bytes, 0, length);
    }

    private static byte[] percentDecoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toByteArray();
    }
}
