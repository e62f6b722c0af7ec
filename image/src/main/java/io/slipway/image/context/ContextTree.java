package io.slipway.image.context;

import io.slipway.image.tar.SparseSegment;
import io.slipway.image.tar.TarEntry;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The tree that the entries of a tar make, one after the other, as if they were unpacked: the last of a name counts, hard
 * links share a file, missing parents are made. Whatever could leave the tree when a real program unpacks the archive is
 * refused. Not thread-safe.
 */
final class ContextTree {
    private static final int IMPLIED_DIRECTORY_MODE = 0755;

    /** The most of names, link targets, xattrs and sparse maps, in bytes, that are held in memory. */
    private static final long MOST_METADATA_BYTES = 256L << 20;

    private static final int SEGMENT_BYTES = 32;

    private final ContextLimits limits;
    private final Node root;
    private int nodes;
    private int created;
    private long metadataBytes;

    ContextTree(ContextLimits limits) {
        this.limits = limits;
        this.root = new Node(null, "", impliedDirectory(), 0);
    }

    /** A file, directory or symbolic link: what names point to. */
    static final class Inode {
        final TarEntry.Type type;
        final int mode;
        final long uid;
        final long gid;
        final Instant mtime;
        final long size;
        final String symlinkTarget;
        final SortedMap<String, byte[]> xattrs;
        final @Nullable List<SparseSegment> sparse;
        /** Where the content begins in the tar; known when the content has been read. */
        long dataOffset;
        /** SHA-256 of the content of a file; known when the content has been read. */
        byte @Nullable [] sha256;
        /** Whether a hard link was ever made to it. */
        boolean shared;
        /** The name that counts as the file while the others are hard links to it; set by {@link IndexWriter}. */
        @Nullable
        Node owner;

        Inode(TarEntry entry) {
            this.type = entry.type();
            this.mode = entry.mode();
            this.uid = entry.uid();
            this.gid = entry.gid();
            this.mtime = entry.mtime();
            this.size = entry.size();
            this.symlinkTarget = entry.linkName();
            this.xattrs = entry.xattrs();
            this.sparse = entry.sparse();
        }
    }

    /** A name in a directory. */
    static final class Node {
        final @Nullable Node parent;
        final String name;
        /** The place in the order of creation, for choosing among hard links. */
        final int order;

        Inode inode;
        /** The number of its record in the index; set by {@link IndexWriter}. */
        int number;

        private @Nullable Map<String, Node> children;

        private Node(@Nullable Node parent, String name, Inode inode, int order) {
            this.parent = parent;
            this.name = name;
            this.inode = inode;
            this.order = order;
        }

        Collection<Node> children() {
            return children == null ? Collections.emptyList() : children.values();
        }

        private @Nullable Node child(String childName) {
            return children == null ? null : children.get(childName);
        }

        private void put(Node child) {
            if (children == null) {
                children = new HashMap<>(4);
            }
            children.put(child.name, child);
        }

        private boolean isDirectory() {
            return inode.type == TarEntry.Type.DIRECTORY;
        }

        private boolean isEmpty() {
            return children().isEmpty();
        }
    }

    Node root() {
        return root;
    }

    /** How many names there are, without the root. */
    int size() {
        return nodes;
    }

    /**
     * Adds an entry.
     *
     * @return what it is, for the place and digest of the content to be filled in; an inode from before for a hard link
     * @throws ContextException if a context must not have it, or has too many
     */
    Inode add(TarEntry entry) throws ContextException {
        List<String> components = ContextPath.components(entry.name(), "The entry", limits.pathBytes());
        Inode inode = switch (entry.type()) {
            case FILE, DIRECTORY -> new Inode(entry);
            case SYMLINK -> symlink(entry);
            case HARD_LINK -> linked(entry);
            case CHARACTER_DEVICE -> throw special(entry, "a character device");
            case BLOCK_DEVICE -> throw special(entry, "a block device");
            case FIFO -> throw special(entry, "a fifo");
        };
        addMetadata(entry, inode);
        if (components.isEmpty()) {
            if (inode.type != TarEntry.Type.DIRECTORY) {
                throw ContextException.invalid("The entry " + ContextPath.quoted(entry.name())
                        + " puts something else where the root directory is.");
            }
            root.inode = inode;
            return inode;
        }
        place(parent(entry, components), components.getLast(), inode, entry);
        return inode;
    }

