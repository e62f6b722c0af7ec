package io.slipway.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.access.ProjectLimit;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is written where, of both versions: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst, pids.rst and scheduler/sched-bwc.rst
 * of the kernel. That the kernel does so is shown by the acceptance tests, with the version that a machine has.
 */
final class ControlGroupFilesTest {
    @ParameterizedTest
    @CsvSource({
        "MEMORY, 67108864, memory.swap.max=0 memory.max=67108864 memory.limit_in_bytes=67108864",
        "MEMORY, , memory.swap.max=max memory.max=max memory.limit_in_bytes=-1",
        "CPU, 1500, cpu.max=150000 100000;cpu.cfs_period_us=100000;cpu.cfs_quota_us=150000",
        "CPU, , cpu.max=max 100000;cpu.cfs_period_us=100000;cpu.cfs_quota_us=-1",
        "PROCESSES, 200, pids.max=200",
        "PROCESSES, , pids.max=max"
    })
    void aLimitIsWrittenInTheFormsOfBothVersions(ProjectLimit limit, @Nullable Long value, String files) {
        Path group = Path.of("/sys/fs/cgroup/slipway/wrk_1");
        assertThat(ControlGroups.files(group, limit, value))
                .extracting(setting -> group.relativize(setting.path()) + "=" + setting.value())
                .containsExactly(files.split(limit == ProjectLimit.CPU ? ";" : " "));
    }
}
