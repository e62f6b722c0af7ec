package io.slipway.worker.collect;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocumentException;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.storage.StorageReport.CacheMount;
import io.slipway.protocol.storage.StoredImage;
import io.slipway.worker.collect.Inventory.Blob;
import io.slipway.worker.collect.Inventory.CacheRecord;
import io.slipway.worker.collect.Inventory.Image;
import io.slipway.worker.collect.Inventory.Kind;
import io.slipway.worker.collect.Inventory.SnapshotTree;
import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.mount.CacheDirectories;
import io.slipway.worker.mount.CacheDirectories.About;
import io.slipway.worker.snapshot.SnapshotStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Looks through a store, in which others go on working: what goes meanwhile is left out. */
final class Scan {
    /** What a step depended on is hardly asked for when it was not done for longer: its Dockerfile may be gone. */
    private static final Duration LONGEST_HISTORY = Duration.ofDays(90);

    private static final JsonMapper MAPPER = new JsonMapper();

    /** A larger one is no record of ours. */
    private static final long MOST_RECORD_BYTES = 1024 * 1024;

    /** What was measured of snapshots, which never change: a line for each, its diff ID and its bytes. */
    private static final String SIZES = "sizes";

    private final Path store;

    /** @param store the directory of the store, absolute */
    Scan(Path store) {
        this.store = store;
    }

    /** Everything. */
    Inventory inventory(List<StoredImage> images) throws IOException {
        Map<String, Blob> blobs = blobs();
        Map<String, SnapshotTree> snapshots = new HashMap<>();
        Map<String, Instant> marks = new HashMap<>();
        snapshots(snapshots, marks);
        List<CacheRecord> records = new ArrayList<>();
        for (String tenant : list("cache")) {
            for (String prefix : list("cache/" + tenant)) {
                for (String step : list("cache/" + tenant + "/" + prefix)) {
                    records("cache/" + tenant + "/" + prefix + "/" + step, tenant, Kind.RESULT, records);
                }
            }
        }
        for (String tenant : list("downloads")) {
            records("downloads/" + tenant, tenant, Kind.DOWNLOAD, records);
        }
        Map<String, Instant> lastUse = new HashMap<>();
        records.forEach(record ->
                lastUse.merge(record.tenant(), record.used(), (one, other) -> one.isAfter(other) ? one : other));
        for (String tenant : list("history")) {
            for (String prefix : list("history/" + tenant)) {
                history("history/" + tenant + "/" + prefix, tenant, lastUse.get(tenant), records);
            }
        }
        Map<String, Instant> origins = origins();
        return new Inventory(
                blobs,
                partial(),
                origins.keySet().stream().map(Scan::digestOf).collect(Collectors.toSet()),
                origins,
                notes(blobs.keySet()),
                records,
                snapshots,
                marks,
                mounts(),
                images(images, blobs));
    }

