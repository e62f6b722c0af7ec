package io.slipway.worker.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotStoreTest {
    private static final Digest DIFF_ID = Digest.of(new byte[0]);

    @TempDir
    private Path directory;

    @Test
    void aSnapshotIsInTheStoreOnceItIsWholeAndNothingIsBefore() throws IOException {
        Path work = directory.resolve("work");
        Path snapshots = directory.resolve("snapshots");
        SnapshotStore store = SnapshotStore.at(snapshots, () -> work);
        store.unpack(DIFF_ID, _ -> {
                    assertThat(snapshots).isEmptyDirectory();
                    assertThat(work).isDirectory();
                    Files.createFile(work.resolve("file"));
                })
                .close();
        assertThat(snapshots.resolve(DIFF_ID.hex()).resolve("file")).exists();
        assertThat(work).doesNotExist();
    }
}
