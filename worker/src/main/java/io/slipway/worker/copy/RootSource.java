package io.slipway.worker.copy;

import io.slipway.image.tar.TarEntry;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.snapshot.UpperDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The root file system of a stage or image as a source. Owners are kept. */
public final class RootSource implements SourceTree {
    private final RootTree root;

    /** Reads from this tree, which the caller closes. */
    public RootSource(RootTree root) {
        this.root = root;
    }

    @Override
    public @Nullable Node find(String path) throws IOException {
        return at(root.resolve(path));
    }

    @Override
    public List<Node> children(Node directory) throws IOException {
        List<Node> children = new ArrayList<>();
        for (String name : root.list(directory.path())) {
            Node child = at(directory.path().isEmpty() ? name : directory.path() + "/" + name);
            if (child != null) {
                children.add(child);
            }
        }
        return children;
    }

    /** What is at a resolved path, a symlink not followed; null where nothing is, or what no layer can hold. */
    @Nullable
    Node at(String path) throws IOException {
        FileStatus status = root.status(path);
        if (status == null) {
            return null;
        }
        int slash = path.lastIndexOf('/');
        try (Fd parent = root.openDirectory(slash < 0 ? "" : path.substring(0, slash))) {
            TarEntry entry = UpperDirectory.entry(parent, path.isEmpty() ? "." : path.substring(slash + 1), status);
            Object link = status.isFile() && status.links() > 1 ? status.device() + ":" + status.inode() : null;
            return entry == null ? null : new Node(path, entry, link, null);
        }
    }

    @Override
    public InputStream open(Node file) throws IOException {
        return root.open(file.path(), file.entry().size());
    }
}
