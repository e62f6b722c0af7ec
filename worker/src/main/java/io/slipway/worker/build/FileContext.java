package io.slipway.worker.build;

import io.slipway.dockerfile.ignore.PathPattern;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.CopyException;
import io.slipway.worker.copy.CopyRequest;
import io.slipway.worker.copy.Copying;
import io.slipway.worker.copy.SourceTree;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.snapshot.SnapshotStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A context of files, the build's own or a named one: as a tree, which COPY reads from the archive, and parts of it as files, for
 * {@code RUN --mount=type=bind}. Each part is unpacked once in a build, and nobody changes it. Thread-safe.
 */
final class FileContext {
    private static final String NAME = "source";

    private final Workspace workspace;
    private final SourceTree tree;
    private final Map<String, Path> unpacked = new ConcurrentHashMap<>();

    FileContext(Workspace workspace, SourceTree tree) {
        this.workspace = workspace;
        this.tree = tree;
    }

    /** All files. */
    SourceTree tree() {
        return tree;
    }

    /**
     * Adds the content of a part to a key.
     *
     * @throws CopyException if it does not exist
     */
    void addTo(KeyHash key, String path) throws IOException {
        addTo(key, tree, path);
    }

    /** The same of any tree. */
    static void addTo(KeyHash key, SourceTree tree, String path) throws IOException {
        copying(tree, path, "/" + NAME).addTo(key);
    }

    /** A part's file or directory. */
    synchronized Path path(String path) throws IOException {
        Path known = unpacked.get(path);
        if (known == null) {
            Path files = workspace.newDirectory();
            unpack(files, workspace.newDirectory(), tree, path, "/" + NAME);
            known = files.resolve(NAME);
            unpacked.put(path, known);
        }
        return known;
    }

    /**
     * Unpacks a part of a tree, as COPY would copy it.
     *
     * @param files the directory that the destination's path begins at
     * @param scratch an empty directory
     */
    static void unpack(Path files, Path scratch, SourceTree tree, String path, String destination) throws IOException {
        try (RootTree root = RootTree.of(files)) {
            SnapshotStore.EntrySource entries =
                    copying(tree, path, destination).plan(root, scratch).entries(time -> time);
            SnapshotStore.unpackInto(files, entries).close();
        }
    }

    private static Copying copying(SourceTree tree, String path, String destination) throws IOException {
        String clean = RootTree.clean(path);
        if (tree.find(clean) == null) {
            throw new CopyException("\"/" + clean + "\", which is to be mounted, does not exist");
        }
        // A word with wildcards is a pattern; here it is a name.
        String word =
                PathPattern.hasWildcards(clean) ? clean.replace("\\", "\\\\").replaceAll("[*?\\[]", "[$0]") : clean;
        return Copying.of(CopyRequest.plain(word.isEmpty() ? "/" : word, destination), tree, Map.of());
    }
}
