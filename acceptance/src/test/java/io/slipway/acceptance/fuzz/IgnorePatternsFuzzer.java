package io.slipway.acceptance.fuzz;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.source.InvalidValueException;
import java.nio.charset.StandardCharsets;

/** Takes the first line of any bytes as a path, the rest as a {@code .dockerignore}, and asks the one about the other. */
public final class IgnorePatternsFuzzer {
    private IgnorePatternsFuzzer() {}

    /** A directory whose files are all left out has none that is not. */
    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        int line = text.indexOf('\n');
        String path = IgnorePatterns.relative(line < 0 ? text : text.substring(0, line));
        IgnorePatterns patterns;
        try {
            patterns = IgnorePatterns.parse(text.substring(line + 1));
        } catch (InvalidValueException e) {
            if (e.message().isBlank()) {
                throw new AssertionError("refused without a sentence", e);
            }
            return;
        }
        patterns.ignores(path);
        if (!path.isEmpty() && patterns.ignoresAllBelow(path) && !patterns.ignores(path + "/x")) {
            throw new AssertionError("all below " + path + " is ignored, and " + path + "/x is not");
        }
    }
}