    private void place(Node parent, String name, Inode inode, TarEntry entry) throws ContextException {
        Node present = parent.child(name);
        if (present == null) {
            create(parent, name, inode, entry);
            return;
        }
        if (present.inode == inode) {
            // A hard link to itself changes nothing (link(2) says EEXIST, and tar is content with that).
            return;
        }
        if (present.isDirectory() && inode.type != TarEntry.Type.DIRECTORY && !present.isEmpty()) {
            throw ContextException.invalid(
                    "The entry " + ContextPath.quoted(entry.name()) + " would replace a directory that is not empty.");
        }
        if (present.isDirectory() && inode.type == TarEntry.Type.DIRECTORY) {
            present.inode = inode;
            return;
        }
        parent.put(new Node(parent, name, inode, created++));
    }

    private Node create(Node parent, String name, Inode inode, TarEntry entry) throws ContextException {
        if (nodes >= limits.entries()) {
            throw ContextException.tooLarge("The context has more than " + limits.entries()
                    + " files and directories; the entry " + ContextPath.quoted(entry.name()) + " is one too many.");
        }
        nodes++;
        Node node = new Node(parent, name, inode, created++);
        parent.put(node);
        return node;
    }

    /** The directory that the last component is in; made if it is not there. */
    private Node parent(TarEntry entry, List<String> components) throws ContextException {
        Node directory = root;
        for (String component : components.subList(0, components.size() - 1)) {
            Node next = directory.child(component);
            if (next == null) {
                next = create(directory, component, impliedDirectory(), entry);
                addMetadata(component.length());
            }
            requireDirectory(next, "The entry " + ContextPath.quoted(entry.name()) + " is written");
            directory = next;
        }
        return directory;
    }

    private static void requireDirectory(Node node, String what) throws ContextException {
        if (node.inode.type == TarEntry.Type.SYMLINK) {
            throw ContextException.invalid(what + " through the symbolic link " + ContextPath.quoted(path(node)) + ".");
        }
        if (!node.isDirectory()) {
            throw ContextException.invalid(
                    what + " beneath " + ContextPath.quoted(path(node)) + ", which is no directory.");
        }
    }

    private static Inode symlink(TarEntry entry) throws ContextException {
        ContextPath.requireSymlinkTarget(entry.linkName(), entry.name());
        return new Inode(entry);
    }

    /** The file that a hard link names. */
    private Inode linked(TarEntry entry) throws ContextException {
        String what = "The hard link " + ContextPath.quoted(entry.name());
        List<String> target = ContextPath.components(entry.linkName(), what + ": its target", limits.pathBytes());
        Node node = root;
        for (String component : target) {
            requireDirectory(node, what + " leads");
            Node next = node.child(component);
            if (next == null) {
                throw ContextException.invalid(what + " leads to " + ContextPath.quoted(entry.linkName())
                        + ", which is not among the entries before it.");
            }
            node = next;
        }
        if (node.isDirectory()) {
            throw ContextException.invalid(
                    what + " leads to the directory " + ContextPath.quoted(entry.linkName()) + ".");
        }
        node.inode.shared = true;
        return node.inode;
    }

    private static ContextException special(TarEntry entry, String kind) {
        return ContextException.invalid("The entry " + ContextPath.quoted(entry.name()) + " is " + kind
                + "; a context has files, directories and links only.");
    }

    /** Counts what the index will have for a name: a hard link has the attributes of its file once more. */
    private void addMetadata(TarEntry entry, Inode inode) throws ContextException {
        long bytes = (long) entry.name().length() + inode.symlinkTarget.length();
        for (Map.Entry<String, byte[]> xattr : inode.xattrs.entrySet()) {
            bytes += xattr.getKey().length() + xattr.getValue().length;
        }
        List<SparseSegment> sparse = inode.sparse;
        addMetadata(bytes + (sparse == null ? 0 : (long) sparse.size() * SEGMENT_BYTES));
    }

    private void addMetadata(long bytes) throws ContextException {
        metadataBytes += bytes;
        if (metadataBytes > MOST_METADATA_BYTES) {
            throw ContextException.tooLarge("The names and attributes of the context's entries have more than "
                    + MOST_METADATA_BYTES + " bytes.");
        }
    }

    static String path(Node node) {
        StringBuilder path = new StringBuilder(node.name);
        for (Node up = node.parent; up != null && up.parent != null; up = up.parent) {
            path.insert(0, up.name + "/");
        }
        return path.toString();
    }

    private static Inode impliedDirectory() {
        return new Inode(TarEntry.directory("", IMPLIED_DIRECTORY_MODE));
    }
}
