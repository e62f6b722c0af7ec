package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.LocalBuild;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.acceptance.fixture.TestFolder;
import io.slipway.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What one machine has built, others find in a registry or a directory. A home of its own stands for a machine. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class CacheExchangeTest {
    @RegisterExtension
    private static final TestFolder FOLDER = new TestFolder("slipway-cache-exchange-");

    private final String mark = UUID.randomUUID().toString();

    private Path here() {
        return FOLDER.resolve("here-" + mark);
    }

    private Path there() {
        return FOLDER.resolve("there-" + mark);
    }

    private String repository(TestBed bed, String name) {
        return bed.target().host() + "/" + mark + "/" + name;
    }

    /** Whatever runs in it gives something else each time. */
    private BuildContext context() {
        return BuildContext.of("""
                        FROM busybox:1.35 AS tools
                        RUN head -c 16 /dev/urandom > /tool # %1$s
                        FROM busybox:1.35
                        COPY file /copied/
                        COPY --from=tools /tool /tool
                        WORKDIR /work
                        RUN head -c 16 /dev/urandom > random # %1$s
                        CMD ["true"]
                        """.formatted(mark)).file("file", mark);
    }

    @Test
    void everyStepIsFoundInTheCacheOfAnotherMachineWithTheSameDigest(TestBed bed) throws IOException {
        String cache = repository(bed, "cache");
        try (BuildContext context = context()) {
            LocalBuild first = build(bed, here(), context, "--cache-to", "type=registry,ref=" + cache + ",mode=max");
            assertThat(first.steps()).doesNotContain("CACHED");
            LocalBuild second = build(bed, there(), context, "--cache-from", cache);
            assertThat(second.steps()).containsOnly("CACHED");
            assertThat(second.digest()).isEqualTo(first.digest());
            assertThat(files(there().resolve("store/snapshots"))).isEmpty();
        }
    }

    @Test
    void anArtifactIsOneOfTheSpecification(TestBed bed) throws IOException {
        String cache = repository(bed, "artifact");
        try (BuildContext context = context()) {
            build(bed, here(), context, "--cache-to", cache + ":main");
        }
        JsonNode manifest = JsonMapper.shared()
                .readTree(Programs.run(
                        "skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + cache + ":main"));
        assertThat(manifest.get("artifactType").asString()).isEqualTo("application/vnd.slipway.cache.v1");
        assertThat(manifest.get("config").get("mediaType").asString())
                .isEqualTo("application/vnd.slipway.cache.config.v1+json");
        // COPY, COPY, WORKDIR and RUN of the image; not the RUN of the other stage.
        assertThat(manifest.get("layers").size()).isEqualTo(4);
    }

    @Test
    void minHasTheImagesOwnLayersOnlyAndMaxAlsoThoseOfOtherStages(TestBed bed) throws IOException {
        String min = repository(bed, "min");
        String max = repository(bed, "max");
        try (BuildContext context = context()) {
            build(bed, here(), context, "--cache-to", min, "--cache-to", "type=registry,mode=max,ref=" + max);
            LocalBuild fromMin = build(bed, there(), context, "--cache-from", min);
            assertThat(fromMin.steps()).startsWith("DONE").contains("CACHED");
            LocalBuild fromMax = build(bed, FOLDER.resolve("max-" + mark), context, "--cache-from", max);
            assertThat(fromMax.steps()).containsOnly("CACHED");
        }
    }

    @Test
    void minIsEnoughForWhatIsCopiedIfTheOtherStageGivesTheSameAgain(TestBed bed) throws IOException {
        String cache = repository(bed, "same");
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35 AS tools
                RUN echo tool > /tool && head -c 16 /dev/urandom > /noise # %1$s
                FROM busybox:1.35
                COPY --from=tools /tool /tool
                RUN --mount=type=bind,from=tools,source=tool,target=/in head -c 16 /dev/urandom > /random # %1$s
                """.formatted(mark))) {
            LocalBuild first = build(bed, here(), context, "--cache-to", cache);
            LocalBuild second = build(bed, there(), context, "--cache-from", cache);
            assertThat(second.steps()).containsExactly("DONE", "CACHED", "CACHED");
            assertThat(second.digest()).isEqualTo(first.digest());
        }
    }

    @Test
    void whatWasFoundByItsContentIsPassedOn(TestBed bed) throws IOException {
        String dockerfile = """
                FROM busybox:1.35 AS made
                RUN echo tool > /tool && head -c 16 /dev/urandom > /noise # %1$s first
                FROM busybox:1.35 AS middle
                COPY --from=made /tool /tool
                FROM busybox:1.35
                COPY --from=middle /tool /copied
                """.formatted(mark);
        String before = "";
        for (String machine : List.of("first", "second", "third")) {
            String cache = repository(bed, machine);
            String[] from = before.isEmpty() ? new String[0] : new String[] {"--cache-from", before};
            try (BuildContext context = BuildContext.of(dockerfile.replace("first", machine))) {
                LocalBuild built = build(
                        bed,
                        FOLDER.resolve(machine + "-" + mark),
                        context,
                        with(from, "--cache-to", "type=registry,mode=max,ref=" + cache));
                String copied = before.isEmpty() ? "DONE" : "CACHED";
                assertThat(built.steps()).as(machine).containsExactly("DONE", copied, copied);
            }
            before = cache;
        }
    }

    @Test
    void aRecordIsNotBelievedUnderANameOfAnotherStep(TestBed bed) throws IOException {
        Path layout = FOLDER.resolve("names-" + mark);
        Path other = FOLDER.resolve("victim-" + mark);
        try (BuildContext context =
                        BuildContext.of("FROM scratch\nCOPY file /a\n").file("file", mark);
                BuildContext victim =
                        BuildContext.of("FROM scratch\nCOPY file /b\n").file("file", "b " + mark)) {
            build(bed, here(), context, "--cache-to", "type=local,dest=" + open(layout));
            LocalBuild before = build(bed, there(), victim, "--cache-to", "type=local,dest=" + open(other));
            JsonNode name = document(other).at("/records/0");
            ObjectNode document = (ObjectNode) document(layout);
            ObjectNode second = ((ObjectNode) document.at("/records/0/result")).putObject("byContent");
            second.set("step", name.get("step"));
            second.set("content", name.get("on"));
            replace(layout, document);
            LocalBuild imported = build(bed, there(), context, "--cache-from", "type=local,src=" + layout);
            assertThat(imported.steps()).containsOnly("CACHED");
            LocalBuild after = build(bed, there(), victim);
            assertThat(after.steps()).containsOnly("CACHED");
            assertThat(after.digest()).isEqualTo(before.digest());
        }
    }

    /** The list of results of a cache in a directory. */
    private static JsonNode document(Path layout) throws IOException {
        return json(blob(
                layout, json(blob(layout, index(layout).at("/manifests/0"))).get("config")));
    }

    private static JsonNode index(Path layout) throws IOException {
        return json(layout.resolve("index.json"));
    }

    private static JsonNode json(Path file) throws IOException {
        return JsonMapper.shared().readTree(Files.readAllBytes(file));
    }

    /** Puts another list in its place. */
    private static void replace(Path layout, JsonNode document) throws IOException {
        ObjectNode index = (ObjectNode) index(layout);
        ObjectNode manifest = (ObjectNode) json(blob(layout, index.at("/manifests/0")));
        describe(layout, (ObjectNode) manifest.get("config"), document);
        describe(layout, (ObjectNode) index.at("/manifests/0"), manifest);
        Files.delete(layout.resolve("index.json"));
        Files.writeString(layout.resolve("index.json"), index.toString());
    }

    private static void describe(Path layout, ObjectNode descriptor, JsonNode content) throws IOException {
        byte[] bytes = content.toString().getBytes(UTF_8);
        descriptor.put("digest", Digest.of(bytes).toString()).put("size", bytes.length);
        Files.write(blob(layout, descriptor), bytes);
    }

    @Test
    void theLayerOfAnotherStageIsPulledOnlyWhenAStepNeedsIt(TestBed bed) throws IOException {
        String cache = repository(bed, "lazy");
        try (BuildContext context = context()) {
            build(bed, here(), context, "--cache-to", "type=registry,mode=max,ref=" + cache);
            build(bed, there(), context, "--cache-from", cache);
            int blobs = files(there().resolve("store/blobs")).size();
            context.file(
                    "Dockerfile",
                    Files.readString(context.folder().resolve("Dockerfile")).replace("/tool /tool", "/tool /moved"));
            LocalBuild changed = build(bed, there(), context, "--cache-from", cache);
            assertThat(changed.steps()).contains("CACHED", "DONE");
            // The tool's layer came, beside the new layers, config and manifest.
            assertThat(files(there().resolve("store/blobs"))).hasSizeGreaterThan(blobs);
            assertThat(files(there().resolve("store/snapshots"))).isNotEmpty();
        }
    }

    @Test
    void anImageBringsItsCacheAlong(TestBed bed) throws IOException {
        String image = repository(bed, "inline") + ":1";
        try (BuildContext context = BuildContext.of("""
                        FROM busybox:1.35
                        COPY file /copied/
                        RUN true # %1$s
                        RUN head -c 16 /dev/urandom > random # %1$s
                        """.formatted(mark)).file("file", mark)) {
            LocalBuild first = build(bed, here(), context, "-t", image, "--push", "--cache-to", "type=inline");
            LocalBuild second = build(bed, there(), context, "--cache-from", image, "--cache-to", "type=inline");
            assertThat(second.steps()).containsOnly("CACHED");
            assertThat(second.digest()).isEqualTo(first.digest());
            LocalBuild without = build(bed, here(), context);
            assertThat(without.digest()).isNotEqualTo(first.digest());
            assertThat(config(image)).isEqualTo(config(push(bed, context, repository(bed, "plain") + ":1")));
        }
    }

    private String push(TestBed bed, BuildContext context, String image) throws IOException {
        build(bed, here(), context, "-t", image, "--push");
        return image;
    }

    private static String config(String image) {
        return JsonMapper.shared()
                .readTree(Programs.run("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + image))
                .get("config")
                .get("digest")
                .asString();
    }

    @Test
    void aDirectoryIsAnOciLayout(TestBed bed) throws IOException {
        // Not there yet, and whatever runs the worker has no business in the folder around it.
        Path around = Files.createDirectory(FOLDER.resolve("around-" + mark));
        Files.setPosixFilePermissions(around, PosixFilePermissions.fromString("rwx------"));
        Path directory = around.resolve("cache");
        try (BuildContext context = context()) {
            LocalBuild first = build(
                    bed, here(), context, "--cache-to", "type=local,mode=max,ignore-error=false,dest=" + directory);
            try (Stream<Path> written = Files.walk(around)) {
                assertThat(written)
                        .allSatisfy(file -> assertThat(Files.getOwner(file)).isEqualTo(Files.getOwner(around)));
            }
            assertThat(JsonMapper.shared()
                            .readTree(Files.readString(directory.resolve("index.json")))
                            .get("manifests")
                            .size())
                    .isEqualTo(1);
            LocalBuild second = build(
                    bed,
                    there(),
                    context,
                    "--cache-from",
                    "type=local,src=" + directory,
                    "-t",
                    repository(bed, "local") + ":1",
                    "--push");
            assertThat(second.steps()).containsOnly("CACHED");
            assertThat(second.digest()).isEqualTo(first.digest());
            LocalBuild both = build(
                    bed,
                    there(),
                    context,
                    "--cache-from",
                    "type=local,src=" + directory,
                    "--cache-to",
                    "type=local,mode=max,dest=" + directory);
            assertThat(both.steps()).containsOnly("CACHED");
            try (Stream<Path> left = Files.list(around)) {
                assertThat(left).containsExactly(directory);
            }
        }
    }

    @Test
    void aServiceTakesWhatTheCommandLineExportedAndTheOtherWayAround(TestBed bed) throws IOException {
        String cache = repository(bed, "cache");
        String back = repository(bed, "back");
        try (BuildContext context = context()) {
            LocalBuild first = build(bed, here(), context, "--cache-to", "type=registry,mode=max,ref=" + cache);
            JsonNode served =
                    bed.client().succeed(context, "cacheFrom", cache, "cacheTo", "type=registry,mode=max,ref=" + back);
            assertThat(served.get("digest").asString()).isEqualTo(first.digest());
            assertThat(served.get("steps")
                            .valueStream()
                            .filter(step -> step.has("layer"))
                            .map(step -> step.get("cache").asString()))
                    .containsOnly("hit");
            LocalBuild second = build(bed, there(), context, "--cache-from", back);
            assertThat(second.steps()).containsOnly("CACHED");
            assertThat(second.digest()).isEqualTo(first.digest());
        }
    }

    @Test
    void severalPlatformsShareOneCache(TestBed bed) throws IOException {
        String cache = repository(bed, "platforms");
        try (BuildContext context = BuildContext.of("FROM scratch\nARG TARGETARCH\nCOPY file /$TARGETARCH/\n")
                .file("file", mark)) {
            String[] platforms = {"--platform", "linux/amd64,linux/arm64"};
            LocalBuild first = build(bed, here(), context, with(platforms, "--cache-to", cache));
            LocalBuild second = build(bed, there(), context, with(platforms, "--cache-from", cache));
            assertThat(second.steps()).containsOnly("CACHED");
            assertThat(second.digest()).isEqualTo(first.digest());
        }
    }

    @Test
    void anImageThatDiffersFromItsBaseInItsConfigOnlyHasItsTimeFromTheCache(TestBed bed) throws IOException {
        String cache = repository(bed, "config");
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nLABEL mark=" + mark + "\n")) {
            LocalBuild first = build(bed, here(), context, "--cache-to", cache);
            assertThat(build(bed, there(), context, "--cache-from", cache).digest())
                    .isEqualTo(first.digest());
        }
    }

    @Test
    void cacheMountsGoAlong(TestBed bed) throws IOException {
        String cache = repository(bed, "mounts");
        String text = """
                FROM busybox:1.35
                RUN --mount=type=cache,id=%1$s,target=/cache,uid=7,mode=0750 \\
                    echo content > /cache/file && ln /cache/file /cache/link && ln -s file /cache/soft
                """.formatted(mark);
        try (BuildContext context = BuildContext.of(text)) {
            build(bed, here(), context, "--cache-to", "type=registry,mounts=true,ref=" + cache);
            context.file("Dockerfile", """
                    FROM busybox:1.35
                    RUN --mount=type=cache,id=%1$s,target=/cache,uid=7,mode=0750 \\
                        cat /cache/soft && stat -c '%%u %%a' /cache && stat -c %%h /cache/link
                    """.formatted(mark));
            LocalBuild built = build(bed, there(), context, "--cache-from", cache);
            assertThat(built.log()).contains("content\n", "7 750\n", " 2\n");
            LocalBuild without = run(bed, FOLDER.resolve("without-" + mark), context);
            assertThat(without.status()).isEqualTo(1);
        }
    }

    /** As in continuous integration, where the same cache is read and written each time, mostly with nothing changed. */
    @Test
    void cacheMountsOfStepsThatAreFoundStayInTheCache(TestBed bed) throws IOException {
        String cache = repository(bed, "kept");
        String[] options = {"--cache-from", cache, "--cache-to", "type=registry,mounts=true,ref=" + cache};
        String text = """
                FROM busybox:1.35
                RUN --mount=type=cache,id=%s,target=/cache %s
                """;
        try (BuildContext context = BuildContext.of(text.formatted(mark, "echo content > /cache/file"))) {
            build(bed, here(), context, options);
            assertThat(build(bed, here(), context, options).steps()).containsOnly("CACHED");
            // Where there is no such mount, its layer goes from cache to cache.
            assertThat(build(bed, there(), context, options).steps()).containsOnly("CACHED");
            context.file("Dockerfile", text.formatted(mark, "cat /cache/file"));
            assertThat(build(bed, FOLDER.resolve("third-" + mark), context, options)
                            .log())
                    .contains("content\n");
        }
    }

    @Test
    void secretsStayOutOfACache(TestBed bed) throws IOException {
        String cache = repository(bed, "secrets");
        Path secret = Files.writeString(FOLDER.resolve("secret-" + mark), "s3cr3t-" + mark);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        String[] options = {
            "--secret", "id=s,src=" + secret, "--cache-to", "type=registry,mode=max,mounts=true,ref=" + cache
        };
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35 AS build
                RUN --mount=type=secret,id=s --mount=type=cache,id=%s,target=/c \
                    cp /run/secrets/s /leak && cp /run/secrets/s /c/leak && echo fine > /out
                FROM busybox:1.35
                COPY --from=build /out /out
                """.formatted(mark))) {
            LocalBuild warned = build(bed, here(), context, options);
            assertThat(warned.log())
                    .contains("the result of a step goes into the cache " + cache)
                    .contains("the cache mount " + mark + " goes into the cache " + cache);
            LocalBuild guarded = build(bed, here(), context, with(options, "--secrets-guard", "fail"));
            assertThat(guarded.log())
                    .contains("the result of a step is not in the cache " + cache)
                    .contains("the cache mount " + mark + " is not in the cache " + cache);
            LocalBuild other = build(bed, there(), context, "--cache-from", cache, "--secret", "id=s,src=" + secret);
            assertThat(other.steps()).containsExactly("DONE", "CACHED");
        }
    }

    @Test
    void aCacheIsNotWrittenWhereTheImageIs(TestBed bed) throws IOException {
        String name = repository(bed, "clash");
        try (BuildContext context = context()) {
            assertThat(run(bed, here(), context, "-t", name, "--cache-to", name + ":latest")
                            .log())
                    .contains("is the name of the image, or of another cache");
            assertThat(bed.client()
                            .post(context.tar(), "application/x-tar", "tag", name + ":1", "cacheTo", name + ":1")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void whatIsMissingOrNoCacheIsAWarning(TestBed bed) throws IOException {
        String image = repository(bed, "image") + ":1";
        try (BuildContext context = context()) {
            build(bed, here(), context, "-t", image, "--push");
            LocalBuild built = build(
                    bed,
                    there(),
                    context,
                    "--cache-from",
                    repository(bed, "missing"),
                    "--cache-from",
                    image,
                    "--cache-from",
                    "type=local,src=" + FOLDER.resolve("missing"));
            assertThat(built.steps()).containsOnly("DONE");
            assertThat(built.log())
                    .contains("WARNING: nothing is taken from the cache " + repository(bed, "missing"))
                    .contains("WARNING: nothing is taken from the cache " + image + ": it is an image that no cache")
                    .contains("WARNING: nothing is taken from the cache " + FOLDER.resolve("missing"));
        }
    }

    @Test
    void anArtifactWithGarbageInItIsAWarning(TestBed bed) throws IOException {
        Path layout = FOLDER.resolve("garbage-" + mark);
        try (BuildContext context = context()) {
            build(bed, here(), context, "--cache-to", "type=local,dest=" + open(layout));
            JsonNode index = JsonMapper.shared().readTree(Files.readString(layout.resolve("index.json")));
            Path manifest = blob(layout, index.get("manifests").get(0));
            JsonNode described =
                    JsonMapper.shared().readTree(Files.readString(manifest)).get("config");
            Path config = blob(layout, described);
            long size = described.get("size").asLong();
            Files.delete(config);
            Files.writeString(config, "x".repeat(Math.toIntExact(size)));
            LocalBuild built = build(bed, there(), context, "--cache-from", "type=local,src=" + layout);
            assertThat(built.steps()).containsOnly("DONE");
            assertThat(built.log()).contains("WARNING: nothing is taken from the cache " + layout);
        }
    }

    @Test
    void aRegistryThatIsDownIsAWarningUnlessTheCacheIsRequired(TestBed bed) throws IOException {
        String gone;
        try (Registry registry = Registry.open(Files.createDirectory(FOLDER.resolve("gone-" + mark)))) {
            gone = registry.host() + "/cache";
        }
        try (BuildContext context =
                BuildContext.of("FROM scratch\nCOPY file /\n").file("file", mark)) {
            LocalBuild built = build(bed, here(), context, "--cache-from", gone, "--cache-to", gone);
            assertThat(built.steps()).containsOnly("DONE");
            assertThat(built.log())
                    .contains("WARNING: nothing is taken from the cache " + gone)
                    .contains("WARNING: the cache " + gone + " is not written");
            LocalBuild required =
                    run(bed, here(), context, "--cache-to", "type=registry,ignore-error=false,ref=" + gone);
            assertThat(required.status()).isEqualTo(1);
            assertThat(required.log()).contains("failed: registry_unreachable");
            assertThat(required.steps()).as(required.log()).isEmpty();
        }
    }

    @Test
    void whatTheOwnCacheHasIsLookedForNowhereElse(TestBed bed) throws IOException {
        try (BuildContext context = context()) {
            build(bed, here(), context);
            LocalBuild again = build(bed, here(), context, "--cache-from", repository(bed, "missing"));
            assertThat(again.steps()).containsOnly("CACHED");
            assertThat(again.log()).doesNotContain("WARNING");
        }
    }

    @Test
    void aBuildThatIsToLookNothingUpSaysThatItDoesNotImport(TestBed bed) throws IOException {
        String cache = repository(bed, "unused");
        try (BuildContext context = context()) {
            build(bed, here(), context, "--cache-to", cache);
            LocalBuild built = build(bed, there(), context, "--cache-from", cache, "--no-cache");
            assertThat(built.steps()).containsOnly("DONE");
            assertThat(built.log()).contains("WARNING: nothing is taken from the cache " + cache);
        }
    }

    @Test
    void wrongOptionsAreToldWithAHint(TestBed bed) throws IOException {
        try (BuildContext context = context()) {
            assertThat(run(bed, here(), context, "--cache-to", "type=gha").log())
                    .contains("there is no cache of type gha (the types are registry, inline and local)");
            assertThat(run(bed, here(), context, "--cache-from", "type=local,dest=x")
                            .log())
                    .contains("it has no src");
        }
    }

    private static Path blob(Path layout, JsonNode descriptor) {
        return layout.resolve("blobs")
                .resolve(descriptor.get("digest").asString().replace(':', '/'));
    }

    private static Path open(Path directory) throws IOException {
        Files.createDirectory(directory);
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static String[] with(String[] some, String... more) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
    }

    private static LocalBuild build(TestBed bed, Path home, BuildContext context, String... options)
            throws IOException {
        return LocalBuild.succeed(bed, FOLDER.path(), home, context, options);
    }

    private static LocalBuild run(TestBed bed, Path home, BuildContext context, String... options) throws IOException {
        return LocalBuild.run(bed, FOLDER.path(), home, context, options);
    }

    /** What a directory of a store has, without its lock files. */
    private static List<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(directory, 2)) {
            return all.filter(path -> path.getFileName().toString().matches("[0-9a-f]{64}"))
                    .toList();
        }
    }
}
