package io.slipway.api.upload;

import io.slipway.image.context.ContentId;
import io.slipway.image.context.ContentReceiver;
import io.slipway.image.context.ContextException;
import io.slipway.image.context.ContextLimits;
import io.slipway.image.context.ContextManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The contents of files that one project has sent, each once, in {@linkplain Pack packs}: what came in one request lies in one. A context
 * of thousands of files is read from a few packs as fast as from a tar, and linking these few files is all that a build needs to keep its
 * context, whatever is removed here. Thread-safe.
 */
final class ProjectContents {
    private static final long SMALL_BYTES = 16L << 20;
    private static final int MOST_SMALL = 16;

    private final Path directory;
    private final Map<ContentId, Place> places = new HashMap<>();
    private final Set<Pack> packs = new LinkedHashSet<>();
    /** Held by whoever removes packs: nobody else may read one then that is about to go. */
    private final ReentrantLock rewriting = new ReentrantLock();

    private static final class Place {
        final Pack pack;
        final long offset;
        final long bytes;
        private Instant usedAt;

        Place(Pack pack, long offset, long bytes, Instant usedAt) {
            this.pack = pack;
            this.offset = offset;
            this.bytes = bytes;
            this.usedAt = usedAt;
        }

        /** What it takes, with its record in the index. */
        long onDisk() {
            return bytes + Pack.RECORD_BYTES;
        }

        void use(Instant now) throws IOException {
            usedAt = now;
            pack.touch(now);
        }
    }

    private ProjectContents(Path directory) {
        this.directory = directory;
    }

