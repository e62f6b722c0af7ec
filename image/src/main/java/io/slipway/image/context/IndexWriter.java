package io.slipway.image.context;

import io.slipway.image.Digest;
import io.slipway.image.context.ContextTree.Inode;
import io.slipway.image.context.ContextTree.Node;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.SparseSegment;
import io.slipway.image.tar.TarEntry;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/** Writes a tree as an index file, see {@link IndexFormat}. */
final class IndexWriter {
    private static final byte[] NO_BYTES = new byte[0];
    private static final byte[] NO_DIGEST = new byte[IndexFormat.SHA256_BYTES];

    /** All nodes in the order of their records. */
    private final List<Node> nodes;
    /** The record of each node's first child, by the node's number. */
    private final int[] firstChildren;

    private int heapBytes;

    private IndexWriter(ContextTree tree) {
        this.nodes = new ArrayList<>(tree.size() + 1);
        this.firstChildren = new int[tree.size() + 1];
    }

    /**
     * Writes the index of a tree.
     *
     * @param out not closed
     */
    static void write(ContextTree tree, long tarBytes, Digest tarDigest, OutputStream out) throws IOException {
        IndexWriter writer = new IndexWriter(tree);
        writer.number(tree.root());
        writer.write(tarBytes, tarDigest, out);
    }

    /** Numbers the nodes breadth first, so that children lie together, and chooses the owners of shared files. */
    private void number(Node root) {
        nodes.add(root);
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            node.number = i;
            Inode inode = node.inode;
            if (inode.owner == null || node.order < inode.owner.order) {
                inode.owner = node;
            }
            firstChildren[i] = nodes.size();
            List<Node> children = new ArrayList<>(node.children());
            children.sort((a, b) -> ContextPath.compareBytes(a.name, b.name));
            nodes.addAll(children);
        }
    }

    private void write(long tarBytes, Digest tarDigest, OutputStream out) throws IOException {
        for (Node node : nodes) {
            heapBytes = Math.addExact(heapBytes, HeapBytes.of(node).length());
        }
        CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32());
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(checked, 64 * 1024));
        data.writeLong(IndexFormat.MAGIC);
        data.writeLong(tarBytes);
        data.writeInt(nodes.size());
        data.writeInt(heapBytes);
        data.write(HexFormat.of().parseHex(tarDigest.hex()));
        int heapOffset = 0;
        for (Node node : nodes) {
            heapOffset = writeRecord(node, heapOffset, data);
        }
        for (Node node : nodes) {
            HeapBytes heap = HeapBytes.of(node);
            data.write(heap.name);
            data.write(heap.symlinkTarget);
            data.write(heap.xattrsAndSparse);
        }
        data.flush();
        data.writeLong(checked.getChecksum().getValue());
        data.flush();
    }

    /** Writes a record, and returns where in the heap the next one's bytes begin. */
    private int writeRecord(Node node, int heapOffset, DataOutputStream data) throws IOException {
        Inode inode = node.inode;
        HeapBytes heap = HeapBytes.of(node);
        Node owner = inode.owner == null ? node : inode.owner;
        boolean hardLink = owner != node && inode.type == TarEntry.Type.FILE;

        data.writeInt(node.parent == null ? 0 : node.parent.number);
        int offset = heapOffset;
        offset = writeReference(offset, heap.name, data);
        data.writeInt(IndexFormat.TYPES.indexOf(hardLink ? TarEntry.Type.HARD_LINK : inode.type));
        data.writeInt(inode.mode);
        data.writeLong(inode.uid);
        data.writeLong(inode.gid);
        data.writeLong(inode.mtime.getEpochSecond());
        data.writeInt(inode.mtime.getNano());
        data.writeLong(inode.size);
        data.writeLong(inode.dataOffset);
        data.write(inode.sha256 == null ? NO_DIGEST : inode.sha256);
        data.writeInt(hardLink ? owner.number : -1);
        offset = writeReference(offset, heap.symlinkTarget, data);
        offset = writeReference(offset, heap.xattrsAndSparse, data);
        data.writeInt(firstChildren[node.number]);
        data.writeInt(node.children().size());
        return offset;
    }

    private static int writeReference(int offset, byte[] bytes, DataOutputStream data) throws IOException {
        data.writeInt(offset);
        data.writeInt(bytes.length);
        return offset + bytes.length;
    }

    /** What a record points to. */
    private static final class HeapBytes {
        final byte[] name;
        final byte[] symlinkTarget;
        final byte[] xattrsAndSparse;

        private HeapBytes(byte[] name, byte[] symlinkTarget, byte[] xattrsAndSparse) {
            this.name = name;
            this.symlinkTarget = symlinkTarget;
            this.xattrsAndSparse = xattrsAndSparse;
        }

        static HeapBytes of(Node node) throws IOException {
            return new HeapBytes(
                    FileName.encode(node.name), FileName.encode(node.inode.symlinkTarget), xattrsAndSparse(node.inode));
        }

        int length() {
            return name.length + symlinkTarget.length + xattrsAndSparse.length;
        }

        private static byte[] xattrsAndSparse(Inode inode) throws IOException {
            if (inode.xattrs.isEmpty() && inode.sparse == null) {
                return NO_BYTES;
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream data = new DataOutputStream(bytes);
            data.writeInt(inode.xattrs.size());
            for (Map.Entry<String, byte[]> xattr : inode.xattrs.entrySet()) {
                byte[] key = FileName.encode(xattr.getKey());
                data.writeInt(key.length);
                data.write(key);
                data.writeInt(xattr.getValue().length);
                data.write(xattr.getValue());
            }
            List<SparseSegment> sparse = inode.sparse;
            data.writeInt(sparse == null ? -1 : sparse.size());
            if (sparse != null) {
                for (SparseSegment segment : sparse) {
                    data.writeLong(segment.offset());
                    data.writeLong(segment.length());
                }
            }
            return bytes.toByteArray();
        }
    }
}
