package io.slipway.worker.copy;

import io.slipway.dockerfile.ignore.PathPattern;
import io.slipway.dockerfile.source.Suggestion;
import io.slipway.image.tar.FileName;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.SourceTree.Node;
import io.slipway.worker.rootfs.RootTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the sources of a COPY or ADD name in a tree.
 *
 * @param tree the tree
 * @param chosen the files and directories, in the order of the words; a word with wildcards gives its matches sorted
 */
record Selection(SourceTree tree, List<Chosen> chosen) {
    Selection {
        chosen = List.copyOf(chosen);
    }

    /**
     * One source.
     *
     * @param name the last part of the name that chose it, which is its name in a destination directory; empty for the root
     * @param node what it leads to, symlinks followed
     */
    record Chosen(String name, Node node) {}

    /**
     * Finds what the words name (dockerfile.md §5 COPY): a plain word must exist; one with wildcards (Go's filepath.Match) may
     * match nothing. Absolute words and {@code ..} stop at the tree's root.
     */
    static Selection of(SourceTree tree, List<String> words) throws IOException {
        List<Chosen> chosen = new ArrayList<>();
        for (String word : words) {
            String path = RootTree.clean(word);
            if (PathPattern.hasWildcards(path)) {
                Node root = tree.find("");
                if (root != null) {
                    match(tree, root, path, chosen);
                }
            } else {
                Node node = tree.find(path);
                if (node == null) {
                    throw missing(tree, path);
                }
                chosen.add(new Chosen(path.substring(path.lastIndexOf('/') + 1), node));
            }
        }
        return new Selection(tree, chosen);
    }

    private static void match(SourceTree tree, Node directory, String pattern, List<Chosen> chosen) throws IOException {
        int slash = pattern.indexOf('/');
        PathPattern first = PathPattern.of(slash < 0 ? pattern : pattern.substring(0, slash));
        for (Node child : tree.children(directory)) {
            if (!first.matches(child.name())) {
                continue;
            }
            Node found = child.entry().type() == io.slipway.image.tar.TarEntry.Type.SYMLINK
                    ? tree.find(child.path())
                    : child;
            if (found == null) {
                continue;
            }
            if (slash < 0) {
                chosen.add(new Chosen(child.name(), found));
            } else if (found.isDirectory()) {
                match(tree, found, pattern.substring(slash + 1), chosen);
            }
        }
    }

    private static CopyException missing(SourceTree tree, String path) throws IOException {
        int slash = path.lastIndexOf('/');
        Node parent = tree.find(slash < 0 ? "" : path.substring(0, slash));
        String near = parent == null || !parent.isDirectory()
                ? null
                : Suggestion.nearest(
                        path.substring(slash + 1),
                        tree.children(parent).stream().map(Node::name).toList());
        return new CopyException("\"/" + FileName.display(path) + "\" is not found"
                + (near == null ? "" : " (did you mean " + near + "?)"));
    }

    /** Adds everything that the copy's result depends on: names, kinds, modes, links, attributes and content; never a time. */
    void addTo(KeyHash key) throws IOException {
        for (Chosen source : chosen) {
            key.add(source.name());
            addTo(key, source.node(), "");
        }
        key.add(chosen.size());
    }

    private void addTo(KeyHash key, Node node, String relative) throws IOException {
        key.add(relative)
                .add(node.entry().type().name())
                .add(node.entry().mode())
                .add(node.entry().linkName());
        key.add(node.entry().uid()).add(node.entry().gid());
        key.add(node.content() == null ? null : node.content().hex());
        key.add(
                node.path().equals(node.link()) || node.link() == null
                        ? null
                        : node.link().toString());
        for (Map.Entry<String, byte[]> xattr : node.entry().xattrs().entrySet()) {
            key.add(xattr.getKey()).add(xattr.getValue());
        }
        if (node.isDirectory()) {
            List<Node> children = tree.children(node);
            key.add(children.size());
            for (Node child : children) {
                addTo(key, child, child.name());
            }
        }
    }
}
