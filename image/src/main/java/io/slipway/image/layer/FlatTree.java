package io.slipway.image.layer;

import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What several layers come to when they are applied on each other (OCI image specification 1.1, layer.md, "Applying
 * Changesets"): names, and where each file's content is, but no content. That is a root file system, or one layer that does to what is
 * below what they do one after the other.
 *
 * <p>Layers are applied base first, each one's entries in their order. Names are followed through symbolic links of the tree
 * as a kernel would that extracts beneath the root, so {@code lib/x} becomes {@code usr/lib/x} if {@code lib} links there.
 * Not thread-safe.
 */
public final class FlatTree {
    /** The most names in one image: what a hostile layer can make us hold in memory. */
    public static final int MOST_NAMES = 4_000_000;

    private static final int MAX_FOLLOWED_LINKS = 40; // the kernel's own limit, path_resolution(7)
    private static final int MAX_DEPTH = 2048; // directories below each other in a path of PATH_MAX bytes
    private static final String RESERVED = Whiteout.PREFIX + Whiteout.PREFIX;

    private static final int BELOW = -1;
    private static final int IMPLIED_MODE = 0755;

    private final int maxNodes;
    private final boolean onTop;
    private final Node root = new Node(null, BELOW);
    private int nodes = 1;

    /**
     * No layers yet.
     *
     * @param maxNodes how many names there may be at any time: what limits the memory
     * @param onTop whether there are other layers below these, of which what these remove is to stay removed
     */
    public FlatTree(int maxNodes, boolean onTop) {
        this.maxNodes = maxNodes;
        this.onTop = onTop;
    }

    /**
     * A file, link or device, which may have several names: where its entry is.
     *
     * @param layer the layer, base is 0
     * @param ordinal the entry's number in its layer, the first is 0
     */
    public record Source(int layer, int ordinal) {}

    private static final class Node {
        /** What it is if it is neither a directory nor a whiteout. */
        final @Nullable Source source;
        /** The target if it is a symbolic link. */
        @Nullable
        String linkName;

        /** The entry if it is a directory that a layer describes; a directory that is only implied has none. */
        @Nullable
        TarEntry directory;

        /** The layer that {@link #directory} is of. */
        int described = BELOW;

        /** Whether nothing shows through a directory of what the layers below all of these have there. */
        boolean opaque;

        /** The last layer that mentioned it: what the same layer hides is only what is older. */
        int layer;

        @Nullable
        Map<String, Node> children;

        Node(@Nullable Source source, int layer) {
            this.source = source;
            this.layer = layer;
            this.children = source == null ? new HashMap<>() : null;
        }

        /** Hides what is below, and is nothing itself. */
        static Node whiteout(int layer) {
            Node node = new Node(null, layer);
            node.children = null;
            return node;
        }

        boolean isWhiteout() {
            return source == null && children == null;
        }

        void describe(TarEntry entry, int by) {
            directory = entry;
            described = by;
            layer = by;
        }
    }

    /**
     * Applies one entry.
     *
     * @throws IOException if it leads outside the root, links to nothing, or is one too many
     */
    public void apply(int layer, int ordinal, TarEntry entry) throws IOException {
        List<String> parts = parts(entry.name());
        if (parts.isEmpty()) {
            if (entry.type() == TarEntry.Type.DIRECTORY) {
                root.describe(entry, layer);
            }
            return;
        }
        String name = parts.getLast();
        Node parent = directory(parts.subList(0, parts.size() - 1), layer, entry.name());
        Map<String, Node> siblings = children(parent);
        if (Whiteout.isOpaque(name)) {
            hideAll(parent, layer);
        } else if (name.startsWith(RESERVED)) {
            return; // bookkeeping of aufs, never part of the file system
        } else if (Whiteout.isWhiteout(name)) {
            hide(parent, hidden(entry.name(), name), layer);
        } else {
            put(siblings, name, layer, ordinal, entry);
        }
    }

    /** The directories by path, parents first; implied ones get mode 0755 and belong to root. */
    public List<TarEntry> directories() {
        List<TarEntry> found = new ArrayList<>();
        if (root.directory != null) {
            found.add(root.directory.withName("."));
        }
        collectDirectories(root, "", found);
        return found;
    }

    /**
     * The directories that the layers describe, and the whiteouts for what is below them: each after the directory that it is in. Directories
     * that are only implied are left out where they may be there below.
     */
    public List<TarEntry> changes() {
        List<TarEntry> found = new ArrayList<>();
        if (root.directory != null) {
            found.add(root.directory.withName("."));
        }
        collectChanges(root, "", !onTop, found);
        return found;
    }

    /** The paths of each file, link and device; the first of several paths is the first in order of names. */
    public Map<Source, List<String>> paths() {
        Map<Source, List<String>> paths = new LinkedHashMap<>();
        collectPaths(root, "", paths);
        return paths;
    }

    private void put(Map<String, Node> siblings, String name, int layer, int ordinal, TarEntry entry)
            throws IOException {
        Node old = siblings.get(name);
        if (entry.type() == TarEntry.Type.DIRECTORY) {
            if (old == null || old.children == null) {
                old = addDirectory(siblings, name, layer);
            }
            old.describe(entry, layer);
            return;
        }
        Node node;
        if (entry.type() == TarEntry.Type.HARD_LINK) {
            Node target = find(entry.linkName());
            if (target == null || target.source == null) {
                throw new IOException("the layer's entry %s is a hard link to %s, which is not there"
                        .formatted(FileName.display(entry.name()), FileName.display(entry.linkName())));
            }
            node = new Node(target.source, layer);
            node.linkName = target.linkName;
        } else {
            node = new Node(new Source(layer, ordinal), layer);
            node.linkName = entry.type() == TarEntry.Type.SYMLINK ? entry.linkName() : null;
        }
        add(siblings, name, node);
    }

    /** A new directory; of what a whiteout or a file has hidden below it nothing comes back. */
    private Node addDirectory(Map<String, Node> siblings, String name, int layer) throws IOException {
        boolean opaque = siblings.containsKey(name);
        Node node = add(siblings, name, new Node(null, layer));
        node.opaque = opaque;
        return node;
    }

    private Node add(Map<String, Node> siblings, String name, Node node) throws IOException {
        Node old = siblings.put(name, node);
        nodes += 1 - (old == null ? 0 : count(old));
        if (nodes > maxNodes) {
            throw new IOException("the image has more than " + maxNodes + " files");
        }
        return node;
    }

    /** Removes what older layers have there. What this layer put there stays: whiteouts are about lower layers only. */
    private void hide(Node parent, String name, int layer) throws IOException {
        Map<String, Node> siblings = children(parent);
        Node node = siblings.get(name);
        if (node == null || node.layer < layer) {
            if (onTop && !parent.opaque) {
                add(siblings, name, Node.whiteout(layer));
            } else if (node != null) {
                siblings.remove(name);
                nodes -= count(node);
            }
        } else if (node.children != null) {
            if (node.described < layer) {
                node.directory = null;
            }
            hideAll(node, layer);
        }
    }

    private void hideAll(Node directory, int layer) throws IOException {
        directory.opaque = true;
        for (String child : List.copyOf(children(directory).keySet())) {
            hide(directory, child, layer);
        }
    }

    /** The name that a whiteout hides. */
    private static String hidden(String entryName, String name) throws IOException {
        String target = Whiteout.target(name);
        if (target.isEmpty() || target.equals(".") || target.equals("..")) {
            throw new IOException(
                    "the layer's entry " + FileName.display(entryName) + " removes nothing that a file can be called");
        }
        return target;
    }

    private static int count(Node node) {
        int count = 1;
        if (node.children != null) {
            for (Node child : node.children.values()) {
                count += count(child);
            }
        }
        return count;
    }

    /** The directory at a path, made if it is missing; what is no directory on the way gives way to one. */
    private Node directory(List<String> path, int layer, String entryName) throws IOException {
        Walk walk = new Walk();
        for (String part : path) {
            walk.into(part, layer);
        }
        if (walk.followed > MAX_FOLLOWED_LINKS) {
            throw new IOException("too many symbolic links on the way to " + FileName.display(entryName));
        }
        return walk.here();
    }

    /** What a hard link names; its last part is not followed (POSIX link() of what tar stores). */
    private @Nullable Node find(String name) throws IOException {
        List<String> parts = parts(name);
        if (parts.isEmpty()) {
            return null;
        }
        Walk walk = new Walk();
        for (String part : parts.subList(0, parts.size() - 1)) {
            if (!walk.into(part)) {
                return null;
            }
        }
        return children(walk.here()).get(parts.getLast());
    }

    /** A walk down the tree that never leaves the root. */
    private final class Walk {
        private static final int LOOK_ONLY = -1;
        private final List<Node> trail = new ArrayList<>(List.of(root));
        private int followed;

        Node here() {
            return trail.getLast();
        }

        boolean into(String part) throws IOException {
            return into(part, LOOK_ONLY);
        }

        /** One step; for a layer that writes, missing directories are made on the way. */
        boolean into(String part, int layer) throws IOException {
            if (part.equals("..")) {
                if (trail.size() > 1) {
                    trail.removeLast();
                }
                return true;
            }
            Map<String, Node> siblings = children(here());
            Node next = siblings.get(part);
            if (next != null && next.linkName != null) {
                if (++followed > MAX_FOLLOWED_LINKS) {
                    return false;
                }
                if (next.linkName.startsWith("/")) {
                    trail.subList(1, trail.size()).clear();
                }
                for (String step : next.linkName.split("/")) {
                    if (!step.isEmpty() && !step.equals(".") && !into(step, layer)) {
                        return false;
                    }
                }
                return true;
            }
            if (next == null || next.children == null) {
                if (layer == LOOK_ONLY) {
                    return false;
                }
                next = addDirectory(siblings, part, layer);
            }
            if (layer != LOOK_ONLY) {
                next.layer = layer;
            }
            if (trail.size() > MAX_DEPTH) {
                throw new IOException("a layer nests directories more than " + MAX_DEPTH + " deep");
            }
            trail.add(next);
            return true;
        }
    }

    private static Map<String, Node> children(Node node) {
        if (node.children == null) {
            throw new IllegalStateException("not a directory");
        }
        return node.children;
    }

    /** The parts of an entry's name; an absolute one means beneath the root. */
    private static List<String> parts(String name) throws IOException {
        List<String> parts = new ArrayList<>();
        for (String part : name.split("/")) {
            if (part.equals("..")) {
                throw new IOException("the layer's entry " + FileName.display(name) + " leads outside the root");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static void collectDirectories(Node node, String prefix, List<TarEntry> found) {
        for (Map.Entry<String, Node> child : new TreeMap<>(children(node)).entrySet()) {
            Node directory = child.getValue();
            if (directory.children != null) {
                String path = prefix + child.getKey();
                found.add(
                        directory.directory == null
                                ? TarEntry.directory(path, IMPLIED_MODE)
                                : directory.directory.withName(path));
                collectDirectories(directory, path + "/", found);
            }
        }
    }

    /** @param hidden whether what is below shows nowhere in this directory */
    private static void collectChanges(Node node, String prefix, boolean hidden, List<TarEntry> found) {
        for (Map.Entry<String, Node> child : new TreeMap<>(children(node)).entrySet()) {
            Node next = child.getValue();
            String path = prefix + child.getKey();
            if (next.isWhiteout()) {
                if (!hidden) {
                    found.add(Whiteout.removing(path));
                }
            } else if (next.children != null) {
                boolean made = !hidden && next.opaque;
                if (next.directory != null) {
                    found.add(next.directory.withName(path));
                } else if (hidden || next.opaque) {
                    found.add(TarEntry.directory(path, IMPLIED_MODE));
                }
                if (made) {
                    found.add(Whiteout.opaque(path));
                }
                collectChanges(next, path + "/", hidden || next.opaque, found);
            }
        }
    }

    private static void collectPaths(Node node, String prefix, Map<Source, List<String>> paths) {
        for (Map.Entry<String, Node> child : new TreeMap<>(children(node)).entrySet()) {
            String path = prefix + child.getKey();
            Source source = child.getValue().source;
            if (source == null) {
                if (child.getValue().children != null) {
                    collectPaths(child.getValue(), path + "/", paths);
                }
            } else {
                paths.computeIfAbsent(source, _ -> new ArrayList<>(1)).add(path);
            }
        }
    }
}
