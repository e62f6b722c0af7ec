package io.slipway.api.upload;

import io.slipway.image.context.ContentId;
import io.slipway.image.context.ContentReceiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file of contents one behind the other, {@code NAME.pack}, with {@code NAME.index}, which says what is where in it. Neither is ever changed. What is
 * mutable here, the time of its last use, is guarded by the project's contents.
 */
final class Pack {
    /** In the index: SHA-256, offset, length. */
    static final int RECORD_BYTES = ContentId.BYTES + 2 * Long.BYTES;

    private static final String PACK = ".pack";
    private static final String INDEX = ".index";

    /** The time of a pack's file, which says after a restart when it was used, is that exact. */
    private static final Duration TOUCH = Duration.ofMinutes(1);

    private final Path file;
    private final long bytes;
    private final long indexBytes;
    private Instant touched;

    private Pack(Path file, long bytes, long indexBytes, Instant touched) {
        this.file = file;
        this.bytes = bytes;
        this.indexBytes = indexBytes;
        this.touched = touched;
    }

    /** Is told of what an index names. */
    @FunctionalInterface
    interface Visitor {
        void visit(Pack pack, ContentId content, long offset, long bytes);
    }

    /** Where a new pack may be written. */
    static Path newFile(Path directory) {
        return directory.resolve(UUID.randomUUID() + PACK);
    }

    /** Whether a file is an index whose pack is there. */
    static boolean isIndex(Path file) {
        return file.toString().endsWith(INDEX) && Files.exists(sibling(file, INDEX, PACK));
    }

    /** The pack that a file is; null if it is none, or has no index. */
    static @Nullable Pack open(Path file, Visitor visitor) throws IOException {
        if (!file.toString().endsWith(PACK) || !Files.exists(indexOf(file))) {
            return null;
        }
        byte[] index = Files.readAllBytes(indexOf(file));
        Pack pack = new Pack(
                file,
                Files.size(file),
                index.length,
                Files.getLastModifiedTime(file).toInstant());
        ByteBuffer records = ByteBuffer.wrap(index);
        while (records.remaining() >= RECORD_BYTES) {
            visitor.visit(pack, ContentId.read(records), records.getLong(), records.getLong());
        }
        return pack;
    }

    /** Makes a pack of a file by writing its index. */
    static Pack of(Path file, List<ContentReceiver.Received> contents, Instant now) throws IOException {
        ByteBuffer index = ByteBuffer.allocate(Math.multiplyExact(contents.size(), RECORD_BYTES));
        for (ContentReceiver.Received content : contents) {
            content.content().write(index);
            index.putLong(content.offset()).putLong(content.bytes());
        }
        Path temporary = sibling(file, PACK, ".new");
        Files.write(temporary, index.array());
        Files.move(temporary, indexOf(file), StandardCopyOption.ATOMIC_MOVE);
        return new Pack(file, Files.size(file), index.capacity(), now);
    }

    /** The file. */
    Path file() {
        return file;
    }

    /** The size of the file. */
    long bytes() {
        return bytes;
    }

    /** What it takes on the disk, with its index. */
    long onDisk() {
        return bytes + indexBytes;
    }

    /** When it was last used, more or less. */
    Instant touched() {
        return touched;
    }

    /** Remembers that it is used. */
    void touch(Instant now) throws IOException {
        if (touched.plus(TOUCH).isBefore(now)) {
            Files.setLastModifiedTime(file, FileTime.from(now));
            touched = now;
        }
    }

    /** Removes it. */
    void delete() throws IOException {
        // The index first: what has no index is no pack.
        Files.deleteIfExists(indexOf(file));
        Files.deleteIfExists(file);
    }

    private static Path indexOf(Path pack) {
        return sibling(pack, PACK, INDEX);
    }

    private static Path sibling(Path file, String from, String to) {
        String name = file.getFileName().toString();
        return file.resolveSibling(
                name.substring(0, name.length() - from.length()).concat(to));
    }
}
