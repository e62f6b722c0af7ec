package io.slipway.worker.collect;

import io.slipway.image.store.ContentStore;
import io.slipway.protocol.storage.StoragePolicy;
import io.slipway.protocol.storage.StorageReport.CacheMount;
import io.slipway.worker.collect.Inventory.Blob;
import io.slipway.worker.collect.Inventory.CacheRecord;
import io.slipway.worker.collect.Inventory.Image;
import io.slipway.worker.collect.Inventory.Kind;
import io.slipway.worker.collect.Inventory.SnapshotTree;
import io.slipway.worker.snapshot.SnapshotStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What goes, by a policy: what was used last goes last. A blob and the records that refer to it go together; a snapshot goes by itself, for
 * it can be made again from its blob, or with the last blob that it is the content of. No I/O. Used by one thread.
 */
final class Plan {
    /** Whoever was to go on with a download has given up after that. */
    private static final Duration PARTIAL_AGE = Duration.ofHours(1);

    private final Inventory store;
    private final Instant horizon;
    private final List<Unit> units = new ArrayList<>();
    private final Map<String, Unit> byBlob = new HashMap<>();
    private final Map<String, Tree> trees = new HashMap<>();
    private final List<Mount> mounts = new ArrayList<>();
    private final Map<String, List<Image>> imagesOf = new HashMap<>();
    private final Set<String> broken = new LinkedHashSet<>();
    private final List<Victim> victims = new ArrayList<>();
    private long freed;

    /** A plan that takes nothing yet, of what was last used before {@code horizon}. */
    Plan(Inventory store, Instant horizon) {
        this.store = store;
        this.horizon = horizon;
        Set<String> pinned = new HashSet<>();
        for (Image image : store.images()) {
            if (image.kept()) {
                pinned.addAll(image.documents());
                pinned.addAll(image.layers());
            } else {
                image.documents().forEach(blob -> imagesOf(blob).add(image));
                image.layers().forEach(blob -> imagesOf(blob).add(image));
            }
        }
        store.blobs().values().forEach(blob -> {
            Unit unit = new Unit(units.size(), blob, pinned.contains(blob.hex()));
            units.add(unit);
            byBlob.put(blob.hex(), unit);
        });
        store.snapshots().values().forEach(tree -> trees.put(tree.diffId(), new Tree(tree)));
        for (CacheRecord record : store.records()) {
            Unit unit = record.blob() == null ? null : byBlob.get(record.blob());
            if (unit == null) {
                unit = new Unit(units.size(), null, false);
                units.add(unit);
            }
            unit.add(record);
        }
        store.mounts().forEach(mount -> mounts.add(new Mount(mount)));
    }

    private List<Image> imagesOf(String blob) {
        return imagesOf.computeIfAbsent(blob, _ -> new ArrayList<>());
    }

    /** What may go by itself. */
    private abstract sealed class Candidate {
        boolean taken;

        abstract Instant used();

        abstract long bytes();

        abstract boolean isFree();

        /** Whether it explains what is not there: it takes little, and is of most use when all else has gone. */
        boolean isHistory() {
            return false;
        }

        abstract void take();

        boolean mayGo() {
            return !taken && isFree() && used().isBefore(horizon);
        }
    }

    /** A blob with its records, or a record without a blob. */
    private final class Unit extends Candidate {
        private final int number;
        private final @Nullable Blob blob;
        private final boolean pinned;
        private final List<CacheRecord> records = new ArrayList<>();
        private final List<Tree> content = new ArrayList<>();
        private Instant used;
        private long bytes;

        Unit(int number, @Nullable Blob blob, boolean pinned) {
            this.number = number;
            this.blob = blob;
            this.pinned = pinned;
            this.used = blob == null ? Instant.MIN : blob.used();
            this.bytes = blob == null ? 0 : blob.bytes();
        }

        void add(CacheRecord record) {
            records.add(record);
            bytes += record.bytes();
            used = record.used().isAfter(used) ? record.used() : used;
            Tree tree = record.diffId() == null ? null : trees.get(record.diffId());
            if (tree != null && blob != null && !content.contains(tree)) {
                content.add(tree);
                tree.blobs.add(this);
            }
        }

        /** The only project whose records refer to it, or null. */
        @Nullable
        String project() {
            String project = records.isEmpty() ? null : records.getFirst().project();
            return records.stream().allMatch(record -> record.project().equals(project)) ? project : null;
        }

        @Override
        Instant used() {
            return used;
        }

        @Override
        long bytes() {
            return bytes;
        }

        @Override
        boolean isFree() {
            return !pinned;
        }

