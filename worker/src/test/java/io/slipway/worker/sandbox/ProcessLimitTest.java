package io.slipway.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcessLimitTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"96365, 16384", "16384, 16384", "1000, 1000", "unlimited, 16384"})
    void noMoreThanThisProcessHas(String hard, long limit) throws IOException {
        Path file = Files.writeString(folder.resolve("limits"), """
                Limit                     Soft Limit           Hard Limit           Units
                Max resident set          unlimited            unlimited            bytes
                Max processes             500                  %-20s processes
                Max open files            1024                 524288               files
                """.formatted(hard));
        assertThat(ProcessLimit.of(file)).isEqualTo(limit);
    }

    @Test
    void thisProcessSaysWhatItHas() throws IOException {
        assertThat(ProcessLimit.of(ProcessLimit.OWN)).isBetween(1L, ProcessLimit.USUAL);
    }
}
