package io.slipway.dockerfile.hostile;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.OutlineRequest;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.dockerfile.stage.PlatformName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program that looks at the {@link Hostile} Dockerfiles whose names it reads, in the memory that it is given. A line of each answer: how
 * many problems there are, the length of the longest message, and what the refusal says, or nothing.
 */
final class Answerer {

    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");

    private Answerer() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String name = names.readLine(); name != null; name = names.readLine()) {
            Hostile hostile = Hostile.valueOf(name);
            out.println(answer(hostile.text().getBytes(StandardCharsets.UTF_8), hostile.ignored()));
        }
    }

    private static String answer(byte[] file, @Nullable String ignored) {
        Outline outline = Outliner.outline(
                file,
                new OutlineRequest(
                        Map.of(),
                        null,
                        AMD64,
                        AMD64,
                        ignored == null ? IgnorePatterns.NONE : IgnorePatterns.parse(ignored)));
        int longest = outline.problems().stream()
                .mapToInt(problem -> problem.message().length())
                .max()
                .orElse(0);
        String refusal = outline.problems().stream()
                .filter(problem -> problem.severity().equals(Outline.Problem.ERROR))
                .map(Outline.Problem::message)
                .findFirst()
                .orElse("");
        return outline.problems().size() + " " + longest + " " + refusal.replace('\n', ' ');
    }
}
