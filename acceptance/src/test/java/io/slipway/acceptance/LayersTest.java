package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.LayerTar;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Where the layers of an image end: the option {@code layers}. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class LayersTest {
    /** Five layers of ours, in two stages, that undo each other in all ways. */
    private static final String DOCKERFILE = """
            FROM busybox:1.35 AS lib
            RUN mkdir -p /a/b && echo 1 > /a/b/f && ln /a/b/f /a/hard && echo secret > /gone && ln -s b /a/soft
            RUN rm /gone && chmod 700 /a && touch /a/new
            FROM lib AS app
            WORKDIR /w
            COPY file /w/file
            ENV X=y
            RUN rm -r /a/b && mkdir /a/b && echo 2 > /a/b/g && rm /etc/passwd && ln /a/hard /a/more && chown 3:4 /w/file
            LABEL l=m
            """;

    private static final int OURS = 5;
    private static final String SECONDS = "1000000000";

    private static BuildContext context() {
        return BuildContext.of(DOCKERFILE).file("file", "content");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            stage       | 2 | format=docker
            stage       | 2 | compression=zstd
            flat        | 0 | compression=none
            flat        | 0 | sourceDateEpoch=1000000000
            lib.2,app.2 | 3 | format=oci
            app.1       | 2 | format=oci
            app.3       | 1 | format=oci
            """)
    void theFilesAreTheSameAndTheHistoryAccountsForEachLayer(String rule, int ours, String option, TestBed bed)
            throws IOException {
        try (BuildContext context = context();
                BuildContext same = context()) {
            OciImage usual = bed.build(same);
            ImageTree expected = ImageTree.of(usual);
            int base = usual.layers().size() - OURS;
            String[] named = option.split("=");
            JsonNode build = bed.client().succeed(context, "layers", rule, named[0], named[1]);
            OciImage image = bed.download(build, context);
            ImageTree tree = ImageTree.of(image);
            assertThat(tree.differences(expected, _ -> false, _ -> false)).isEmpty();
            assertThat(tree.layers()).isEqualTo(rule.equals("flat") ? 1 : base + ours);
            assertThat(tree.config().at("/rootfs/diff_ids")).hasSize(tree.layers());
            assertThat(layersOfHistory(image)).isEqualTo(tree.layers());
            assertThat(tree.config().get("history"))
                    .hasSameSizeAs(expected.config().get("history"));
            List<String> all = new ArrayList<>();
            for (Path layer : image.layers()) {
                all.addAll(names(layer));
            }
            // What a step removes is gone where it is of the same layer as the step that made it.
            assertThat(all.contains("gone")).isEqualTo(rule.startsWith("lib.2"));
            assertThat(bed.client()
                            .succeed(context, "layers", rule, named[0], named[1])
                            .get("digest"))
                    .as("from the cache")
                    .isEqualTo(build.get("digest"));
        }
    }

    @ParameterizedTest
    @CsvSource({"stage", "flat", "lib.2"})
    void mergedLayersAreReproducible(String rule, TestBed bed) throws IOException {
        try (BuildContext context = context()) {
            JsonNode first = bed.client().succeed(context, "layers", rule, "sourceDateEpoch", SECONDS);
            JsonNode again =
                    bed.client().succeed(context, "layers", rule, "sourceDateEpoch", SECONDS, "noCache", "true");
            assertThat(again.get("digest")).isEqualTo(first.get("digest"));
        }
    }

    @Test
    void stepsAreTakenFromTheCacheWhateverTheLayers(TestBed bed) {
        try (BuildContext context = context()) {
            bed.client().succeed(context);
            JsonNode build = bed.client().succeed(context, "layers", "flat");
            List<String> states = new ArrayList<>();
            List<String> names = new ArrayList<>();
            build.get("steps").forEach(step -> {
                states.add(step.get("state").asString());
                names.add(step.get("name").asString());
            });
            assertThat(names).containsExactly("lib.1", "lib.2", "lib.3", "app.1", "app.2", "app.3", "export");
            assertThat(states)
                    .containsExactly("executed", "cached", "cached", "cached", "cached", "cached", "executed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"instruction", "stage", "flat", "0.2"})
    void whatChangesNothingHasNoLayer(String rule, TestBed bed) throws IOException {
        String dockerfile = "FROM busybox:1.35\nRUN true\nWORKDIR /bin\nRUN echo 1 >/file\nCOPY none* /\nRUN true\n";
        try (BuildContext context = BuildContext.of(dockerfile)) {
            OciImage image = bed.build(context, "layers", rule);
            assertThat(layersOfHistory(image)).isEqualTo(image.layers().size());
            assertThat(image.layers()).hasSize(rule.equals("flat") ? 1 : 2);
            for (Path layer : image.layers()) {
                assertThat(names(layer)).isNotEmpty();
            }
            JsonNode build = bed.client().succeed(context, "layers", rule);
            assertThat(build.get("steps").valueStream().map(step -> step.has("layer")))
                    .containsExactly(false, false, false, true, false, false, false);
        }
    }

    @Test
    void severalPlatformsHaveTheSameRule(TestBed bed) throws IOException {
        String dockerfile = "FROM scratch AS a\nCOPY file /1\nCOPY file /2\nFROM a\nCOPY file /3\nCOPY file /4\n";
        try (BuildContext context = BuildContext.of(dockerfile).file("file", "content")) {
            OciImage image = bed.build(context, "layers", "a.1", "platform", "linux/amd64,linux/arm64");
            assertThat(image.layers()).hasSize(2);
            assertThat(ImageTree.of(image).files()).containsOnlyKeys("1", "2", "3", "4");
        }
    }

    @Test
    void whatIsGoingToBeMergedIsNotPushed(TestBed bed) {
        try (BuildContext context = context()) {
            JsonNode build = bed.client()
                    .succeed(context, "layers", "stage", "tag", bed.target().host() + "/layers/merged:1");
            for (JsonNode step : build.get("steps")) {
                if (step.has("layer")) {
                    String blob = "/v2/layers/merged/blobs/" + step.get("layer").asString();
                    assertThat(bed.target().status("HEAD", blob))
                            .as(step.toString())
                            .isEqualTo(404);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            libs.2 | layers names libs.2, which is no step of this build | did you mean lib.2?
            9.9    | layers names 9.9, which is no step of this build | steps of the image are app.1, app.2, app.3
            lib.1  | layers names lib.1, which is a step of a stage that the image is not made of | steps of the image are app.1, app.2, app.3
            """)
    void anUnknownStepIsAnErrorBeforeAnythingRuns(String step, String message, String hint, TestBed bed) {
        String target = step.equals("libs.2") ? "" : "FROM busybox:1.35 AS app\nRUN true\nCOPY --from=lib /a /a\n";
        try (BuildContext context = BuildContext.of(
                "FROM busybox:1.35 AS lib\nRUN touch /a && echo " + System.nanoTime() + "\n" + target)) {
            JsonNode build = bed.client().build(context, "layers", step);
            assertThat(build.get("state").asString()).isEqualTo("failed");
            assertThat(build.at("/error/code").asString()).isEqualTo("dockerfile_invalid");
            assertThat(build.at("/error/message").asString()).isEqualTo(message);
            assertThat(build.at("/error/hint").asString()).isEqualTo(hint);
            assertThat(build.get("steps"))
                    .allSatisfy(planned -> assertThat(planned.has("startedAt")).isFalse());
        }
    }

    private static long layersOfHistory(OciImage image) throws IOException {
        return image.config()
                .get("history")
                .valueStream()
                .filter(line -> !line.path("empty_layer").asBoolean())
                .count();
    }

    private static List<String> names(Path layer) throws IOException {
        List<String> names = new ArrayList<>();
        try (LayerTar tar = LayerTar.open(layer)) {
            for (LayerTar.Header header = tar.next(); header != null; header = tar.next()) {
                names.add(header.name());
            }
        }
        return names;
    }
}
