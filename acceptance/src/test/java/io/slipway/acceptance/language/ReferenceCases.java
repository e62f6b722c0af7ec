package io.slipway.acceptance.language;

import io.slipway.acceptance.fixture.Programs;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCases;
import io.slipway.image.Descriptor;
import io.slipway.image.Manifest;
import io.slipway.image.Platform;
import io.slipway.image.layout.OciLayout;
import io.slipway.image.registry.LocalImage;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Cases of our own, in the format of the recorded ones: one for each instruction and mount with all that it can do. What is expected of them
 * BuildKit said, in {@link ReferenceRecorder}.
 */
final class ReferenceCases {
    /** The base image alone, which the recorder and the test compare with. */
    static final LanguageCase BASE = LanguageCases.read(
                    "base", "== base ==\n-- Dockerfile --\nFROM busybox:1.35\n-- expect --\n")
            .getFirst();

    private ReferenceCases() {}

    /** The files that hold them, in the checkout. */
    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Programs.CHECKOUT.resolve("acceptance/src/test/resources/reference"))) {
            return files.sorted().toList();
        }
    }

    static List<LanguageCase> of(Path file) throws IOException {
        return LanguageCases.read(file.getFileName().toString(), Files.readString(file));
    }

    /** Copies the only image of an OCI layout into a store. */
    static Descriptor copy(Path layout, ContentStore store) throws IOException {
        try (OciLayout opened = OciLayout.open(layout)) {
            Descriptor[] image = new Descriptor[1];
            Manifest manifest = Objects.requireNonNull(LocalImage.manifest(
                    opened.find(null),
                    Platform.parse(System.getProperty("os.arch").equals("aarch64") ? "linux/arm64" : "linux/amd64"),
                    document -> {
                        image[0] = document;
                        return opened.copyDocument(document, store);
                    }));
            opened.copyImage(manifest, store);
            return image[0];
        }
    }
}
