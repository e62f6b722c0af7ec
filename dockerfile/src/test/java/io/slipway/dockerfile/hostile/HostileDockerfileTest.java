package io.slipway.dockerfile.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each is read and checked, or refused with the name of a limit, in the memory that a worker has, and in time that grows with its size. The
 * limit of time is generous: what takes the square of its size would take minutes.
 */
class HostileDockerfileTest {

    /** What says how much memory a worker has. */
    private static final Path LAUNCHER = Path.of("../scripts/slipway-worker");

    private static final Pattern MEMORY =
            Pattern.compile("(?m)(?<= )-(?:Xm[xn]|XX:SurvivorRatio=|XX:\\+Use\\w+GC)\\S*");

    private static Process answerer;

    private static BufferedWriter questions;

    private static BufferedReader answers;

    @BeforeAll
    static void start() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        MEMORY.matcher(Files.readString(LAUNCHER)).results().forEach(option -> command.add(option.group()));
        assertThat(command).anyMatch(option -> option.startsWith("-Xmx"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.slipway.dockerfile.hostile.Answerer"));
        answerer = new ProcessBuilder(command).redirectErrorStream(true).start();
        questions = answerer.outputWriter(StandardCharsets.UTF_8);
        answers = answerer.inputReader(StandardCharsets.UTF_8);
    }

    @AfterAll
    static void end() {
        answerer.destroyForcibly();
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void isAnsweredInTimeAndMemoryThatAreBounded(Hostile hostile) throws Exception {
        questions.write(hostile.name() + "\n");
        questions.flush();
        @Nullable String answer = null;
        try {
            answer = answers.readLine();
        } finally {
            if (answer == null || !answer.matches("\\d+ \\d+ .*")) {
                // What comes from it now belongs to this question, not to the next.
                answerer.destroyForcibly().waitFor();
                start();
            }
        }
        assertThat(answer).isNotNull().matches("\\d+ \\d+ .*");
        String[] parts = String.valueOf(answer).split(" ", 3);
        assertThat(Integer.parseInt(parts[0])).isLessThanOrEqualTo(1_001);
        assertThat(Integer.parseInt(parts[1])).isLessThan(1_100);
        if (hostile.refusal() == null) {
            assertThat(parts[2]).isEmpty();
        } else {
            assertThat(parts[2]).contains(hostile.refusal());
        }
    }
}
