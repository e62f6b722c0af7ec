package io.slipway.api.upload;

import io.slipway.image.context.ContentId;
import io.slipway.image.context.ContentReceiver;
import io.slipway.image.context.ContextException;
import io.slipway.image.context.ContextManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The contents of files that one project has sent, each once, in packs: what came in one request lies in one file, {@code NAME.pack},
 * and {@code NAME.index} says what is where in it. A pack is never changed. A context of thousands of files is read from a few packs as
 * fast as from a tar, and linking these few files is all that a build needs to keep its context, whatever is removed here. Thread-safe.
 */
final class ProjectContents {
    private static final String PACK = ".pack";
    private static final String INDEX = ".index";

    /** In the index: SHA-256, offset, length. */
    private static final int RECORD_BYTES = ContentId.BYTES + 2 * Long.BYTES;

    /** The time of a pack's file, which says after a restart when it was used, is that exact. */
    private static final Duration TOUCH = Duration.ofMinutes(1);

    private static final long SMALL_BYTES = 16L << 20;
    private static final int MOST_SMALL = 16;

    private final Path directory;
    private final Map<ContentId, Place> places = new HashMap<>();
    private final Set<Pack> packs = new LinkedHashSet<>();

    private static final class Pack {
        final Path file;
        final long bytes;
        private Instant touched;

        Pack(Path file, long bytes, Instant touched) {
            this.file = file;
            this.bytes = bytes;
            this.touched = touched;
        }

        void touch(Instant now) throws IOException {
            if (touched.plus(TOUCH).isBefore(now)) {
                Files.setLastModifiedTime(file, FileTime.from(now));
                touched = now;
            }
        }

        void delete() throws IOException {
            // The index first: what has no index is no pack.
            Files.deleteIfExists(indexOf(file));
            Files.deleteIfExists(file);
        }
    }

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
        if (file.toString().endsWith(INDEX)) {
            return Files.exists(packOf(file));
        }
        if (!file.toString().endsWith(PACK) || !Files.exists(indexOf(file))) {
            return false;
        }
        Instant usedAt = Files.getLastModifiedTime(file).toInstant();
        Pack pack = new Pack(file, Files.size(file), usedAt);
        ByteBuffer index = ByteBuffer.wrap(Files.readAllBytes(indexOf(file)));
        packs.add(pack);
        while (index.remaining() >= RECORD_BYTES) {
            places.putIfAbsent(ContentId.read(index), new Place(pack, index.getLong(), index.getLong(), usedAt));
        }
        return true;
    }

    private static Path indexOf(Path pack) {
        return sibling(pack, PACK, INDEX);
    }

    private static Path packOf(Path index) {
        return sibling(index, INDEX, PACK);
    }

    private static Path sibling(Path file, String from, String to) {
        String name = file.getFileName().toString();
        return file.resolveSibling(
                name.substring(0, name.length() - from.length()).concat(to));
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
     * @throws ContextException if something else comes
     */
    void receive(InputStream body, Path manifest, long mostBytes, Instant now) throws IOException {
        Map<ContentId, Long> named = new HashMap<>();
        ContextManifest.contents(manifest, named::put);
        Set<ContentId> seen = new HashSet<>();
        Path file = newPack();
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
                    mostBytes,
                    received);
        } finally {
            adopt(file, received, now);
        }
    }

    private Path newPack() {
        return directory.resolve(UUID.randomUUID() + PACK);
    }

    private synchronized boolean has(ContentId content) {
        return places.containsKey(content);
    }

    private void adopt(Path file, List<ContentReceiver.Received> received, Instant now) throws IOException {
        if (received.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        Pack pack = written(file, received, now);
        synchronized (this) {
            packs.add(pack);
            for (ContentReceiver.Received content : received) {
                places.putIfAbsent(content.content(), new Place(pack, content.offset(), content.bytes(), now));
            }
        }
    }

    /** Writes a pack's index. */
    private static Pack written(Path file, List<ContentReceiver.Received> contents, Instant now) throws IOException {
        ByteBuffer index = ByteBuffer.allocate(Math.multiplyExact(contents.size(), RECORD_BYTES));
        for (ContentReceiver.Received content : contents) {
            content.content().write(index);
            index.putLong(content.offset()).putLong(content.bytes());
        }
        Path temporary = sibling(file, PACK, ".new");
        Files.write(temporary, index.array());
        Files.move(temporary, indexOf(file), StandardCopyOption.ATOMIC_MOVE);
        return new Pack(file, Files.size(file), now);
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
                    end[0] += pack.bytes;
                    return end[0] - pack.bytes;
                }));
        ContextManifest.place(
                manifest,
                starts.keySet().stream().map(pack -> pack.file).toList(),
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

    /** Removes what was not used for so long, and puts together what is left of packs. */
    void sweep(Instant now, Duration keep) throws IOException {
        List<Pack> worn;
        synchronized (this) {
            places.values().removeIf(place -> place.usedAt.plus(keep).isBefore(now));
            worn = worn();
        }
        if (!worn.isEmpty()) {
            rewrite(worn, now);
        }
    }

    /** The packs of which less than half is in use, and the small ones if there are many. */
    private synchronized List<Pack> worn() {
        Map<Pack, Long> used = new HashMap<>();
        places.values().forEach(place -> used.merge(place.pack, place.bytes, Long::sum));
        long small = packs.stream().filter(pack -> pack.bytes < SMALL_BYTES).count();
        return packs.stream()
                .filter(pack -> 2 * used.getOrDefault(pack, 0L) < pack.bytes
                        || (small > MOST_SMALL && pack.bytes < SMALL_BYTES))
                .toList();
    }

    private void rewrite(Collection<Pack> worn, Instant now) throws IOException {
        Map<ContentId, Place> moving = new LinkedHashMap<>();
        synchronized (this) {
            Set<Pack> from = Set.copyOf(worn);
            places.forEach((content, place) -> {
                if (from.contains(place.pack)) {
                    moving.put(content, place);
                }
            });
        }
        Path file = newPack();
        List<ContentReceiver.Received> moved = new ArrayList<>();
        if (!moving.isEmpty()) {
            copy(moving, file, moved);
        }
        Pack pack = moved.isEmpty() ? null : written(file, moved, now);
        synchronized (this) {
            if (pack != null) {
                packs.add(pack);
                for (ContentReceiver.Received content : moved) {
                    places.computeIfPresent(
                            content.content(),
                            (_, old) -> new Place(pack, content.offset(), content.bytes(), old.usedAt));
                }
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
                try (FileChannel in = FileChannel.open(place.pack.file, StandardOpenOption.READ)) {
                    long end = place.offset + place.bytes;
                    for (long at = place.offset; at < end; ) {
                        long count = in.transferTo(at, end - at, out);
                        if (count <= 0) {
                            throw new IOException("a pack of contents has become shorter: " + place.pack.file);
                        }
                        at += count;
                    }
                }
            }
        }
    }
}
