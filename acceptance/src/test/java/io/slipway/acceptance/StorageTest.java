package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.SmallDisk;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The store: what is collected of it, what stays, and what it says of itself. A service of its own keeps next to nothing. */
@ExtendWith(TestBed.Extension.class)
final class StorageTest {
    private static Path folder;
    private static SlipwayService small;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("storage-");
        small = service(bed.bases(), "small", Map.of("storage.maximum", "0B", "storage.image-age", "0s"));
    }

    @AfterAll
    static void stop() {
        small.close();
        TestBed.remove(folder);
    }

    private static SlipwayService service(Registry registry, String name, Map<String, String> properties)
            throws IOException {
        return SlipwayService.start(folder.resolve(name), registry, properties);
    }

    private static BuildContext run(String sentence) {
        return BuildContext.of("FROM busybox:1.35\nCOPY file /file\nRUN head -c 1000000 /dev/urandom > /random\n")
                .file("file", sentence);
    }

    private static JsonNode collect(SlipwayClient client) {
        SlipwayClient.Answer answer = client.post("/v1/storage/collect");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static List<String> states(JsonNode build) {
        return StreamSupport.stream(build.get("steps").spliterator(), false)
                .map(step -> step.get("state").asString())
                .toList();
    }

    @Test
    void whatWasUsedLastStaysAndTheRestGoes(TestBed bed) throws IOException {
        try (SlipwayService service =
                        service(bed.bases(), "lru", Map.of("storage.maximum", "8MB", "storage.image-age", "0s"));
                BuildContext a = run("a");
                BuildContext b = run("b")) {
            SlipwayClient client = service.client();
            JsonNode first = client.succeed(a);
            for (int i = 0; i < 3; i++) {
                try (BuildContext other = run("filler " + i)) {
                    client.succeed(other);
                }
            }
            JsonNode second = client.succeed(b);
            service.awaitIdle();
            JsonNode collection = collect(client);
            assertThat(collection.get("reason").asString()).isEqualTo("request");
            assertThat(collection.get("freedBytes").asLong())
                    .as(client.get("/v1/storage").body())
                    .isGreaterThan(1_000_000);

            String id = first.get("id").asString();
            JsonNode gone = client.show(id);
            assertThat(gone.has("imageRemovedAt")).isTrue();
            assertThat(gone.has("pullName")).isFalse();
            assertThat(gone.get("links").has("image")).isFalse();
            assertThat(gone.get("digest").asString())
                    .isEqualTo(first.get("digest").asString());
            SlipwayClient.Answer download = client.get("/v1/builds/" + id + "/image");
            assertThat(download.status()).isEqualTo(404);
            assertThat(download.json().get("type").asString()).isEqualTo("/problems/image-removed");
            SlipwayClient.Answer manifest = client.get("/v2/default/" + id + "/manifests/latest");
            assertThat(manifest.status()).isEqualTo(404);
            assertThat(manifest.body()).contains("MANIFEST_UNKNOWN", "was removed at");

            JsonNode again = client.succeed(b);
            assertThat(states(again)).as(again.toString()).contains("cached").doesNotContain("failed");
            assertThat(states(again).get(2)).isEqualTo("cached");
            assertThat(again.get("digest").asString())
                    .isEqualTo(second.get("digest").asString());
            assertThat(states(client.succeed(a)).get(2)).isEqualTo("executed");
            assertThat(client.get("/v1/storage")
                            .json()
                            .get("usage")
                            .get("storeBytes")
                            .asLong())
                    .isPositive();
        }
    }

    @Test
    void nothingOfARunningBuildGoesAndItsImageIsWhole() throws IOException {
        HeldRun held = new HeldRun();
        SlipwayClient client = small.client();
        try (BuildContext earlier = BuildContext.of("FROM busybox:1.35\nRUN echo first > /first\nRUN true\n");
                BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo first > /first\n"
                        + held.instruction() + "RUN cat /first > /second\n")) {
            // In the cache already, and unpacked: what the held build finds there it must not lose.
            client.succeed(earlier);
            String id = client.submit(context);
            held.await();
            JsonNode collection = collect(client);
            assertThat(collection.has("freedBytes")).isTrue();
            held.letGo();
            JsonNode build = client.await(id);
            assertThat(build.get("state").asString()).as(build.toString()).isEqualTo("succeeded");
            Path image = folder.resolve("held.tar");
            client.download(id, "oci", image);
            assertThat(Programs.run("skopeo", "inspect", "oci-archive:" + image))
                    .contains(build.get("digest").asString());
            Path rootfs = folder.resolve("held-rootfs.tar");
            client.download(id, "rootfs", rootfs);
            assertThat(Programs.run("tar", "-xOf", rootfs.toString(), "second")).isEqualTo("first\n");
        }
    }

    @Test
    void aBuildAfterACollectionHasTheSameDigest() throws IOException {
        SlipwayClient client = small.client();
        String[] options = {"sourceDateEpoch", "1700000000"};
        try (BuildContext context = BuildContext.of(
                        "FROM busybox:1.35 AS one\nRUN echo made > /made && mkdir /d && ln /made /d/link\nFROM busybox:1.35\nCOPY --from=one /made /d /\nRUN rm /bin/vi\n")
                .file("file", "text")) {
            String cold = client.succeed(context, options).get("digest").asString();
            String warm = client.succeed(context, options).get("digest").asString();
            small.awaitIdle();
            collect(client);
            JsonNode after = client.succeed(context, options);
            assertThat(states(after)).as("nothing of them was left").doesNotContain("cached");
            assertThat(List.of(warm, after.get("digest").asString())).containsOnly(cold);
        }
    }

    @Test
    void aCollectorThatIsKilledIsFollowedByOneThatFinishes() throws Exception {
        SlipwayClient client = small.client();
        try (BuildContext context = BuildContext.of(
                "FROM busybox:1.35\nRUN mkdir /many && cd /many && for i in $(seq 20000); do echo $i > $i; done\n")) {
            String digest = "";
            boolean killed = false;
            for (int attempt = 0; attempt < 5 && !killed; attempt++) {
                digest = client.succeed(context).get("digest").asString();
                small.awaitIdle();
                killed = killCollector(client);
            }
            assertThat(killed).as("a collector was killed before it had ended").isTrue();
            collect(client);
            assertThat(small.home().resolve("store/trash")).isEmptyDirectory();
            assertThat(client.succeed(context).get("digest").asString()).isNotEqualTo(digest);
        }
    }

    /** Begins a collection and kills it, if it can, when something is in the trash: most of its time it deletes those files. */
    private static boolean killCollector(SlipwayClient client) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<SlipwayClient.Answer> collection = threads.submit(() -> client.post("/v1/storage/collect"));
            Path trash = small.home().resolve("store/trash");
            Awaitility.await("something is in the trash, or all is over")
                    .pollInterval(Duration.ofMillis(5))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> collection.isDone() || !isEmpty(trash));
            small.process()
                    .descendants()
                    .filter(process -> process.info().commandLine().orElse("").contains("slipway.worker.Main collect"))
                    .forEach(ProcessHandle::destroyForcibly);
            SlipwayClient.Answer answer = collection.get();
            if (answer.status() == 503) {
                assertThat(answer.json().get("type").asString()).isEqualTo("/problems/storage-unavailable");
            }
            return answer.status() == 503;
        }
    }

    @Test
    void aLowDiskIsCollectedBeforeABuildIsRefused(TestBed bed) throws IOException {
        Map<String, String> properties =
                Map.of("limits.free-space", "350MB", "storage.minimum-free", "0B", "storage.image-age", "0s");
        try (SmallDisk disk = new SmallDisk(600);
                SlipwayService service = SlipwayService.start(disk.folder().resolve("home"), bed.bases(), properties);
                BuildContext large =
                        BuildContext.of("FROM busybox:1.35\nRUN head -c 110000000 /dev/urandom > /large\n");
                BuildContext next = run("next")) {
            SlipwayClient client = service.client();
            client.succeed(large);
            service.awaitIdle();
            Awaitility.await("the next build is taken")
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> client.post(next.tar(), "application/x-tar").status() == 202);
            assertThat(client.get("/v1/storage")
                            .json()
                            .get("lastCollection")
                            .get("reason")
                            .asString())
                    .isEqualTo("low-disk");

            // What is not in the store nobody collects.
            Programs.run(
                    "fallocate", "-l", "250M", disk.folder().resolve("other").toString());
            SlipwayClient.Answer refused = client.post(next.tar(), "application/x-tar");
            assertThat(refused.status()).as(refused.body()).isEqualTo(507);
            assertThat(refused.json().get("type").asString()).isEqualTo("/problems/disk-full");
            assertThat(refused.header("Retry-After")).isEqualTo("60");
        }
    }

    @Test
    void contentsThatWereSentAreCountedKeepToTheReserveAndGoWhenTheDiskIsLow(TestBed bed) throws IOException {
        Map<String, String> properties =
                Map.of("limits.free-space", "250MB", "storage.minimum-free", "0B", "upload.expiry", "30s");
        try (SmallDisk disk = new SmallDisk(600);
                SlipwayService service = SlipwayService.start(disk.folder().resolve("home"), bed.bases(), properties);
                BuildContext next = run("next")) {
            SlipwayClient client = service.client();
            Programs.run("truncate", "-s", "100M", folder.resolve("fits").toString());
            Programs.run("truncate", "-s", "700M", folder.resolve("large").toString());
            assertThat(upload(client, "fits").json().get("state").asString()).isEqualTo("complete");
            assertThat(uploadBytes(client)).isGreaterThan(100_000_000);

            SlipwayClient.Answer refused = upload(client, "large");
            assertThat(refused.status()).as(refused.body()).isEqualTo(507);
            assertThat(refused.body()).contains("disk-full", "kept for running builds");
            assertThat(Files.getFileStore(disk.folder()).getUsableSpace()).isGreaterThan(230_000_000);

            long free = Files.getFileStore(disk.folder()).getUsableSpace();
            Programs.run(
                    "fallocate",
                    "-l",
                    Long.toString(free - 200_000_000),
                    disk.folder().resolve("other").toString());
            Awaitility.await("contents of a context that was not used for long make room")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> client.post(next.tar(), "application/x-tar").status() == 202);
            assertThat(uploadBytes(client)).isLessThan(1_000_000);
            assertThat(client.get("/v1/storage")
                            .json()
                            .at("/lastCollection/freedBytes")
                            .asLong())
                    .isGreaterThan(100_000_000);
        }
    }

    private static long uploadBytes(SlipwayClient client) {
        JsonNode storage = client.get("/v1/storage").json();
        long sum = StreamSupport.stream(storage.get("projects").spliterator(), false)
                .mapToLong(project -> project.get("uploadBytes").asLong())
                .sum();
        assertThat(storage.at("/usage/uploadBytes").asLong()).isEqualTo(sum);
        return sum;
    }

    /** Sends a context of one file by its manifest; the file travels compressed. */
    private static SlipwayClient.Answer upload(SlipwayClient client, String name) throws IOException {
        Path file = folder.resolve(name);
        String sum = Programs.run("sha256sum", file.toString()).substring(0, 64);
        String manifest = """
                {"entries": [{"path": "%s", "size": %d, "sha256": "%s"}]}""".formatted(name, Files.size(file), sum);
        Path tar = folder.resolve(name + ".tar.gz");
        Programs.run(
                "tar",
                "-C",
                folder.toString(),
                "--transform",
                "s/.*/" + sum + "/",
                "-I",
                "gzip -1",
                "-cf",
                tar.toString(),
                name);
        SlipwayClient.Answer created = client.send(client.request("/v1/contexts")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(manifest)));
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        return client.send(client.request(created.json().at("/links/files").asString())
                .header("Content-Type", "application/x-tar")
                .PUT(BodyPublishers.ofFile(tar)));
    }

    private static boolean isEmpty(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return true;
        }
        try (var entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    @Test
    void buildsBesideCollectionsNeverFail() throws Exception {
        SlipwayClient client = small.client();
        AtomicInteger collections = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> builders = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int number = i;
                builders.add(threads.submit(() -> {
                    for (int round = 0; round < 6 || (collections.get() < 4 && round < 60); round++) {
                        // Two of them share all but the last step, so that they find each other's.
                        try (BuildContext context = BuildContext.of(
                                        "FROM busybox:1.35\nCOPY shared /\nRUN cat /shared > /copy\nRUN cat /copy && echo %d %d > /own\n"
                                                .formatted(number % 2, round / 2))
                                .file("shared", "the same " + round / 3)) {
                            client.succeed(context);
                        }
                    }
                    return "built";
                }));
            }
            while (builders.stream().anyMatch(builder -> !builder.isDone())) {
                collect(client);
                collections.incrementAndGet();
            }
            for (Future<String> builder : builders) {
                assertThat(builder.get()).isEqualTo("built");
            }
            assertThat(collections.get()).isGreaterThan(3);
        }
    }

    @Test
    void theStoreIsMeasuredAndIsForAdministrators(TestBed bed) throws IOException {
        SlipwayClient client = bed.client();
        try (BuildContext context = run(UUID.randomUUID().toString())) {
            client.succeed(context);
        }
        JsonNode storage = client.get("/v1/storage").json();
        JsonNode usage = storage.get("usage");
        assertThat(usage.get("layerBytes").asLong()).isGreaterThan(1_000_000);
        assertThat(usage.get("snapshotBytes").asLong()).isGreaterThan(1_000_000);
        assertThat(usage.get("cacheRecordBytes").asLong()).isPositive();
        assertThat(storage.get("disk").get("freeBytes").asLong()).isPositive();
        assertThat(storage.get("projects").toString()).contains("\"default\"");
        assertThat(storage.get("policy").get("imageAgeMillis").asLong())
                .isEqualTo(Duration.ofDays(7).toMillis());
        assertThat(client.get("/actuator/prometheus").body())
                .containsPattern("slipway_storage_used_bytes\\{kind=\"layers\"} [1-9]");
    }

    @Test
    void cacheMountsAreListedAndCleared() throws IOException {
        SlipwayClient client = small.client();
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN --mount=type=cache,id=kept,target=/cache"
                + " head -c 3000000 /dev/zero > /cache/file\nRUN --mount=type=cache,id=kept,target=/cache "
                + held.instruction().substring("RUN ".length()))) {
            String id = client.submit(context);
            held.await();
            // What is answered may have been looked up before the build began.
            JsonNode mount = Awaitility.await("the mount is listed with what is in it")
                    .atMost(Duration.ofMinutes(1))
                    .ignoreException(NoSuchElementException.class)
                    .until(
                            () -> mount(client, "kept"),
                            listed -> listed.get("bytes").asLong() >= 3_000_000);
            assertThat(mount.get("project").asString()).isEqualTo("default");
            assertThat(mount.get("inUse").asBoolean()).isTrue();
            String address = "/v1/cache-mounts/" + mount.get("id").asString();
            SlipwayClient.Answer refused = client.delete(address);
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.json().get("type").asString()).isEqualTo("/problems/cache-mount-in-use");
            held.letGo();
            client.await(id);
            Awaitility.await("the worker has let go of it")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> client.delete(address).status() == 204);
            assertThat(client.delete(address).status()).isEqualTo(404);
            assertThat(client.get("/v1/cache-mounts").body())
                    .doesNotContain(mount.get("id").asString());
        }
    }

    @Test
    void cacheMountsOfAProjectAreKeptWithinTheirQuota(TestBed bed) throws IOException {
        Map<String, String> properties = Map.of("storage.cache-mount-quota", "5MB");
        try (SlipwayService service = service(bed.bases(), "quota", properties)) {
            SlipwayClient client = service.client();
            for (String id : List.of("old", "young")) {
                try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN --mount=type=cache,id=" + id
                        + ",target=/cache head -c 3000000 /dev/zero > /cache/file\n")) {
                    client.succeed(context);
                }
            }
            service.awaitIdle();
            JsonNode collection = collect(client);
            assertThat(collection.get("cacheMounts").asInt())
                    .as(collection.toString())
                    .isEqualTo(1);
            assertThat(mount(client, "young").get("bytes").asLong()).isGreaterThanOrEqualTo(3_000_000);
            assertThat(client.get("/v1/cache-mounts").body()).doesNotContain("\"old\"");
            assertThat(client.get("/v1/storage")
                            .json()
                            .at("/policy/cacheMountQuotaBytes")
                            .asLong())
                    .isEqualTo(5 << 20);
        }
    }

    @Test
    void localBuildsHaveAStoreThatIsCollectedOnTheCommandLine(TestBed bed) throws IOException {
        Path home = folder.resolve("local");
        String mirror = "docker.io=" + bed.bases().url();
        try (BuildContext context = run(UUID.randomUUID().toString())) {
            String[] build = {"./dev", "build", context.folder().toString(), "--registry-mirror", mirror};
            local(home, build);
            assertThat(local(home, build)).contains("CACHED");
            assertThat(local(home, "./dev", "storage")).containsPattern("snapshots +[0-9.]+ MB");
            assertThat(local(home, "./dev", "collect", "--maximum=0B"))
                    .containsPattern("removed [0-9.]+ MB: [1-9][0-9]* blobs, [1-9][0-9]* snapshots");
            assertThat(local(home, build)).doesNotContain("CACHED");
            assertThat(tryLocal(home, "./dev", "collect").output()).contains("what is to go?");
            assertThat(tryLocal(home, "./dev", "collect", "--maximum=many").output())
                    .contains("no size such as");
        }
        Files.createFile(home.resolve("admin-token"));
        assertThat(tryLocal(home, "./dev", "collect", "--maximum=0B"))
                .satisfies(refused -> assertThat(refused.status()).isNotZero())
                .satisfies(refused -> assertThat(refused.output()).contains("POST /v1/storage/collect"));
    }

    private static String local(Path home, String... command) {
        Programs.Result result = tryLocal(home, command);
        assertThat(result.status()).as(result.output()).isZero();
        return result.output();
    }

    private static Programs.Result tryLocal(Path home, String... command) {
        List<String> words = new ArrayList<>(List.of("env", "SLIPWAY_HOME=" + home));
        words.addAll(List.of(command));
        return Programs.tryRun(words.toArray(String[]::new));
    }

    private static JsonNode mount(SlipwayClient client, String name) {
        return StreamSupport.stream(
                        client.get("/v1/cache-mounts?project=default&limit=100")
                                .json()
                                .get("cacheMounts")
                                .spliterator(),
                        false)
                .filter(mount -> mount.path("name").asString("").equals(name))
                .findFirst()
                .orElseThrow();
    }
}
