package io.slipway.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MemoryKillsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "low 0\nhigh 0\nmax 12\noom 4\noom_kill 3\noom_group_kill 1\n",
                "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
            })
    void bothVersionsOfControlGroupsSayHowOften(String file) throws IOException {
        assertThat(new MemoryKills(Files.writeString(folder.resolve("file"), file)).count())
                .isEqualTo(3);
    }

    @Test
    void whereNobodySaysThereWereNone() throws IOException {
        assertThat(new MemoryKills(null).count()).isZero();
        assertThat(new MemoryKills(folder.resolve("gone")).count()).isZero();
        // Version 1 before Linux 4.13
        Path old = Files.writeString(folder.resolve("old"), "oom_kill_disable 0\nunder_oom 0\n");
        assertThat(new MemoryKills(old).count()).isZero();
    }
}
