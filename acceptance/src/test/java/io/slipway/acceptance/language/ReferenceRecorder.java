package io.slipway.acceptance.language;

import io.slipway.acceptance.fixture.GitDaemon;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.image.Descriptor;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Builds the {@linkplain ReferenceCases cases of our own} with BuildKit and writes what came of them into their files: {@code ./dev record}. No test of
 * {@code ./dev test}.
 */
final class ReferenceRecorder {
    @Test
    void record() throws IOException {
        Path folder = TestBed.folder("slipway-record-");
        try (Registry bases = Registry.ofBases("busybox");
                CaseServer http = new CaseServer();
                GitDaemon git = GitDaemon.ofFixture(folder.resolve("git"))) {
            BuildKit buildKit = new BuildKit(folder, bases, http, git.url());
            ContentStore store = ContentStore.at(folder.resolve("store"));
            FlatImage base = FlatImage.of(
                    store,
                    ReferenceCases.copy(
                            Objects.requireNonNull(
                                    buildKit.build(ReferenceCases.BASE).layout()),
                            store),
                    folder);
            for (Path file : ReferenceCases.files()) {
                List<String> text = new ArrayList<>();
                for (LanguageCase recorded : ReferenceCases.of(file)) {
                    BuildKit.Built built = buildKit.build(recorded);
                    Recording recording = new Recording(
                            line -> line.replace(http.url(), "{{http}}").replace(git.url(), "{{git}}"),
                            !recorded.options("times").isEmpty(),
                            !recorded.options("platform").isEmpty());
                    if (built.layout() == null || built.metadata() == null) {
                        recording.refusal(built.output());
                    } else {
                        Descriptor image = ReferenceCases.copy(built.layout(), store);
                        recording.warnings(built.metadata());
                        recording.image(store, image, FlatImage.of(store, image, folder), base);
                    }
                    text.addAll(source(file, recorded));
                    text.add("-- expect --");
                    text.addAll(recording.lines());
                    text.add("");
                }
                Files.writeString(file, String.join("\n", text));
            }
        } finally {
            TestBed.remove(folder);
        }
    }

    /** The lines of a case but for what is expected. */
    private static List<String> source(Path file, LanguageCase recorded) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("== ")) {
                inside = line.equals("== " + recorded.name() + " ==");
            } else if (line.equals("-- expect --")) {
                inside = false;
            }
            if (inside) {
                lines.add(line);
            }
        }
        while (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return lines;
    }
}
