package io.slipway.worker.copy;

import io.slipway.dockerfile.instruction.FileMode;
import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.cache.Inputs;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.SourceTree.Node;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Adds the files of a selection to a key, one after the other. Not thread-safe. */
final class SelectionKey {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final KeyHash key;
    private final @Nullable FileMode chmod;
    /** The place among all files of the first name of those that have several. */
    private final Map<Object, Integer> links = new HashMap<>();

    private int files;
    private byte @Nullable [] buffer;

    /**
     * Begins.
     *
     * @param chmod what sets the modes, or null
     */
    SelectionKey(KeyHash key, @Nullable FileMode chmod) {
        this.key = key;
        this.chmod = chmod;
    }

    /**
     * Adds a file, or a directory with what is in it.
     *
     * @param relative its name where it goes to
     * @param withAttributes whether its own mode, owner and attributes count
     */
    void add(SourceTree tree, Node node, String relative, boolean withAttributes) throws IOException {
        key.part(Inputs.Kind.FILE, node.path())
                .add(relative)
                .add(node.entry().type().name())
                .add(node.entry().linkName());
        Integer first = node.link() == null ? null : links.putIfAbsent(node.link(), files);
        files++;
        key.add(first == null ? null : first.toString());
        Digest content = node.entry().type() == TarEntry.Type.FILE && first == null ? content(tree, node) : null;
        key.add(content == null ? null : content.hex());
        if (withAttributes) {
            addAttributes(node);
        }
        if (node.isDirectory()) {
            List<Node> children = tree.children(node);
            key.count(children.size());
            for (Node child : children) {
                add(tree, child, child.name(), true);
            }
        }
    }

    private Digest content(SourceTree tree, Node file) throws IOException {
        if (file.content() != null) {
            return file.content();
        }
        byte[] bytes = buffer == null ? new byte[BUFFER_BYTES] : buffer;
        buffer = bytes;
        MessageDigest hash = Digest.sha256();
        try (InputStream in = tree.open(file)) {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                hash.update(bytes, 0, count);
            }
        }
        return Digest.of(hash);
    }

    private void addAttributes(Node node) {
        TarEntry entry = node.entry();
        key.part(Inputs.Kind.ATTRIBUTES, node.path())
                .add(CopyPlanner.mode(entry, chmod))
                .add(entry.uid())
                .add(entry.gid())
                .add(entry.xattrs().size());
        for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
            key.add(xattr.getKey()).add(xattr.getValue());
        }
    }
}