        @Override
        void take() {
            taken = true;
            records.forEach(this::take);
            if (blob != null) {
                List<Image> images = imagesOf.getOrDefault(blob.hex(), List.of());
                boolean document =
                        images.stream().anyMatch(image -> image.documents().contains(blob.hex()));
                add(
                        document ? Victim.Kind.DOCUMENT : Victim.Kind.BLOB,
                        "blobs/sha256/" + blob.hex(),
                        blob.bytes(),
                        number);
                if (document || !store.origins().contains(blob.hex())) {
                    images.forEach(Plan.this::lose);
                }
            }
            for (Tree tree : content) {
                if (tree.blobs.stream().allMatch(other -> other.taken) && tree.mayGo()) {
                    tree.take();
                }
            }
        }

        private void take(CacheRecord record) {
            Plan.this.add(Victim.Kind.RECORD, record.path(), record.bytes(), number);
        }

        private void add(Victim.Kind kind, String path, long size, int unit) {
            Plan.this.add(kind, path, size, unit);
        }

        @Override
        boolean isHistory() {
            return blob == null && records.stream().allMatch(record -> record.kind() == Kind.HISTORY);
        }

        /** Takes those of its records that nobody has used for long, though others, or an image, need the blob. */
        void takeRecords(Instant before) {
            List<CacheRecord> old = records.stream()
                    .filter(record ->
                            record.used().isBefore(before) && record.used().isBefore(horizon))
                    .toList();
            old.forEach(record -> Plan.this.add(Victim.Kind.RECORD, record.path(), record.bytes(), -1));
            records.removeAll(old);
            bytes -= old.stream().mapToLong(CacheRecord::bytes).sum();
        }
    }

    private final class Tree extends Candidate {
        private final SnapshotTree tree;
        private final List<Unit> blobs = new ArrayList<>();

        Tree(SnapshotTree tree) {
            this.tree = tree;
        }

        @Override
        Instant used() {
            return tree.used();
        }

        @Override
        long bytes() {
            return tree.bytes();
        }

        @Override
        boolean isFree() {
            return true;
        }

        @Override
        void take() {
            taken = true;
            add(Victim.Kind.SNAPSHOT, "snapshots/" + tree.diffId(), tree.bytes(), -1);
            add(Victim.Kind.MARK, SnapshotStore.USED + "/" + tree.diffId(), 0, -1);
        }
    }

    private final class Mount extends Candidate {
        private final CacheMount mount;

        Mount(CacheMount mount) {
            this.mount = mount;
        }

        @Override
        Instant used() {
            return Instant.parse(mount.lastUsedAt());
        }

        @Override
        long bytes() {
            return mount.bytes();
        }

        @Override
        boolean isFree() {
            return !mount.inUse();
        }

        @Override
        void take() {
            taken = true;
            add(Victim.Kind.CACHE_MOUNT, mount.id(), mount.bytes(), -1);
        }
    }

    private void add(Victim.Kind kind, String path, long bytes, int unit) {
        victims.add(new Victim(kind, path, bytes, unit));
        freed += bytes;
    }

    /** An image that has lost a part is none: its documents go as well, unless others need them. */
    private void lose(Image image) {
        if (!broken.add(image.digest())) {
            return;
        }
        for (String document : image.documents()) {
            Unit unit = byBlob.get(document);
            boolean needed = imagesOf(document).stream().anyMatch(other -> !broken.contains(other.digest()));
            if (unit != null && !needed && unit.records.isEmpty() && unit.mayGo()) {
                unit.take();
            }
        }
    }

    /**
     * Takes what the policy says.
     *
     * @param now by the clock that stamps files
     * @param free bytes that the disk has free
     * @return this
     */
    Plan apply(StoragePolicy policy, Instant now, long free) {
        store.images().stream()
                .filter(image -> !image.kept() && !image.isWhole(store))
                .forEach(this::lose);
        if (policy.maximumAgeMillis() != null) {
            age(now.minus(Duration.ofMillis(policy.maximumAgeMillis())));
        }
        store.marks().forEach((diffId, used) -> {
            if (used.isBefore(horizon)) {
                add(Victim.Kind.MARK, SnapshotStore.USED + "/" + diffId, 0, -1);
            }
        });
        Set<String> layers = new HashSet<>();
        store.images().forEach(image -> layers.addAll(image.layers()));
        store.originNotes().forEach((name, noted) -> {
            if (!layers.contains(Scan.digestOf(name)) && noted.isBefore(horizon)) {
                add(Victim.Kind.ORIGIN, "origins/" + name, 0, -1);
            }
        });
        store.notes().forEach((path, noted) -> {
            if (noted.isBefore(horizon)) {
                add(Victim.Kind.NOTE, path, 0, -1);
            }
        });
        for (Blob partial : store.partial()) {
            boolean low = free + freed < policy.minimumFreeBytes();
            if (partial.used().isBefore(horizon) && (low || partial.used().isBefore(now.minus(PARTIAL_AGE)))) {
                add(Victim.Kind.PARTIAL, ContentStore.PARTIAL + "/" + partial.hex(), partial.bytes(), -1);
            }
        }
        if (policy.cacheMountQuotaBytes() != null) {
            for (String project : mountProjects()) {
                shrink(mountsOf(project), policy.cacheMountQuotaBytes());
            }
        }
        if (policy.projectQuotaBytes() != null) {
            for (String project : projects()) {
                shrink(cacheOf(project), policy.projectQuotaBytes());
            }
        }
        makeRoom(policy, free);
        return this;
    }

