package io.slipway.worker.client;

import io.slipway.image.Digest;
import io.slipway.image.context.ContentId;
import io.slipway.image.context.FileStamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the files of one directory had in them when they were last read, so that a file that has not been touched is not read again. A
 * file counts as the same if inode, size, and both times are (stat(2)): no program can set the time of a change of its state back. Not
 * thread-safe.
 */
final class DigestCache {
    private static final long MAGIC = 0x736c697064676501L;
    private static final int FIXED_BYTES = Integer.BYTES + 5 * Long.BYTES + ContentId.BYTES;

    /** The clock of files stands still for a few milliseconds; one that was changed just now may change again unnoticed. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final Path file;
    private final Map<String, Known> before = new HashMap<>();
    private final Map<String, Known> now = new HashMap<>();
    private boolean changed;

    private record Known(FileStamp stamp, ContentId content) {}

    private DigestCache(Path file) {
        this.file = file;
    }

    /** That of a directory; empty if there is none, or it can't be read. */
    static DigestCache of(Path directory, Map<String, String> environment) {
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path folder =
                cache.isEmpty() ? Path.of(environment.getOrDefault("HOME", "/nonexistent"), ".cache") : Path.of(cache);
        String name = Digest.of(directory.toString().getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, 32);
        DigestCache digests =
                new DigestCache(folder.resolve("slipway").resolve("digests").resolve(name));
        try {
            digests.read();
        } catch (IOException | RuntimeException e) {
            digests.before.clear(); // it is only a cache
        }
        return digests;
    }

    private void read() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
        if (in.getLong() != MAGIC) {
            return;
        }
        while (in.remaining() > 0) {
            char[] path = new char[in.getInt()];
            for (int i = 0; i < path.length; i++) {
                path[i] = in.getChar();
            }
            FileStamp stamp = new FileStamp(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
            before.put(new String(path), new Known(stamp, ContentId.read(in)));
        }
    }

    /** What a file has in it; null if it has to be read. */
    @Nullable
    ContentId find(String path, FileStamp stamp) {
        Known known = before.get(path);
        if (known == null || !known.stamp().equals(stamp)) {
            return null;
        }
        now.put(path, known);
        return known.content();
    }

    /** Remembers what a file had in it when it was as {@code stamp} says, unless it was changed just before {@code read}. */
    void put(String path, FileStamp stamp, ContentId content, Instant read) {
        if (stamp.changed().plus(SETTLED).isBefore(read)) {
            now.put(path, new Known(stamp, content));
            changed = true;
        }
    }

    /** Keeps what is known now. */
    void write() throws IOException {
        if (!changed && now.size() == before.size()) {
            return;
        }
        int bytes = Long.BYTES;
        for (String path : now.keySet()) {
            bytes = Math.addExact(bytes, FIXED_BYTES + 2 * path.length());
        }
        ByteBuffer out = ByteBuffer.allocate(bytes).putLong(MAGIC);
        now.forEach((path, known) -> {
            // As it is: a name that is not UTF-8 has surrogates of its own (FileName).
            out.putInt(path.length());
            for (int i = 0; i < path.length(); i++) {
                out.putChar(path.charAt(i));
            }
            known.stamp().write(out);
            known.content().write(out);
        });
        Path folder = Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Path temporary = Files.createTempFile(
                folder, "new", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(temporary, out.array());
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
