package io.slipway.worker.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Digest;
import io.slipway.worker.cache.RunningSteps.Claim;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class RunningStepsTest {
    private static final Digest STEP = Digest.of("step".getBytes(StandardCharsets.UTF_8));
    private static final Digest OTHER = Digest.of("other".getBytes(StandardCharsets.UTF_8));

    @TempDir
    private Path directory;

    private RunningSteps steps;

    @BeforeEach
    void open() throws Exception {
        steps = RunningSteps.at(directory.resolve("running"), "project");
    }

    @Test
    void whoComesSecondWaitsUntilTheFirstIsDone() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Claim> second;
            try (Claim _ = steps.claim(STEP, () -> {})) {
                second = threads.submit(() -> steps.claim(STEP, told::countDown));
                assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
                assertThat(second.isDone()).isFalse();
            }
            second.get().close();
        }
    }

    @Test
    void otherStepsAndOtherProjectsDoNotWait() throws Exception {
        RunningSteps elsewhere = RunningSteps.at(directory.resolve("running"), "elsewhere");
        try (Claim _ = steps.claim(STEP, () -> {});
                Claim _ = steps.claim(OTHER, RunningStepsTest::mustNotWait);
                Claim _ = elsewhere.claim(STEP, RunningStepsTest::mustNotWait)) {
            assertThat(directory.resolve("running")).isDirectoryContaining("glob:**/elsewhere");
        }
    }

    @Test
    void nothingIsWritten() throws Exception {
        try (Claim _ = steps.claim(STEP, () -> {})) {
            assertThat(Files.size(directory.resolve("running/project"))).isZero();
        }
    }

    @Test
    void aThreadThatIsInterruptedWaitsNoLonger() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Claim _ = steps.claim(STEP, () -> {})) {
            CountDownLatch told = new CountDownLatch(1);
            Future<Claim> second = threads.submit(() -> steps.claim(STEP, told::countDown));
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            threads.shutdownNow();
            assertThatThrownBy(second::get).hasCauseInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void theClaimOfAProcessThatIsKilledEnds() throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        directory.resolve("running").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(process.getInputStream().read()).isEqualTo('!');
            Claim claim = steps.claim(STEP, process::destroyForcibly);
            assertThat(process.waitFor()).isNotZero();
            claim.close();
        } finally {
            process.destroyForcibly();
        }
    }

    private static void mustNotWait() {
        throw new AssertionError("somebody waits");
    }

    /** Another worker, which claims the step and is never done. */
    static final class Holder {
        private Holder() {}

        static void main(String[] arguments) throws Exception {
            try (Claim _ = RunningSteps.at(Path.of(arguments[0]), "project").claim(STEP, () -> {})) {
                System.out.print('!');
                System.out.flush();
                Thread.currentThread().join();
            }
        }
    }
}
