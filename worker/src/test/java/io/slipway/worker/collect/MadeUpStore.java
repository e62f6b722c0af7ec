package io.slipway.worker.collect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import io.slipway.image.MediaType;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.CacheScope;
import io.slipway.protocol.WireJson;
import io.slipway.protocol.storage.StoragePlan;
import io.slipway.protocol.storage.StoragePolicy;
import io.slipway.protocol.storage.StorageReport;
import io.slipway.protocol.storage.StorageRequest;
import io.slipway.protocol.storage.StoredImage;
import io.slipway.worker.cache.CachedStep;
import io.slipway.worker.cache.StepCache;
import io.slipway.worker.mount.CacheDirectories;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A store whose things were last used when a test wants it. */
final class MadeUpStore {
    static final long LAYER_BYTES = 64 * 1024;

    final Path home;
    final Path store;
    final Instant now = Instant.now();

    MadeUpStore(Path home) throws IOException {
        this.home = home;
        this.store = Files.createDirectories(home.resolve("store"));
        Files.createDirectories(home.resolve("work"));
        Files.createDirectories(store.resolve("blobs/sha256"));
        Files.createDirectories(store.resolve("snapshots"));
        Files.createDirectories(store.resolve("used"));
    }

    /** A layer that this project's build has made, as blob, snapshot and record; all last used so long ago. */
    Digest layer(String project, String name, Duration ago) throws IOException {
        Digest blob = blob(name, ago);
        Digest diffId = Digest.of(("diff " + name).getBytes(UTF_8));
        snapshot(diffId, ago);
        record(project, name, diffId, blob, ago);
        return blob;
    }

    Digest blob(String name, Duration ago) throws IOException {
        byte[] content = (name + "\n")
                .repeat((int) LAYER_BYTES)
                .substring(0, (int) LAYER_BYTES)
                .getBytes(UTF_8);
        return blob(content, ago);
    }

    private Digest blob(byte[] content, Duration ago) throws IOException {
        Digest digest = Digest.of(content);
        used(Files.write(store.resolve("blobs/sha256").resolve(digest.hex()), content), ago);
        return digest;
    }

    void snapshot(Digest diffId, Duration ago) throws IOException {
        Path tree = Files.createDirectories(store.resolve("snapshots").resolve(diffId.hex()));
        Files.write(tree.resolve("file"), new byte[(int) LAYER_BYTES]);
        used(Files.write(store.resolve("used").resolve(diffId.hex()), new byte[0]), ago);
    }

    void record(String project, String name, Digest diffId, Digest blob, Duration ago) throws IOException {
        Digest step = Digest.of(("step " + name).getBytes(UTF_8));
        StepCache cache =
                new StepCache(store.resolve("cache"), project, () -> home.resolve("work/" + UUID.randomUUID()));
        cache.put(
                step,
                step,
                CachedStep.of(diffId, new Descriptor(MediaType.OCI_LAYER, blob, LAYER_BYTES), "", List.of()));
        used(recordFile(project, name), ago);
    }

    Path recordFile(String project, String name) {
        String step = Digest.of(("step " + name).getBytes(UTF_8)).hex();
        return store.resolve("cache")
                .resolve(project)
                .resolve(step.substring(0, 2))
                .resolve(step)
                .resolve(step);
    }

    /** A blob that was not downloaded to its end. */
    Path partial(String name, Duration ago) throws IOException {
        Path directory = Files.createDirectories(store.resolve(ContentStore.PARTIAL));
        Path file = Files.writeString(
                directory.resolve(Digest.of(name.getBytes(UTF_8)).hex()), name);
        used(file, ago);
        return file;
    }

    /** A file of what a step depended on, to explain a miss. */
    Path history(String project, String name, Duration ago) throws IOException {
        Path directory = Files.createDirectories(
                store.resolve("history").resolve(project).resolve("ab"));
        Path file = Files.writeString(directory.resolve(name + ".0"), name);
        used(file, ago);
        return file;
    }

