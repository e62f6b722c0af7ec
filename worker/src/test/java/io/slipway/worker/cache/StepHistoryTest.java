package io.slipway.worker.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.Digest;
import io.slipway.protocol.CacheMiss;
import io.slipway.protocol.ChangedInput;
import io.slipway.protocol.InputChange;
import io.slipway.protocol.MissReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StepHistoryTest {
    private static final Digest PLACE = digest("place");
    private static final Digest BASE = digest("base");
    private static final Digest BELOW = digest("below");

    @TempDir
    private Path directory;

    private final AtomicInteger number = new AtomicInteger();
    private StepHistory history;

    @BeforeEach
    void open() {
        history = new StepHistory(
                directory.resolve("history"), "project", () -> directory.resolve("new" + number.incrementAndGet()));
    }

    @Test
    void nothingCameBeforeTheFirst() throws IOException {
        assertThat(explained(step("RUN a", Map.of())).miss()).isEqualTo(CacheMiss.of(MissReason.FIRST));
    }

    @Test
    void whatDiffersIsToldInTheOrderOfItsKinds() throws IOException {
        done(step("COPY", Map.of("FOO", "1", "GONE", "1"), Map.of("a", "1", "b", "1", "c", "1")));
        CacheMiss miss = explained(step("COPY", Map.of("FOO", "2", "NEW", "1"), Map.of("a", "2", "b", "1", "d", "1")))
                .miss();
        assertThat(miss.reason()).isEqualTo(MissReason.CHANGED);
        assertThat(miss.inputs())
                .containsExactly(
                        new ChangedInput("variable FOO", InputChange.MODIFIED),
                        new ChangedInput("variable NEW", InputChange.ADDED),
                        new ChangedInput("variable GONE", InputChange.REMOVED),
                        new ChangedInput("file a", InputChange.MODIFIED),
                        new ChangedInput("file d", InputChange.ADDED),
                        new ChangedInput("file c", InputChange.REMOVED));
        assertThat(miss.more()).isZero();
    }

    @Test
    void attributesAreToldOnlyOfAFileThatIsTheSameOtherwise() throws IOException {
        done(files(Map.of("a", "1", "b", "1"), 0644));
        assertThat(explained(files(Map.of("a", "1", "b", "2"), 0755)).miss().inputs())
                .containsExactly(
                        new ChangedInput("file b", InputChange.MODIFIED),
                        new ChangedInput("file a", InputChange.ATTRIBUTES));
    }

    @Test
    void theSameStepOnAnotherBaseOrOtherLayers() throws IOException {
        done(step("RUN a", Map.of()));
        StepHistory.Done same = step("RUN a", Map.of());
        assertThat(history.explain(PLACE, new StepHistory.Done(same.inputs(), digest("moved")), null)
                        .miss())
                .isEqualTo(new CacheMiss(
                        MissReason.CONTENT_BELOW, List.of(new ChangedInput("base image", InputChange.MODIFIED)), 0));
        assertThat(history.explain(PLACE, same, digest("other")).miss())
                .isEqualTo(new CacheMiss(
                        MissReason.CONTENT_BELOW, List.of(new ChangedInput("layers below", InputChange.MODIFIED)), 0));
    }

    @Test
    void theSameStepOnTheSameContentWasCollected() throws IOException {
        done(step("RUN a", Map.of()));
        assertThat(explained(step("RUN a", Map.of())).miss()).isEqualTo(CacheMiss.of(MissReason.COLLECTED));
    }

    @Test
    void moreThanTwentyDifferencesAreCounted() throws IOException {
        done(step("COPY", Map.of(), Map.of()));
        Map<String, String> files = new TreeMap<>();
        for (int i = 0; i < 33; i++) {
            files.put("file" + i, "1");
        }
        CacheMiss miss = explained(step("COPY", Map.of(), files)).miss();
        assertThat(miss.inputs()).hasSize(20);
        assertThat(miss.more()).isEqualTo(13);
    }

    @Test
    void ofTooManyFilesOnlyThatTheyDifferIsKnown() throws IOException {
        Map<String, String> files = new TreeMap<>();
        for (int i = 0; i < 50_001; i++) {
            files.put("file" + i, "1");
        }
        done(step("COPY", Map.of(), files));
        files.put("file77", "2");
        assertThat(explained(step("COPY", Map.of(), files)).miss().inputs())
                .containsExactly(new ChangedInput("files", InputChange.MODIFIED));
    }

    @Test
    void stepsOfOtherDockerfilesAtTheSamePlaceAreToldApart() throws IOException {
        for (int i = 0; i < 5; i++) {
            done(step("RUN " + i, Map.of("FOO", "1")));
        }
        assertThat(explained(step("RUN 4", Map.of("FOO", "2"))).miss().inputs())
                .containsExactly(new ChangedInput("variable FOO", InputChange.MODIFIED));
        assertThat(explained(step("RUN 3", Map.of("FOO", "2"))).miss().inputs())
                .containsExactly(new ChangedInput("variable FOO", InputChange.MODIFIED));
    }

    @Test
    void aStepThatHasMovedIsStillKnown() throws IOException {
        done(step("RUN a", Map.of("FOO", "1")));
        assertThat(history.explain(digest("elsewhere"), step("RUN a", Map.of("FOO", "2")), BELOW)
                        .miss()
                        .inputs())
                .containsExactly(new ChangedInput("variable FOO", InputChange.MODIFIED));
        assertThat(history.explain(digest("elsewhere"), step("RUN b", Map.of("FOO", "1")), BELOW)
                        .miss())
                .isEqualTo(CacheMiss.of(MissReason.FIRST));
    }

    @Test
    void ofAnotherKindOfStepAtThePlaceNothingElseIsCompared() throws IOException {
        done(step("RUN a", Map.of("FOO", "1")));
        Inputs inputs = new Inputs();
        KeyHash key = new KeyHash("another", inputs);
        key.part(Inputs.Kind.INSTRUCTION).add("COPY a");
        assertThat(explained(new StepHistory.Done(inputs.ended(), BASE)).miss().inputs())
                .containsExactly(new ChangedInput("instruction", InputChange.MODIFIED));
    }

    @Test
    void aRecordThatIsHalfWrittenIsNone() throws IOException {
        done(step("RUN a", Map.of()));
        try (Stream<Path> files = Files.walk(directory.resolve("history")).filter(Files::isRegularFile)) {
            Path file = files.findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        }
        assertThat(explained(step("RUN a", Map.of())).miss()).isEqualTo(CacheMiss.of(MissReason.FIRST));
    }

    @Test
    void noValueIsKept() throws IOException {
        String secret = "a-value-that-nobody-may-read";
        done(step(secret, Map.of("FOO", secret), Map.of("file", secret)));
        try (Stream<Path> files = Files.walk(directory).filter(Files::isRegularFile)) {
            byte[] deflated = Files.readAllBytes(files.findFirst().orElseThrow());
            try (var in = new java.util.zip.InflaterInputStream(new java.io.ByteArrayInputStream(deflated))) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                        .contains("FOO")
                        .doesNotContain(secret);
            }
        }
    }

    private StepHistory.Explained explained(StepHistory.Done step) throws IOException {
        return history.explain(PLACE, step, BELOW);
    }

    private void done(StepHistory.Done step) throws IOException {
        history.keep(PLACE, explained(step).slots(), step, BELOW);
    }

    private static StepHistory.Done step(String instruction, Map<String, String> variables) {
        return step(instruction, variables, Map.of());
    }

    private static StepHistory.Done step(String instruction, Map<String, String> variables, Map<String, String> files) {
        Inputs inputs = new Inputs();
        KeyHash key = new KeyHash("test", inputs);
        key.part(Inputs.Kind.INSTRUCTION).add(instruction);
        new TreeMap<>(variables)
                .forEach((name, value) -> key.part(Inputs.Kind.VARIABLE, name).add(value));
        new TreeMap<>(files)
                .forEach((name, value) -> key.part(Inputs.Kind.FILE, name).add(value));
        return new StepHistory.Done(inputs.ended(), BASE);
    }

    private static StepHistory.Done files(Map<String, String> files, int mode) {
        Inputs inputs = new Inputs();
        KeyHash key = new KeyHash("test", inputs);
        new TreeMap<>(files)
                .forEach((name, value) -> key.part(Inputs.Kind.FILE, name)
                        .add(value)
                        .part(Inputs.Kind.ATTRIBUTES, name)
                        .add(mode));
        return new StepHistory.Done(inputs.ended(), BASE);
    }

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
