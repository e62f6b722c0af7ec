package io.slipway.api.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Keeps a second service away from the same home: both would think that its PostgreSQL and its workers are theirs. */
final class HomeLock implements AutoCloseable {
    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock of {@code home}, which is made if it is missing.
     *
     * @throws IllegalStateException when another service has it
     */
    static HomeLock take(Path home) throws IOException {
        Files.createDirectories(
                home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileChannel channel =
                FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new HomeLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Another service in this very process has it: the same answer.
        }
        channel.close();
        throw new IllegalStateException("another Slipway runs with the same home, " + home);
    }

    /** Lets go of the home. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
