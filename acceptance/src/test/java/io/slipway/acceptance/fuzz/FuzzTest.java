package io.slipway.acceptance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Jazzer looks for bytes that end a reader with anything but its own errors, in a process of its own for each reader, all at once, beside other
 * tests. It starts from {@link Seeds}, and takes the first {@value #INPUTS} of the same inputs each time, or as many as there is time for, so that nobody's change fails by luck; {@code ./dev fuzz}
 * ({@code -Dslipway.fuzz.seconds=N}) looks for new ones for so long.
 */
@Execution(ExecutionMode.CONCURRENT)
final class FuzzTest {
    private static final Pattern COVERAGE = Pattern.compile("cov: (\\d+)");
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");
    private static final Pattern FINDING = Pattern.compile("(?s)(== Java Exception|==\\d+== ?ERROR).*");
    private static final @Nullable String SECONDS = System.getProperty("slipway.fuzz.seconds");
    private static final int INPUTS = 20_000;
    private static final Map<Class<?>, Process> RUNNING = new HashMap<>();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path directory;

    @BeforeAll
    static void start() throws IOException {
        Seeds.dockerfiles(seeds(DockerfileFuzzer.class));
        Seeds.ignoreFiles(seeds(IgnorePatternsFuzzer.class));
        Seeds.tars(seeds(TarFuzzer.class));
        start(DockerfileFuzzer.class);
        start(IgnorePatternsFuzzer.class);
        start(TarFuzzer.class);
    }

    @AfterAll
    static void end() {
        RUNNING.values().forEach(Process::destroyForcibly);
    }

    @ParameterizedTest
    @ValueSource(classes = {DockerfileFuzzer.class, IgnorePatternsFuzzer.class, TarFuzzer.class})
    void noBytesAreTooMuchFor(Class<?> fuzzer) throws Exception {
        int status = Objects.requireNonNull(RUNNING.get(fuzzer)).waitFor();
        String said = Files.readString(of(fuzzer).resolve("log"), StandardCharsets.ISO_8859_1);
        Matcher finding = FINDING.matcher(said);
        assertThat(status)
                .as("the input is in %s:\n%s", of(fuzzer), finding.find() ? finding.group() : said)
                .isZero();
        // Without the coverage of our own code it would be guessing.
        assertThat(COVERAGE.matcher(said).results().map(found -> Integer.parseInt(found.group(1))))
                .as(said)
                .anyMatch(branches -> branches > 100);
        Matcher done = DONE.matcher(said);
        assertThat(done.find()).as(said).isTrue();
        assertThat(Integer.parseInt(done.group(1))).as("inputs").isGreaterThan(1_000);
        if (SECONDS != null) {
            assertThat(Integer.parseInt(done.group(2))).as("seconds").isGreaterThanOrEqualTo(Integer.parseInt(SECONDS));
        }
    }

    private static Path of(Class<?> fuzzer) {
        return directory.resolve(fuzzer.getSimpleName());
    }

    private static Path seeds(Class<?> fuzzer) throws IOException {
        return Files.createDirectories(of(fuzzer).resolve("seeds"));
    }

    private static void start(Class<?> fuzzer) throws IOException {
        Path own = of(fuzzer);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx512m",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + fuzzer.getName(),
                "--instrumentation_includes=io.slipway.**",
                "--custom_hook_includes=io.slipway.**",
                "--reproducer_path=" + own,
                "-artifact_prefix=" + own + "/",
                // A hang, and not a slow machine that is still instrumenting classes.
                "-timeout=120",
                "-max_len=16384",
                Files.createDirectory(own.resolve("inputs")).toString(),
                own.resolve("seeds").toString()));
        command.addAll(
                SECONDS == null
                        ? List.of("-seed=20261130", "-runs=" + INPUTS, "-max_total_time=180")
                        : List.of("-max_total_time=" + SECONDS));
        Process jazzer = new ProcessBuilder(command)
                .directory(own.toFile())
                .redirectErrorStream(true)
                .redirectOutput(own.resolve("log").toFile())
                .start();
        RUNNING.put(fuzzer, jazzer);
    }
}
