package io.slipway.worker.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.MediaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StepCacheTest {
    private static final Digest STEP = digest("step");
    private static final Digest ON = digest("on");
    private static final CachedStep.ByContent SECOND =
            new CachedStep.ByContent(digest("by content"), digest("content"));
    private static final CachedStep RESULT = CachedStep.of(
            digest("diff"), new Descriptor(MediaType.OCI_LAYER, digest("layer"), 7), "2026-01-02T03:04:05Z", List.of());

    @TempDir
    private Path folder;

    private StepCache cache;

    @BeforeEach
    void open() {
        cache = new StepCache(
                folder.resolve("cache"),
                "default",
                () -> folder.resolve(UUID.randomUUID().toString()));
    }

    @Test
    void aResultHasOneNameUnlessItIsGivenTwo() throws IOException {
        cache.put(STEP, ON, RESULT);
        assertThat(cache.knows(STEP)).isTrue();
        assertThat(cache.knows(SECOND.step())).isFalse();
        assertThat(cache.find(STEP, ON)).isEqualTo(RESULT);
        assertThat(cache.find(STEP, digest("other"))).isNull();
    }

    @Test
    void bothNamesLeadToItAndStayTogether() throws IOException {
        CachedStep result = RESULT.named(SECOND);
        cache.put(STEP, ON, result);
        assertThat(cache.find(STEP, ON)).isEqualTo(result);
        assertThat(cache.find(SECOND.step(), SECOND.content())).isEqualTo(result);

        FileTime old = FileTime.fromMillis(1);
        for (Path record : records()) {
            Files.setLastModifiedTime(record, old);
        }
        cache.find(STEP, ON);
        assertThat(records())
                .as("the garbage collector sees both used")
                .hasSize(2)
                .allSatisfy(
                        record -> assertThat(Files.getLastModifiedTime(record)).isGreaterThan(old));

        cache.remove(STEP, ON, result);
        assertThat(records()).isEmpty();
    }

    @Test
    void aSecondNameThatWasCollectedIsNotMissed() throws IOException {
        CachedStep result = RESULT.named(SECOND);
        cache.put(STEP, ON, result);
        cache.remove(SECOND.step(), SECOND.content(), RESULT);
        assertThat(cache.find(STEP, ON)).isEqualTo(result);
    }

    private List<Path> records() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(UTF_8));
    }
}
