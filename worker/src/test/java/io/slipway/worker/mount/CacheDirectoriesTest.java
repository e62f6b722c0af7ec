package io.slipway.worker.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.Digest;
import io.slipway.protocol.CacheScope;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheDirectoriesTest {
    private static final Digest KEY = Digest.of(new byte[0]);

    @TempDir
    private Path directory;

    @Test
    void aNewDirectoryAppearsOnceItIsFilledAndNothingOfItBefore() throws Exception {
        Path work = directory.resolve("work");
        Path instance = directory.resolve("mounts").resolve(KEY.hex()).resolve("0");
        CacheDirectories caches = CacheDirectories.at(directory.resolve("mounts"), () -> work);
        try (CacheDirectories.Lease lease = caches.lease(
                KEY,
                CacheDirectories.About.now(CacheScope.ofTenant("default"), "cache"),
                CacheDirectories.Sharing.SHARED,
                made -> {
                    assertThat(made).isEqualTo(work);
                    assertThat(instance).isDirectoryNotContaining(path -> !path.endsWith("lock"));
                    Files.createFile(Files.createDirectory(made).resolve("seed"));
                },
                () -> {})) {
            assertThat(lease.data()).isEqualTo(instance.resolve("data"));
            assertThat(lease.data().resolve("seed")).exists();
        }
        assertThat(work).doesNotExist();
    }
}
