package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.LocalBuild;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.acceptance.fixture.TestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A cache whose list of results is there, and whose layers are not, or are something else: what it lacks is made, with a warning. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class BrokenCacheTest {
    private static final String SECONDS = "1700000000";

    @RegisterExtension
    private static final TestFolder FOLDER = new TestFolder("slipway-broken-cache-");

    private final String mark = UUID.randomUUID().toString();

    /** With an epoch a step that is done again gives the same layer, so that the next ones are found. No other test has these layers. */
    private BuildContext context() {
        return BuildContext.of("""
                        FROM busybox:1.35
                        RUN echo %1$s > /one
                        COPY file /copied/
                        RUN cat /one > /two
                        """.formatted(mark)).file("file", mark);
    }

    @Test
    void aLayerThatTheRegistryHasRemovedIsMade(TestBed bed) throws IOException {
        String cache = bed.target().host() + "/" + mark;
        try (BuildContext context = context()) {
            LocalBuild first = local(bed, "here", context, "--cache-to", cache);
            String layer = layers(cache).getFirst();
            bed.target().removeBlob(mark, layer);
            JsonNode served = bed.client().succeed(context, "cacheFrom", cache, "sourceDateEpoch", SECONDS);
            assertThat(states(served)).containsExactlyInAnyOrder("executed", "cached", "cached");
            assertThat(warnings(served))
                    .containsExactly("CacheImportFailed the cache " + cache + " lacks layers that it lists, such as "
                            + layer + "; their steps are done again");
            assertThat(served.get("digest").asString()).isEqualTo(first.digest());
        }
    }

    @Test
    void whatOneCacheLacksTheNextMayHave(TestBed bed) throws IOException {
        String cache = bed.target().host() + "/" + mark;
        String other = bed.target().host() + "/" + mark + "-other";
        try (BuildContext context = context()) {
            LocalBuild first = local(bed, "here", context, "--cache-to", cache, "--cache-to", other);
            layers(cache).forEach(layer -> bed.target().removeBlob(mark, layer));
            LocalBuild second = local(bed, "there", context, "--cache-from", cache, "--cache-from", other);
            assertThat(second.steps()).containsOnly("CACHED");
            assertThat(second.log()).contains("WARNING: the cache " + cache + " lacks layers");
            assertThat(second.digest()).isEqualTo(first.digest());
        }
    }

    @Test
    void aCacheInAnImageThatLacksAllOfItsLayersIsNone(TestBed bed) throws IOException {
        String image = bed.target().host() + "/" + mark + ":1";
        try (BuildContext context = context()) {
            LocalBuild first = local(bed, "here", context, "-t", image, "--push", "--cache-to", "type=inline");
            List<String> all = layers(image);
            all.subList(all.size() - 3, all.size())
                    .forEach(layer -> bed.target().removeBlob(mark, layer));
            LocalBuild second = local(bed, "there", context, "--cache-from", image, "--cache-to", "type=inline");
            assertThat(second.steps()).containsOnly("DONE");
            assertThat(second.log()).containsOnlyOnce("WARNING: the cache " + image + " lacks layers");
            assertThat(second.digest()).isEqualTo(first.digest());
        }
    }

    @Test
    void aDirectoryMayLackLayersToo(TestBed bed) throws IOException {
        Path layout = Files.createDirectory(FOLDER.resolve("layout-" + mark));
        Files.setPosixFilePermissions(layout, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (BuildContext context = context()) {
            LocalBuild first = local(bed, "here", context, "--cache-to", "type=local,dest=" + layout);
            JsonNode index = json(Files.readString(layout.resolve("index.json")));
            JsonNode manifest = json(Files.readString(
                    blob(layout, index.at("/manifests/0/digest").asString())));
            Files.delete(blob(layout, manifest.at("/layers/1/digest").asString()));
            LocalBuild second = local(bed, "there", context, "--cache-from", "type=local,src=" + layout);
            assertThat(second.steps()).containsExactlyInAnyOrder("DONE", "CACHED", "CACHED");
            assertThat(second.log()).contains("WARNING: the cache " + layout + " lacks layers");
            assertThat(second.digest()).isEqualTo(first.digest());
        }
    }

    /**
     * That is seen only when the layer comes, after later steps were found: the build begins again without that cache. The cache has a registry of
     * its own, for the step gives the same layer when it is done again, and a registry that has a blob is not sent it.
     */
    @Test
    void aLayerThatIsSomethingElseIsNotBelieved(TestBed bed) throws IOException {
        String image = bed.target().host() + "/" + mark + ":1";
        try (Registry registry = Registry.open(FOLDER.resolve("registry-" + mark));
                BuildContext context = context()) {
            String cache = registry.host() + "/" + mark;
            LocalBuild first = local(bed, "here", context, "--cache-to", cache);
            spoil(registry, layers(cache).getLast());
            JsonNode served =
                    bed.client().succeed(context, "cacheFrom", cache, "sourceDateEpoch", SECONDS, "tag", image);
            assertThat(warnings(served))
                    .singleElement()
                    .asString()
                    .startsWith("CacheImportFailed nothing more is taken from the cache " + cache + ": ");
            assertThat(states(served)).hasSize(3).contains("executed");
            assertThat(served.get("digest").asString()).isEqualTo(first.digest());
            assertThat(served.get("images")).hasSize(1);
            Programs.run(
                    "skopeo", "copy", "--src-tls-verify=false", "docker://" + image, "oci:" + FOLDER.resolve(mark));
        }
    }

    @Test
    void soIsOneThatOnlyAStepOfAnotherStageNeeds(TestBed bed) throws IOException {
        String cache = bed.target().host() + "/" + mark;
        String dockerfile = """
                FROM busybox:1.35 AS tools
                RUN echo %s > /tool
                FROM busybox:1.35
                COPY --from=tools /tool /TO
                """.formatted(mark);
        try (BuildContext context = BuildContext.of(dockerfile)) {
            local(bed, "here", context, "--cache-to", "type=registry,mode=max,ref=" + cache);
            layers(cache).forEach(layer -> spoil(bed.target(), layer));
            context.file("Dockerfile", dockerfile.replace("/TO", "/elsewhere"));
            LocalBuild second = local(bed, "there", context, "--cache-from", cache);
            assertThat(second.steps()).containsOnly("DONE");
            assertThat(second.log()).contains("WARNING: nothing more is taken from the cache " + cache + ": ");
        }
    }

    /** Writes something else of the same size in the place of a blob. */
    private static void spoil(Registry registry, String digest) {
        Path file = registry.blobFile(digest);
        Programs.run("dd", "if=/dev/zero", "of=" + file, "conv=notrunc", "bs=1", "count=64", "seek=12");
    }

    private LocalBuild local(TestBed bed, String machine, BuildContext context, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of("--source-date-epoch", SECONDS));
        all.addAll(List.of(options));
        return LocalBuild.succeed(
                bed, FOLDER.path(), FOLDER.resolve(machine + "-" + mark), context, all.toArray(String[]::new));
    }

    /** The digests of a manifest's layers. */
    private static List<String> layers(String name) {
        String manifest = Programs.run("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + name);
        List<String> layers = new ArrayList<>();
        json(manifest)
                .get("layers")
                .forEach(layer -> layers.add(layer.get("digest").asString()));
        return layers;
    }

    private static Path blob(Path layout, String digest) {
        return layout.resolve("blobs").resolve(digest.replace(':', '/'));
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static List<String> states(JsonNode build) {
        return build.get("steps")
                .valueStream()
                .filter(step -> step.has("layer"))
                .map(step -> step.get("state").asString())
                .toList();
    }

    private static List<String> warnings(JsonNode build) {
        return build.get("warnings")
                .valueStream()
                .map(warning -> warning.get("rule").asString() + " "
                        + warning.get("message").asString())
                .toList();
    }
}
