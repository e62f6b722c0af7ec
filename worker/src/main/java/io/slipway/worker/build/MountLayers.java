package io.slipway.worker.build;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.layer.Layer;
import io.slipway.image.layer.LayerReader;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FdInputStream;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.mount.CacheDirectories;
import io.slipway.worker.snapshot.EntrySink;
import io.slipway.worker.snapshot.SnapshotStore;
import io.slipway.worker.snapshot.UpperDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The directories of cache mounts as layers of an exported cache: everything is below {@code data}, which is the directory itself, or the file if the
 * mount is one. Stateless.
 */
final class MountLayers {
    /** Annotation of a layer: which cache mount it is. */
    private static final String NAME = "io.slipway.cache.mount";

    /** Annotation of a layer: its id, for people. */
    private static final String ID = "io.slipway.cache.mount.id";

    /** Annotation of a layer: the digest of the uncompressed layer. */
    private static final String DIFF_ID = "io.slipway.cache.diff-id";

    private static final String DATA = "data";

    private MountLayers() {}

    /** Writes what a mount has now into the content store; waits for a step that has it locked. */
    static Layer write(Session session, UsedMount mount, StepLog.Running log) throws IOException, InterruptedException {
        try (CacheDirectories.Lease lease = session.caches()
                .lease(
                        mount.key(),
                        CacheDirectories.About.now(session.spec().scope(), mount.id()),
                        CacheDirectories.Sharing.SHARED,
                        _ -> {
                            throw new IOException("the cache mount " + mount.id() + " was removed meanwhile");
                        },
                        () -> log.say("waiting for the cache " + mount.id() + ", which another step uses"))) {
            Path data = lease.data();
            return session.write(sink -> read(Objects.requireNonNull(data.getParent()), sink));
        }
    }

    /** The layer of a mount in the manifest of a cache. */
    static Descriptor descriptor(UsedMount mount, Layer layer) {
        Descriptor descriptor = layer.descriptor();
        return new Descriptor(
                descriptor.mediaType(),
                descriptor.digest(),
                descriptor.size(),
                Map.of(
                        NAME,
                        mount.name().toString(),
                        ID,
                        mount.id(),
                        DIFF_ID,
                        layer.diffId().toString()),
                null);
    }

    private static void read(Path instance, EntrySink sink) throws IOException {
        try (Fd directory = Linux.openDirectory(instance.toString())) {
            FileStatus status = Linux.stat(directory, DATA);
            TarEntry top = Objects.requireNonNull(
                    UpperDirectory.entry(directory, DATA, status), "a cache is a directory or a file");
            if (!status.isDirectory()) {
                Fd file = Linux.open(directory, DATA, Linux.O_RDONLY, 0, Linux.RESOLVE_BENEATH_NO_SYMLINKS);
                try (InputStream content = new FdInputStream(file, status.size())) {
                    sink.add(top, content);
                }
                return;
            }
            sink.add(top, InputStream.nullInputStream());
            try (Fd data = Linux.open(
                    directory, DATA, Linux.O_RDONLY | Linux.O_DIRECTORY, 0, Linux.RESOLVE_BENEATH_NO_SYMLINKS)) {
                UpperDirectory.read(data, time -> time, (entry, content) -> sink.add(below(entry), content));
            }
        }
    }

    private static TarEntry below(TarEntry entry) {
        TarEntry moved = entry.withName(DATA + "/" + entry.name());
        return entry.type() == TarEntry.Type.HARD_LINK ? moved.withLinkName(DATA + "/" + entry.linkName()) : moved;
    }

    /**
     * A mount that an imported cache has.
     *
     * @param name names it beyond projects and machines
     */
    record Imported(Digest name, Layer layer, CacheOrigin origin) {}

    /** What a layer of an imported cache is; null if it is no mount. */
    static @Nullable Imported of(Descriptor layer, CacheOrigin origin) {
        Map<String, String> annotations = layer.annotations() == null ? Map.of() : layer.annotations();
        String name = annotations.get(NAME);
        String diffId = annotations.get(DIFF_ID);
        return name == null || diffId == null
                ? null
                : new Imported(
                        Digest.parse(name),
                        new Layer(
                                Digest.parse(diffId), new Descriptor(layer.mediaType(), layer.digest(), layer.size())),
                        origin);
    }

    /** Makes what a new cache begins with, at a path at which nothing is yet. */
    static void unpack(Session session, Imported mount, Path made) throws IOException {
        mount.origin().blobs().fetch(mount.layer().descriptor());
        Path directory = session.workspace().newDirectory();
        SnapshotStore.unpackInto(directory, sink -> {
                    try (LayerReader reader = LayerReader.open(
                            session.workspace().content(),
                            mount.layer().descriptor().digest(),
                            mount.layer().diffId())) {
                        TarEntry entry;
                        while ((entry = reader.next()) != null) {
                            sink.add(entry, reader.content());
                        }
                    }
                })
                .close();
        Files.move(directory.resolve(DATA), made);
    }
}