    /** What explains misses goes last, and only for want of room on the disk; no limit counts it. */
    private void makeRoom(StoragePolicy policy, long free) {
        long most = policy.maximumBytes() == null ? Long.MAX_VALUE : policy.maximumBytes();
        List<Candidate> all = all();
        all.removeIf(candidate -> candidate.taken);
        all.sort(Comparator.comparing(Candidate::isHistory)); // stable
        long history = bytes(all.stream().filter(Candidate::isHistory));
        long size = bytes(all.stream());
        long before = freed;
        for (Candidate candidate : all) {
            long left = size - (freed - before);
            boolean large = left - history > most && !candidate.isHistory();
            boolean low = free + freed < policy.minimumFreeBytes();
            if (!(large || low) || left <= policy.reservedBytes()) {
                break;
            }
            if (candidate.mayGo()) {
                candidate.take();
            }
        }
    }

    private void age(Instant before) {
        for (Candidate candidate : all()) {
            if (candidate.mayGo() && candidate.used().isBefore(before)) {
                candidate.take();
            }
        }
        units.stream().filter(unit -> !unit.taken).forEach(unit -> unit.takeRecords(before));
    }

    private void shrink(List<? extends Candidate> candidates, long most) {
        long bytes = candidates.stream()
                .filter(candidate -> !candidate.taken)
                .mapToLong(Candidate::bytes)
                .sum();
        for (Candidate candidate : candidates) {
            if (bytes <= most) {
                return;
            }
            if (candidate.mayGo()) {
                // With a blob goes what it is the content of.
                long before = freed;
                candidate.take();
                bytes -= freed - before;
            }
        }
    }

    private List<Candidate> all() {
        List<Candidate> all = new ArrayList<>(units);
        all.addAll(trees.values());
        all.addAll(mounts);
        all.sort(Comparator.comparing(Candidate::used));
        return all;
    }

    private Set<String> mountProjects() {
        Set<String> projects = new TreeSet<>();
        mounts.forEach(mount -> projects.add(mount.mount.project() == null ? "" : mount.mount.project()));
        return projects;
    }

    private List<Mount> mountsOf(String project) {
        return mounts.stream()
                .filter(mount -> project.equals(mount.mount.project() == null ? "" : mount.mount.project()))
                .sorted(Comparator.comparing(Candidate::used))
                .toList();
    }

    /** The projects that have records. */
    Set<String> projects() {
        Set<String> projects = new TreeSet<>();
        store.records().forEach(record -> projects.add(record.project()));
        return projects;
    }

    /** What only this project's records refer to and no kept image needs, least recently used first. */
    private List<Candidate> cacheOf(String project) {
        List<Candidate> own = new ArrayList<>();
        for (Unit unit : units) {
            if (!unit.pinned && !unit.isHistory() && project.equals(unit.project())) {
                own.add(unit);
            }
        }
        for (Tree tree : trees.values()) {
            if (!tree.blobs.isEmpty() && tree.blobs.stream().allMatch(unit -> project.equals(unit.project()))) {
                own.add(tree);
            }
        }
        own.sort(Comparator.comparing(Candidate::used));
        return own;
    }

    /** The bytes of what only this project's records refer to, and no kept image needs. */
    long cacheBytes(String project) {
        return cacheOf(project).stream().mapToLong(Candidate::bytes).sum();
    }

    private static long bytes(Stream<Candidate> candidates) {
        return candidates.mapToLong(Candidate::bytes).sum();
    }

    /** The bytes of what may go. */
    long reclaimableBytes() {
        return all().stream()
                .filter(Candidate::mayGo)
                .mapToLong(Candidate::bytes)
                .sum();
    }

    /** What goes, in the order in which it must. */
    List<Victim> victims() {
        return victims.stream().sorted(Comparator.comparing(Victim::kind)).toList();
    }

    /** Digests of the images that are not whole afterwards. */
    List<String> images() {
        return List.copyOf(broken);
    }
}