    /** Opens what is there; nothing if there was none. What a service that was killed left half done is removed. */
    static ProjectContents open(Path directory) throws IOException {
        ProjectContents contents = new ProjectContents(Files.createDirectories(directory));
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            found.forEach(files::add);
        }
        for (Path file : files) {
            if (!contents.load(file)) {
                Files.deleteIfExists(file);
            }
        }
        return contents;
    }

    /** Loads what a pack has; false if the file is none, nor a pack's index. */
    private synchronized boolean load(Path file) throws IOException {
        Pack pack = Pack.open(
                file,
                (its, content, offset, bytes) ->
                        places.putIfAbsent(content, new Place(its, offset, bytes, its.touched())));
        if (pack == null) {
            return Pack.isIndex(file);
        }
        packs.add(pack);
        return true;
    }

    /** The contents that a manifest names, each once, with their sizes. */
    static Map<ContentId, Long> named(Path manifest) throws IOException {
        Map<ContentId, Long> named = new HashMap<>();
        ContextManifest.contents(manifest, named::put);
        return named;
    }

    /**
     * The contents of a manifest that are not here, with their sizes; those that are count as used now.
     *
     * @throws ContextException if the manifest says another size than a content has
     */
    synchronized Map<ContentId, Long> missing(Path manifest, Instant now) throws IOException {
        Map<ContentId, Long> missing = new LinkedHashMap<>();
        ContextManifest.contents(manifest, (content, bytes) -> {
            Place place = places.get(content);
            if (place == null) {
                missing.put(content, bytes);
            } else if (place.bytes != bytes) {
                throw ContextException.invalid(
                        "The content " + content + " has " + place.bytes + " bytes; the manifest says " + bytes + ".");
            } else {
                place.use(now);
            }
        });
        return missing;
    }

    /**
     * Receives contents that a manifest names. What came whole is kept, also if the rest does not come.
     *
     * @param body a tar of files named by their SHA-256
     * @param named the contents that may come, with their sizes
     * @param limits of what may come, and of the room that it leaves
     * @throws ContextException if something else comes
     * @throws io.slipway.image.context.DiskReserveException if there is no room
     */
    void receive(InputStream body, Map<ContentId, Long> named, ContextLimits limits, Instant now) throws IOException {
        Set<ContentId> seen = new HashSet<>();
        Path file = Pack.newFile(directory);
        List<ContentReceiver.Received> received = new ArrayList<>();
        try {
            ContentReceiver.receive(
                    body,
                    file,
                    (content, bytes) -> {
                        Long expected = named.get(content);
                        if (expected == null || expected != bytes) {
                            throw ContextException.invalid(
                                    expected == null
                                            ? "The content " + content + " is none of this context's."
                                            : "The content " + content + " comes with " + bytes
                                                    + " bytes; the manifest says " + expected + ".");
                        }
                        return !has(content) && seen.add(content);
                    },
                    limits,
                    received);
        } finally {
            adopt(file, received, now);
        }
    }

    private void adopt(Path file, List<ContentReceiver.Received> received, Instant now) throws IOException {
        if (received.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        Pack pack = Pack.of(file, received, now);
        synchronized (this) {
            packs.add(pack);
            for (ContentReceiver.Received content : received) {
                places.putIfAbsent(content.content(), new Place(pack, content.offset(), content.bytes(), now));
            }
        }
    }

    /**
     * Makes the context of a manifest, of which nothing is missing.
     *
     * @param tarFile what takes the place of its tar; must not exist
     * @return what is missing after all; then nothing was made
     */
    synchronized Map<ContentId, Long> place(Path manifest, Path tarFile, Instant now) throws IOException {
        Map<ContentId, Long> missing = missing(manifest, now);
        if (!missing.isEmpty()) {
            return missing;
        }
        Map<Pack, Long> starts = new LinkedHashMap<>();
        long[] end = new long[1];
        ContextManifest.contents(
                manifest,
                (content, _) -> starts.computeIfAbsent(place(content).pack, pack -> {
                    end[0] += pack.bytes();
                    return end[0] - pack.bytes();
                }));
        ContextManifest.place(
                manifest,
                starts.keySet().stream().map(Pack::file).toList(),
                content -> {
                    Place place = place(content);
                    return starts.getOrDefault(place.pack, 0L) + place.offset;
                },
                tarFile);
        return missing;
    }

    private Place place(ContentId content) throws IOException {
        Place place = places.get(content);
        if (place == null) {
            throw new IOException("the manifest of a context has changed: it names " + content);
        }
        return place;
    }

    /** What all of it takes on the disk, also of what no content is any more. */
    synchronized long onDisk() {
        return packs.stream().mapToLong(Pack::onDisk).sum();
    }

    /** What the contents take that are known. */
    synchronized long known() {
        return places.values().stream().mapToLong(Place::onDisk).sum();
    }

    /** What a content that is not here would take. */
    static long onDisk(long bytes) {
        return bytes + Pack.RECORD_BYTES;
    }

    synchronized boolean has(ContentId content) {
        return places.containsKey(content);
    }

    /**
     * Forgets contents, those first that were not used for longest; {@link #compact} gives their room back.
     *
     * @param bytes how much is to go at least, if there is as much
     * @param before those that were used then or later stay
     * @param keep these stay, too
     * @return how much they took
     */
    synchronized long forget(long bytes, Instant before, Set<ContentId> keep) {
        if (bytes <= 0) {
            return 0;
        }
        List<Map.Entry<ContentId, Place>> oldest = places.entrySet().stream()
                .filter(entry -> entry.getValue().usedAt.isBefore(before) && !keep.contains(entry.getKey()))
                .sorted(Comparator.comparing(entry -> entry.getValue().usedAt))
                .toList();
        long freed = 0;
        for (Map.Entry<ContentId, Place> entry : oldest) {
            if (freed >= bytes) {
                break;
            }
            freed += entry.getValue().onDisk();
            places.remove(entry.getKey());
        }
        return freed;
    }

    /** Gives back the room of forgotten contents until all takes {@code most} bytes, or nothing is left to give back. */
    void compact(long most, Instant now) throws IOException {
        rewrite(
                () -> {
                    Map<Pack, Long> garbage = new HashMap<>();
                    packs.forEach(pack -> garbage.put(pack, pack.onDisk()));
                    places.values().forEach(place -> garbage.merge(place.pack, -place.onDisk(), Long::sum));
                    List<Pack> worn = new ArrayList<>();
                    long over = onDisk() - most;
                    for (Pack pack : packs.stream()
                            .sorted(Comparator.comparing(garbage::get).reversed())
                            .toList()) {
                        long its = garbage.getOrDefault(pack, 0L);
                        if (over <= 0 || its == 0) {
                            break;
                        }
                        worn.add(pack);
                        over -= its;
                    }
                    return worn;
                },
                now);
    }

    /** Removes what was not used for so long, and puts together what is left of packs. */
    void sweep(Instant now, Duration keep) throws IOException {
        rewrite(
                () -> {
                    places.values().removeIf(place -> place.usedAt.plus(keep).isBefore(now));
                    return worn();
                },
                now);
    }

    /** The packs of which less than half is in use, and the small ones if there are many. */
    private List<Pack> worn() {
        Map<Pack, Long> used = new HashMap<>();
        places.values().forEach(place -> used.merge(place.pack, place.bytes, Long::sum));
        long small = packs.stream().filter(pack -> pack.bytes() < SMALL_BYTES).count();
        return packs.stream()
                .filter(pack -> 2 * used.getOrDefault(pack, 0L) < pack.bytes()
                        || (small > MOST_SMALL && pack.bytes() < SMALL_BYTES))
                .toList();
    }

    /**
     * Makes one pack of what is left of several.
     *
     * @param choice chooses them, with all contents to itself
     */
    private void rewrite(Supplier<List<Pack>> choice, Instant now) throws IOException {
        rewriting.lock();
        try {
            List<Pack> worn;
            synchronized (this) {
                worn = choice.get();
                // First, as it takes no room.
                worn = withoutUnused(worn);
            }
            if (!worn.isEmpty()) {
                rewrite(worn, now);
            }
        } finally {
            rewriting.unlock();
        }
    }

    /** Removes the packs of which nothing is known any more; those that are left. */
    private List<Pack> withoutUnused(List<Pack> worn) throws IOException {
        Set<Pack> used = new HashSet<>();
        places.values().forEach(place -> used.add(place.pack));
        List<Pack> left = new ArrayList<>();
        for (Pack pack : worn) {
            if (used.contains(pack)) {
                left.add(pack);
            } else {
                packs.remove(pack);
                pack.delete();
            }
        }
        return left;
    }

    private void rewrite(List<Pack> worn, Instant now) throws IOException {
        Map<ContentId, Place> moving = new LinkedHashMap<>();
        synchronized (this) {
            Set<Pack> from = Set.copyOf(worn);
            places.forEach((content, place) -> {
                if (from.contains(place.pack)) {
                    moving.put(content, place);
                }
            });
        }
        Path file = Pack.newFile(directory);
        List<ContentReceiver.Received> moved = new ArrayList<>();
        Pack pack;
        try {
            copy(moving, file, moved);
            pack = Pack.of(file, moved, now);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
        synchronized (this) {
            packs.add(pack);
            for (ContentReceiver.Received content : moved) {
                places.computeIfPresent(
                        content.content(), (_, old) -> new Place(pack, content.offset(), content.bytes(), old.usedAt));
            }
            for (Pack old : worn) {
                packs.remove(old);
                old.delete();
            }
        }
    }

    private static void copy(Map<ContentId, Place> moving, Path file, List<ContentReceiver.Received> moved)
            throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Map.Entry<ContentId, Place> entry : moving.entrySet()) {
                Place place = entry.getValue();
                moved.add(new ContentReceiver.Received(entry.getKey(), out.position(), place.bytes));
                try (FileChannel in = FileChannel.open(place.pack.file(), StandardOpenOption.READ)) {
                    long end = place.offset + place.bytes;
                    for (long at = place.offset; at < end; ) {
                        long count = in.transferTo(at, end - at, out);
                        if (count <= 0) {
                            throw new IOException("a pack of contents has become shorter: " + place.pack.file());
                        }
                        at += count;
                    }
                }
            }
        }
    }
}
