package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.LocalBuild;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.acceptance.fixture.TestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Layers that are merged (the option {@code layers}), together with caches of other machines: those go on working step by step. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class MergedCacheTest {
    @RegisterExtension
    private static final TestFolder FOLDER = new TestFolder("slipway-merged-cache-");

    private final String mark = UUID.randomUUID().toString();

    /** What runs in the stages of the image gives something else each time. */
    private BuildContext context() {
        return BuildContext.of("""
                        FROM busybox:1.35 AS tools
                        RUN echo %1$s > /tool
                        FROM busybox:1.35 AS lib
                        RUN head -c 16 /dev/urandom > /one # %1$s
                        COPY file /copied/
                        FROM lib
                        COPY --from=tools /tool /tool
                        RUN head -c 16 /dev/urandom > /two && rm /one # %1$s
                        """.formatted(mark)).file("file", mark);
    }

    @ParameterizedTest
    @CsvSource({"stage, max", "flat, max", "lib.2, max", "stage, min", "flat, min"})
    void anotherMachineFindsTheStepsAndMergesTheSame(String rule, String mode, TestBed bed) throws IOException {
        String cache = bed.target().host() + "/" + mark + "/cache";
        String again = bed.target().host() + "/" + mark + "/again";
        String image = bed.target().host() + "/" + mark + "/image:1";
        // With an epoch a step of another stage gives the same layer wherever it is done.
        String[] epoch = {"--source-date-epoch", "1700000000"};
        String[] layers = with(epoch, "--layers", rule);
        try (BuildContext context = context()) {
            LocalBuild first = local(
                    bed, "here", context, with(layers, "--cache-to", "type=registry,mode=" + mode + ",ref=" + cache));
            assertThat(first.steps()).containsOnly("DONE");
            LocalBuild second = local(
                    bed,
                    "there",
                    context,
                    with(
                            layers,
                            "--cache-from",
                            cache,
                            "--cache-to",
                            "type=registry,mode=" + mode + ",ref=" + again,
                            "-t",
                            image,
                            "--push"));
            assertThat(second.steps()).startsWith(mode.equals("max") ? "CACHED" : "DONE");
            assertThat(second.steps().subList(1, 5)).containsOnly("CACHED");
            assertThat(second.digest()).isEqualTo(first.digest());
            Path layout = FOLDER.resolve("image-" + mark);
            Programs.run("skopeo", "copy", "--src-tls-verify=false", "docker://" + image, "oci:" + layout);
            assertThat(ImageTree.of(new OciImage(layout)).files())
                    .containsKeys("two", "tool", "copied/file")
                    .doesNotContainKey("one");

            // What was taken from a cache is passed on, and is good for other rules, too.
            LocalBuild plain = local(bed, "here", context, epoch);
            LocalBuild third = local(bed, "elsewhere", context, with(epoch, "--cache-from", again));
            assertThat(third.steps().subList(1, 5)).containsOnly("CACHED");
            assertThat(third.digest()).isEqualTo(plain.digest());
        }
    }

    @Test
    void aServiceMergesTheSame(TestBed bed) throws IOException {
        String cache = bed.target().host() + "/" + mark + "/cache";
        try (BuildContext context = context()) {
            LocalBuild first = local(
                    bed, "here", context, "--layers", "stage", "--cache-to", "type=registry,mode=max,ref=" + cache);
            JsonNode served = bed.client().succeed(context, "layers", "stage", "cacheFrom", cache);
            assertThat(served.get("digest").asString()).isEqualTo(first.digest());
            assertThat(served.get("warnings")).isEmpty();
        }
    }

    @Test
    void aDirectoryHasTheStepsToo(TestBed bed) throws IOException {
        Path layout = Files.createDirectory(FOLDER.resolve("layout-" + mark));
        Files.setPosixFilePermissions(layout, PosixFilePermissions.fromString("rwxrwxrwx"));
        String[] flat = {"--layers", "flat"};
        try (BuildContext context = context()) {
            LocalBuild first =
                    local(bed, "here", context, with(flat, "--cache-to", "type=local,mode=max,dest=" + layout));
            LocalBuild second = local(bed, "there", context, with(flat, "--cache-from", "type=local,src=" + layout));
            assertThat(second.steps()).containsOnly("CACHED");
            assertThat(second.digest()).isEqualTo(first.digest());
        }
    }

    /** An image has no layers of steps that were merged, so that its cache can only have those that were not. */
    @Test
    void theCacheInAnImageHasTheStepsThatKeepALayerOfTheirOwn(TestBed bed) throws IOException {
        String image = bed.target().host() + "/" + mark + "/image:1";
        String[] rule = {"--layers", "lib.2,lib.3", "--cache-to", "type=inline"};
        try (BuildContext context = context()) {
            LocalBuild first = local(bed, "here", context, with(rule, "-t", image, "--push"));
            assertThat(first.log())
                    .containsOnlyOnce("WARNING: the cache in the image has no steps whose layers are merged");
            LocalBuild second = local(bed, "there", context, with(rule, "--cache-from", image));
            assertThat(second.steps().subList(1, 3)).containsOnly("CACHED");
            assertThat(second.steps().subList(3, 5)).containsOnly("DONE");
        }
    }

    private static String[] with(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private LocalBuild local(TestBed bed, String machine, BuildContext context, String... options) throws IOException {
        return LocalBuild.succeed(bed, FOLDER.path(), FOLDER.resolve(machine + "-" + mark), context, options);
    }
}
