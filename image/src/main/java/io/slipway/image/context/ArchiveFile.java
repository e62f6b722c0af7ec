package io.slipway.image.context;

import io.slipway.image.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Set;

/**
 * A tar on its way to the disk, and then its index. Closing it removes both unless it was finished. Only the owner may read
 * them: contexts have sources, and at times secrets, in them.
 */
final class ArchiveFile extends OutputStream {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path tarFile;
    private final ContextLimits limits;
    private final FileChannel channel;
    private final DiskReserve reserve;
    private final MessageDigest hash = Digest.sha256();
    private long size;
    private boolean finished;

    private ArchiveFile(Path tarFile, ContextLimits limits, FileChannel channel) {
        this.tarFile = tarFile;
        this.limits = limits;
        this.channel = channel;
        this.reserve = new DiskReserve(tarFile, limits.freeBytes());
    }

    /**
     * Makes the file.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is one already; it is left alone
     */
    static ArchiveFile create(Path tarFile, ContextLimits limits) throws IOException {
        return new ArchiveFile(tarFile, limits, createFile(tarFile));
    }

    /** Makes a file that only its owner may read. */
    static FileChannel createFile(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), OWNER_ONLY);
    }

    long size() {
        return size;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /**
     * Writes.
     *
     * @throws ContextException if that is more than the limit
     * @throws DiskReserveException if less of the disk is free than has to stay so
     */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > limits.bytes() - size) {
            throw ContextException.tooLarge("The context has more than " + limits.bytes() + " bytes uncompressed.");
        }
        reserve.require(size, length);
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        hash.update(bytes, offset, length);
        size += length;
    }

    /** Writes the index. After this, both files stay. */
    ContextSummary finish(ContextTree tree, long receivedBytes) throws IOException {
        Digest digest = Digest.of(hash);
        Path index = IndexFormat.indexOf(tarFile);
        // Left by a tar that is gone.
        Files.deleteIfExists(index);
        try (FileChannel file = createFile(index);
                OutputStream out = Channels.newOutputStream(file)) {
            IndexWriter.write(tree, size, digest, out);
        }
        finished = true;
        return new ContextSummary(size, receivedBytes, tree.size(), digest);
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            if (!finished) {
                ContextArchive.delete(tarFile);
            }
        }
    }
}
