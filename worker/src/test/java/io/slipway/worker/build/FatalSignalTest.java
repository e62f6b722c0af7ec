package io.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FatalSignalTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "132, SIGILL",
                "134, SIGABRT",
                "135, SIGBUS",
                "136, SIGFPE",
                "137, SIGKILL",
                "139, SIGSEGV",
                "143, SIGTERM",
                "159, SIGSYS",
                "1, -",
                "9, -",
                "127, -",
                "128, -",
                // git says so of a wrong option
                "129, -",
                "130, -",
                "255, -",
            })
    void theSignalOfAnExitStatus(int status, String signal) {
        assertThat(FatalSignal.of(status)).isEqualTo(signal);
    }
}
