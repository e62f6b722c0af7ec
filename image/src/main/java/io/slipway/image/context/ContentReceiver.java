package io.slipway.image.context;

import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarException;
import io.slipway.image.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;

/** Receives contents of files as a tar, plain or compressed, whose entries are named by the SHA-256 of what is in them. Used once. */
public final class ContentReceiver {
    private static final long MOST_PADDING_BYTES = 16L << 20;

    private final Wanted wanted;
    private final List<Received> received;
    private final MessageDigest hash = Digest.sha256();
    private final byte[] buffer = new byte[64 * 1024];
    private final ContextLimits limits;
    private final DiskReserve reserve;

    private ContentReceiver(Wanted wanted, ContextLimits limits, DiskReserve reserve, List<Received> received) {
        this.wanted = wanted;
        this.limits = limits;
        this.reserve = reserve;
        this.received = received;
    }

    /** Which contents may come. */
    @FunctionalInterface
    public interface Wanted {
        /**
         * Whether this content is to be kept; false if it is there already.
         *
         * @throws ContextException if it must not come
         */
        boolean wants(ContentId content, long bytes) throws ContextException;
    }

    /**
     * A content that came and is what its name says.
     *
     * @param offset where it begins in the pack
     */
    public record Received(ContentId content, long offset, long bytes) {}

    /**
     * Writes contents one behind the other into a pack.
     *
     * @param body read to its end; not closed
     * @param pack made, must not exist; has, whatever happens, exactly the contents that {@code received} has at the end
     * @param received what came is added
     * @param limits of the bytes, received and of the contents together, and of the room that they leave
     * @throws ContextException if something is no tar, or not what its name says: what came before it is kept
     * @throws DiskReserveException if less of the disk is free than has to stay so: what came before is kept
     * @throws IOException if the body can't be read, then its own exception, or the disk can't be written
     */
    public static void receive(
            InputStream body, Path pack, Wanted wanted, ContextLimits limits, List<Received> received)
            throws IOException {
        try (FileChannel channel = ArchiveFile.createFile(pack)) {
            try {
                new ContentReceiver(wanted, limits, new DiskReserve(pack, limits.freeBytes()), received)
                        .receive(new ReceivedBody(body, limits.receivedBytes()), channel);
            } finally {
                channel.truncate(end(received));
            }
        }
    }

    private static long end(List<Received> received) {
        return received.isEmpty()
                ? 0
                : received.getLast().offset() + received.getLast().bytes();
    }

    private void receive(ReceivedBody body, FileChannel pack) throws IOException {
        try (TarReader tar = new TarReader(new DecompressedBody(body, "The compressed data of the contents"))) {
            for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                if (entry.type() == TarEntry.Type.DIRECTORY) {
                    continue; // what tar(1) writes of the folder that the contents lay in
                }
                receive(entry, tar.content(), pack);
            }
            tar.requireOnlyZerosToEnd(MOST_PADDING_BYTES);
            if (!tar.endMarked()) {
                throw ContextException.invalid(
                        "The tar of contents ends without the blocks of zeros that end a tar: it was cut off.");
            }
        } catch (ContextException e) {
            throw e;
        } catch (TarException e) {
            IOException failure = body.failure();
            if (failure != null) {
                throw failure;
            }
            throw ContextException.invalid("The tar of contents is broken: " + e.getMessage() + ".", e);
        }
    }

    private void receive(TarEntry entry, InputStream content, FileChannel pack) throws IOException {
        String name = entry.name().substring(entry.name().lastIndexOf('/') + 1);
        String quoted = ContextPath.quoted(entry.name());
        ContentId id = ContentId.parse(name)
                .orElseThrow(() -> ContextException.invalid("The entry " + quoted
                        + " of the contents is not named by its SHA-256, 64 hexadecimal digits in lower case."));
        if (entry.type() != TarEntry.Type.FILE) {
            throw ContextException.invalid("The entry " + quoted + " of the contents is no file.");
        }
        if (!wanted.wants(id, entry.size())) {
            return;
        }
        long offset = end(received);
        // A sparse file's holes are endless and cost its sender nothing.
        if (entry.size() > limits.bytes() - offset) {
            throw ContextException.tooLarge("The contents have more than " + limits.bytes() + " bytes.");
        }
        long position = offset;
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            hash.update(buffer, 0, count);
            reserve.require(position, count);
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
            while (bytes.hasRemaining()) {
                position += pack.write(bytes, position);
            }
        }
        ContentId real = ContentId.read(ByteBuffer.wrap(hash.digest()));
        if (!real.equals(id)) {
            throw ContextException.invalid(
                    "The entry " + quoted + " of the contents is not what its name says: its SHA-256 is " + real + ".");
        }
        received.add(new Received(id, offset, entry.size()));
    }
}
