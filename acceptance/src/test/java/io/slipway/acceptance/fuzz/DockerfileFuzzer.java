package io.slipway.acceptance.fuzz;

import io.slipway.dockerfile.Beginning;
import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.OutlineRequest;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.stage.PlatformName;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Reads, checks and outlines any bytes as a Dockerfile. */
public final class DockerfileFuzzer {
    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");

    private DockerfileFuzzer() {}

    /** A Dockerfile is either built or refused with a sentence at a place that it has. */
    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        Beginning beginning = Beginning.of(text);
        DockerfileException refusal = beginning.refusal();
        if (refusal == null) {
            requireSame(beginning.dockerfile(), Dockerfile.parse(text));
        }
        Outline outline = Outliner.outline(
                input, new OutlineRequest(Map.of("A", "a b"), null, AMD64, AMD64, IgnorePatterns.NONE));
        int lines = (int) text.chars().filter(character -> character == '\n').count() + 1;
        for (Outline.Problem problem : outline.problems()) {
            Integer line = problem.line();
            if (problem.message().isBlank() || (line != null && (line < 1 || line > lines))) {
                throw new AssertionError("a problem without a sentence or a place: " + problem);
            }
        }
        if (refusal != null && outline.problems().isEmpty()) {
            throw new AssertionError("refused and not said so: " + refusal.describe());
        }
    }

    private static void requireSame(Dockerfile one, Dockerfile other) {
        if (!one.equals(other)) {
            throw new AssertionError("read twice, and not the same: " + one + " and " + other);
        }
    }
}