    /** An image of these layers. */
    StoredImage image(boolean kept, Duration ago, Digest... layers) throws IOException {
        Digest config = blob(("{\"of\":\"" + List.of(layers) + "\"}").getBytes(UTF_8), ago);
        Manifest manifest = new Manifest(
                2,
                MediaType.OCI_MANIFEST,
                new Descriptor(MediaType.OCI_CONFIG, config, 1),
                Stream.of(layers)
                        .map(layer -> new Descriptor(MediaType.OCI_LAYER, layer, LAYER_BYTES))
                        .toList(),
                null);
        Digest digest = blob(ImageDocuments.write(manifest), ago);
        return new StoredImage(digest.toString(), MediaType.OCI_MANIFEST, kept);
    }

    /** A note of where a layer can be had. */
    void origin(Digest layer, Duration ago) throws IOException {
        Path origins = Files.createDirectories(store.resolve("origins"));
        used(Files.writeString(origins.resolve(layer.hex()), "registry.example/base:1"), ago);
    }

    /** A directory of a cache mount. */
    CacheDirectories.Lease mount(String project, String id) throws Exception {
        CacheDirectories caches =
                CacheDirectories.at(store.resolve("mounts"), () -> home.resolve("work/" + UUID.randomUUID()));
        return caches.lease(
                Digest.of((project + " " + id).getBytes(UTF_8)),
                CacheDirectories.About.now(CacheScope.ofTenant(project), id),
                CacheDirectories.Sharing.SHARED,
                made -> Files.write(Files.createDirectory(made).resolve("file"), new byte[(int) LAYER_BYTES]),
                () -> {});
    }

    /** A build that has begun so long ago, and runs. */
    void running(Duration ago) throws IOException {
        Path directory = Files.createDirectories(home.resolve("work/bld_1-1"));
        used(Files.write(directory.resolve("begun"), new byte[0]), ago);
    }

    void used(Path file, Duration ago) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(now.minus(ago)));
    }

    boolean has(Digest blob) {
        return Files.exists(store.resolve("blobs/sha256").resolve(blob.hex()));
    }

    boolean hasSnapshot(String name) {
        return Files.exists(store.resolve("snapshots")
                .resolve(Digest.of(("diff " + name).getBytes(UTF_8)).hex()));
    }

    /** All paths in the store but those of the collector's own. */
    Set<String> paths() throws IOException {
        try (Stream<Path> walked = Files.walk(store)) {
            Set<String> paths = new TreeSet<>();
            walked.map(path -> store.relativize(path).toString())
                    .filter(path -> !path.startsWith("trash") && !path.startsWith("sizes") && !path.equals("ingest"))
                    .forEach(paths::add);
            return paths;
        }
    }

    record Outcome(int status, List<String> images, StorageReport reported) {}

    Outcome collect(@Nullable StoragePolicy policy, @Nullable String clear, Runnable before, StoredImage... images)
            throws IOException {
        StorageRequest request = new StorageRequest(policy, List.of(images), clear);
        String in = WireJson.MAPPER.writeValueAsString(request) + "\n" + StorageRequest.GO + "\n";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int status = new Collect(home, before)
                .run(new ByteArrayInputStream(in.getBytes(UTF_8)), new PrintStream(out, true, UTF_8));
        List<String> lines = new ArrayList<>(out.toString(UTF_8).lines().toList());
        return new Outcome(
                status,
                WireJson.MAPPER.readValue(lines.get(1), StoragePlan.class).images(),
                WireJson.MAPPER.readValue(lines.get(2), StorageReport.class));
    }

    StorageReport collect(StoragePolicy policy, StoredImage... images) throws IOException {
        return java.util.Objects.requireNonNull(
                collect(policy, null, () -> {}, images).reported());
    }

    /** Down to so many bytes. */
    static StoragePolicy maximum(long bytes) {
        return new StoragePolicy(0, bytes, 0, null, null, null);
    }
}
