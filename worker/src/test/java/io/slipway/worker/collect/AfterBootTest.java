package io.slipway.worker.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.Digest;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AfterBootTest {
    private static final Instant CUT = Instant.parse("2026-11-30T12:00:00Z");
    private static final Instant BOOT = CUT.plus(Duration.ofHours(1));
    private static final Instant LONG_BEFORE = CUT.minus(AfterBoot.DOUBTFUL).minus(Duration.ofSeconds(1));
    private static final Instant SHORTLY_BEFORE = CUT.minus(Duration.ofMinutes(1));

    @TempDir
    Path store;

    private ContentStore content;

    @BeforeEach
    void boot() throws IOException {
        content = ContentStore.at(store);
        check("one");
    }

    /** Of a file's two times only that of its content can be set. */
    private void check(String boot) throws IOException {
        AfterBoot.check(
                store, boot, BOOT, path -> Files.getLastModifiedTime(path).toInstant());
    }

    private Path at(Instant time, Path path) throws IOException {
        return Files.setLastModifiedTime(path, FileTime.from(time));
    }

    private Path blob(Instant time, String text) throws IOException {
        return at(time, content.path(content.put(text.getBytes(UTF_8))));
    }

    private Path snapshot(Instant time, String name) throws IOException {
        Path tree = Files.createDirectories(store.resolve("snapshots")
                .resolve(Digest.of(name.getBytes(UTF_8)).hex()));
        Files.writeString(tree.resolve("file"), "");
        return at(time, tree);
    }

    private Path record(Instant time, String path) throws IOException {
        Path file = store.resolve(path);
        Files.createDirectories(file.getParent());
        return at(time, Files.writeString(file, ""));
    }

    @Test
    void whatWasWrittenLastIsLookedAtAfterABootAndOnlyThat() throws IOException {
        Path oldSnapshot = snapshot(LONG_BEFORE, "old");
        Path newSnapshot = snapshot(SHORTLY_BEFORE, "new");
        Path oldBlob = blob(LONG_BEFORE, "old");
        Path wholeBlob = blob(SHORTLY_BEFORE, "whole");
        Path tornBlob = blob(CUT, "torn");
        Files.write(tornBlob, new byte[4]);
        at(CUT, tornBlob);
        Path oldTornBlob = blob(LONG_BEFORE, "torn long before");
        Files.write(oldTornBlob, new byte[4]);
        at(LONG_BEFORE, oldTornBlob);
        Path sinceSnapshot = snapshot(BOOT.plus(Duration.ofMinutes(1)), "of after the boot");
        Path oldRecord = record(LONG_BEFORE, "cache/p/ab/step/result");
        Path newRecord = record(SHORTLY_BEFORE, "history/p/ab/step");
        Path newPartial = record(SHORTLY_BEFORE, ContentStore.PARTIAL + "/download");

        check("one");
        assertThat(newSnapshot).exists();

        check("two");
        assertThat(oldSnapshot).isDirectory();
        assertThat(newSnapshot).doesNotExist();
        assertThat(oldBlob).exists();
        assertThat(wholeBlob).exists();
        assertThat(tornBlob).doesNotExist();
        assertThat(oldTornBlob)
                .as("nothing is looked at that was on the disk long before")
                .exists();
        assertThat(sinceSnapshot).isDirectory();
        assertThat(oldRecord).exists();
        assertThat(newRecord).doesNotExist();
        assertThat(newPartial).doesNotExist();
    }

    @Test
    void inAStoreOfAnEarlierVersionNothingIsTouched() throws IOException {
        Files.delete(store.resolve("boot-id"));
        Path snapshot = snapshot(SHORTLY_BEFORE, "of the version before");
        check("two");
        assertThat(snapshot).isDirectory();
    }

    @Test
    void itIsDoneOncePerBoot() throws IOException {
        check("two");
        Path snapshot = snapshot(CUT, "of this boot");
        check("two");
        assertThat(snapshot).isDirectory();
        check("three");
        assertThat(snapshot).doesNotExist();
    }
}