    private List<String> list(String directory) throws IOException {
        try (Fd opened = Linux.openDirectory(store.resolve(directory).toString())) {
            return Linux.list(opened);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return List.of();
            }
            throw e;
        }
    }

    private static @Nullable FileStatus status(Path path) throws IOException {
        try {
            return Linux.stat(Fd.CURRENT_DIRECTORY, path.toString());
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw e;
        }
    }

    private Map<String, Blob> blobs() throws IOException {
        Map<String, Blob> blobs = new HashMap<>();
        blobs("blobs/sha256", blob -> blobs.put(blob.hex(), blob));
        return blobs;
    }

    private List<Blob> partial() throws IOException {
        List<Blob> partial = new ArrayList<>();
        blobs(ContentStore.PARTIAL, partial::add);
        return partial;
    }

    private void blobs(String directory, Consumer<Blob> found) throws IOException {
        for (String name : list(directory)) {
            FileStatus status = status(store.resolve(directory).resolve(name));
            if (status != null && status.isFile() && isDigest(name)) {
                found.accept(new Blob(name, status.diskBytes(), status.modified()));
            }
        }
    }

    /** The digest, in hexadecimal digits, that a file named {@code HEX} or {@code HEX.SOMETHING} is about. */
    static String digestOf(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    private Map<String, Instant> origins() throws IOException {
        Map<String, Instant> origins = new HashMap<>();
        for (String name : list("origins")) {
            FileStatus status = status(store.resolve("origins").resolve(name));
            if (status != null && isDigest(digestOf(name))) {
                origins.put(name, status.modified());
            }
        }
        return origins;
    }

    private Map<String, Instant> notes(Set<String> here) throws IOException {
        Map<String, Instant> notes = new HashMap<>();
        for (String prefix : list(ContentStore.HELD)) {
            for (String name : list(ContentStore.HELD + "/" + prefix)) {
                String path = ContentStore.HELD + "/" + prefix + "/" + name;
                int dot = name.indexOf('.');
                FileStatus status =
                        dot < 0 || here.contains(name.substring(0, dot)) ? null : status(store.resolve(path));
                if (status != null && status.isFile()) {
                    notes.put(path, status.modified());
                }
            }
        }
        return notes;
    }

    private void records(String directory, String tenant, Kind kind, List<CacheRecord> records) throws IOException {
        for (String name : list(directory)) {
            Path file = store.resolve(directory).resolve(name);
            FileStatus status = status(file);
            if (status == null || !status.isFile()) {
                continue;
            }
            JsonNode content = status.size() > MOST_RECORD_BYTES ? MAPPER.createObjectNode() : content(file);
            if (content != null) {
                JsonNode blob = kind == Kind.DOWNLOAD
                        ? content.path("digest")
                        : content.path("layer").path("digest");
                records.add(new CacheRecord(
                        directory + "/" + name,
                        tenant,
                        kind,
                        hex(blob),
                        hex(content.path("diffId")),
                        status.diskBytes(),
                        status.modified()));
            }
        }
    }

    /**
     * What steps depended on; each goes by itself. It is read only where a result is missed, so it counts as used with the tenant's results, for
     * some months. To say that a result has been collected it must be there still.
     */
    private void history(String directory, String tenant, @Nullable Instant lastUse, List<CacheRecord> records)
            throws IOException {
        for (String name : list(directory)) {
            FileStatus status = status(store.resolve(directory).resolve(name));
            if (status != null && status.isFile()) {
                Instant used = historyUsed(status.modified(), lastUse);
                records.add(new CacheRecord(
                        directory + "/" + name, tenant, Kind.HISTORY, null, null, status.diskBytes(), used));
            }
        }
    }

    private static Instant historyUsed(Instant written, @Nullable Instant lastUse) {
        Instant latest = written.plus(LONGEST_HISTORY);
        Instant used = lastUse == null || written.isAfter(lastUse) ? written : lastUse;
        return used.isAfter(latest) ? latest : used;
    }

    /** What a record says; nothing, if it is broken; null if it is gone. */
    private static @Nullable JsonNode content(Path file) throws IOException {
        try {
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return null;
        } catch (JacksonException e) {
            return MAPPER.createObjectNode();
        }
    }

    private static @Nullable String hex(JsonNode digest) {
        try {
            return Digest.parse(digest.asString("")).hex();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean isDigest(String name) {
        return name.length() == 64 && name.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    private void snapshots(Map<String, SnapshotTree> snapshots, Map<String, Instant> marks) throws IOException {
        Path directory = store.resolve("snapshots");
        Map<String, Instant> used = new HashMap<>();
        List<String> trees = new ArrayList<>();
        for (String name : list(SnapshotStore.USED)) {
            FileStatus mark = status(store.resolve(SnapshotStore.USED).resolve(name));
            if (mark != null && isDigest(name)) {
                marks.put(name, mark.modified());
                used.put(name, mark.modified());
            }
        }
        for (String name : list("snapshots")) {
            FileStatus tree = status(directory.resolve(name));
            if (tree != null && tree.isDirectory() && isDigest(name)) {
                // One of an earlier version has no mark: it has its name since then.
                used.putIfAbsent(name, tree.changed());
                trees.add(name);
            }
        }
        Map<String, Long> bytes = sizes(directory, trees);
        for (String diffId : trees) {
            Instant time = used.get(diffId);
            if (time != null) {
                snapshots.put(diffId, new SnapshotTree(diffId, bytes.getOrDefault(diffId, 0L), time));
            }
            marks.remove(diffId);
        }
    }

    /** Measures those that are new, and remembers it. */
    private Map<String, Long> sizes(Path directory, List<String> trees) throws IOException {
        Path file = store.resolve(SIZES);
        Map<String, Long> known = new HashMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, US_ASCII)) {
                String[] words = line.split(" ", 2);
                if (words.length == 2 && isDigest(words[0]) && words[1].matches("[0-9]{1,18}")) {
                    known.put(words[0], Long.parseLong(words[1]));
                }
            }
        }
        int before = known.size();
        known.keySet().retainAll(new HashSet<>(trees));
        List<Path> fresh = trees.stream()
                .filter(tree -> !known.containsKey(tree))
                .map(directory::resolve)
                .toList();
        DiskUsage.of(fresh)
                .forEach((tree, bytes) -> known.put(tree.getFileName().toString(), bytes));
        if (!fresh.isEmpty() || known.size() != before) {
            List<String> lines = new ArrayList<>();
            known.forEach((diffId, bytes) -> lines.add(diffId + " " + bytes));
            try {
                Path written = Files.write(store.resolve(SIZES + ".new"), lines, US_ASCII);
                Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                // A full disk is what a collection is for; they are measured again the next time.
                System.err.println("the sizes of snapshots can't be remembered: " + e);
            }
        }
        return known;
    }

    private List<CacheMount> mounts() throws IOException {
        List<Path> instances = new ArrayList<>();
        for (String key : list("mounts")) {
            for (String number : list("mounts/" + key)) {
                instances.add(store.resolve("mounts").resolve(key).resolve(number));
            }
        }
        Map<Path, Long> bytes = DiskUsage.of(instances);
        List<CacheMount> mounts = new ArrayList<>();
        for (Path instance : instances) {
            FileStatus lock = status(instance.resolve(CacheDirectories.LOCK));
            if (lock != null) {
                About about = About.read(instance);
                mounts.add(new CacheMount(
                        Mounts.id(instance),
                        about == null ? null : about.project(),
                        about == null ? null : about.scope(),
                        about == null ? null : about.id(),
                        bytes.getOrDefault(instance, 0L),
                        about == null ? null : about.created(),
                        lock.modified().toString(),
                        Mounts.isInUse(instance)));
            }
        }
        mounts.sort(Comparator.comparing(mount -> Instant.parse(mount.lastUsedAt())));
        return List.copyOf(mounts);
    }

    private List<Image> images(List<StoredImage> images, Map<String, Blob> blobs) throws IOException {
        ContentStore content = ContentStore.at(store);
        List<Image> found = new ArrayList<>();
        for (StoredImage image : images) {
            Digest digest = Digest.parse(image.digest());
            if (blobs.containsKey(digest.hex())) {
                Set<String> documents = new HashSet<>();
                Set<String> layers = new HashSet<>();
                read(content, digest, image.mediaType(), documents, layers);
                found.add(new Image(image.digest(), image.kept(), Set.copyOf(documents), Set.copyOf(layers)));
            }
        }
        return found;
    }

    /** As far as the image's documents are here and can be read. */
    private static void read(
            ContentStore content, Digest digest, String mediaType, Set<String> documents, Set<String> layers)
            throws IOException {
        if (!documents.add(digest.hex())) {
            return;
        }
        try {
            byte[] document = content.readSmall(digest, ImageDocuments.MAX_MANIFEST_BYTES);
            if (ImageDocuments.isIndex(mediaType)) {
                for (Descriptor child : ImageDocuments.readIndex(document).manifests()) {
                    read(content, child.digest(), child.mediaType(), documents, layers);
                }
                return;
            }
            Manifest manifest = ImageDocuments.readManifest(document);
            documents.add(manifest.config().digest().hex());
            manifest.layers().forEach(layer -> layers.add(layer.digest().hex()));
        } catch (NoSuchFileException | ImageDocumentException e) {
            // It stays among the documents, and the image is not whole for it.
        }
    }
}
