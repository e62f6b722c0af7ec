package io.slipway.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AvailableMemoryTest {
    @TempDir
    private Path root;

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private long bytes() throws IOException {
        return new AvailableMemory(root).bytes();
    }

    @Test
    void aMachineThatSaysNothingHasEnough() throws IOException {
        assertThat(bytes()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theMachineSaysWhatIsAvailable() throws IOException {
        file("proc/meminfo", "MemTotal:       1000 kB\nMemFree:          10 kB\nMemAvailable:    500 kB\n");
        file("proc/self/cgroup", "4:memory:/a\n0::/\n");
        assertThat(bytes()).isEqualTo(500 * 1024);
    }

    @Test
    void theControlGroupMayHaveLessOfWhichTheCacheIsGivenBack() throws IOException {
        file("proc/meminfo", "MemAvailable:    500 kB\n");
        file("proc/self/cgroup", "0::/a/b\n");
        file("sys/fs/cgroup/a/b/memory.max", "300000\n");
        file("sys/fs/cgroup/a/b/memory.current", "250000\n");
        file("sys/fs/cgroup/a/b/memory.stat", "anon 1\nfile 70000\ninactive_file 40000\n");
        assertThat(bytes()).isEqualTo(90_000);
        file("sys/fs/cgroup/a/b/memory.max", "max\n");
        assertThat(bytes()).isEqualTo(500 * 1024);
        file("sys/fs/cgroup/a/memory.max", "400000\n");
        file("sys/fs/cgroup/a/memory.current", "390000\n");
        assertThat(bytes()).as("of the group above").isEqualTo(10_000);
    }

    @Test
    void thisMachineSaysSomething() throws IOException {
        assertThat(AvailableMemory.ofMachine().bytes()).isBetween(1L, Long.MAX_VALUE - 1);
    }
}
