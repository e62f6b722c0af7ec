package io.slipway.api.intake;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.build.ContextDirectory;
import io.slipway.api.limit.LimitProblems;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.storage.StorageKeeper;
import io.slipway.db.build.BuildId;
import io.slipway.protocol.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Stores contexts, one tar per build. Thread-safe. */
@Component
final class ContextFiles {
    private final SlipwayProperties.Limits limits;
    private final Path directory;
    private final StorageKeeper storage;

    ContextFiles(SlipwayProperties properties, ContextDirectory directory, StorageKeeper storage) {
        this.storage = storage;
        this.limits = properties.limits();
        this.directory = directory.path();
    }

    /**
     * Stores a context as it comes: checked entry by entry, uncompressed, hashed. On any failure nothing is kept.
     *
     * @param archive a tar, plain or compressed
     * @throws ProblemException if it is no archive, has entries that a context must not have, or is too large; or the disk is full
     * @throws IOException if {@code archive} can't be read or the disk can't be written
     */
    StoredContext receive(BuildId id, InputStream archive) throws IOException {
        return receive(id, null, archive);
    }

    /**
     * Refuses an archive that is known to be too large before any of it is read.
     *
     * @param announced size in bytes that its sender has announced; negative: none was
     * @param most how many it may have
     * @throws ProblemException {@link ProblemType#CONTENT_TOO_LARGE}
     */
    static void requireSize(long announced, long most) {
        if (announced > most) {
            throw LimitProblems.contextTooLarge(announced, most);
        }
    }

    /** The same, held against what any context may have. */
    void requireSize(long announced) {
        requireSize(announced, limits.contextSize().toBytes());
    }

    /**
     * Stores a context of a build.
     *
     * @param number of a named one, which lies beside that of the build: it is the only one with this number; null: the build's own
     */
    StoredContext receive(BuildId id, @Nullable Integer number, InputStream archive) throws IOException {
        return receive(id, number, archive, limits.contextSize().toBytes());
    }

    /**
     * The same.
     *
     * @param most bytes that it may have, uncompressed
     */
    StoredContext receive(BuildId id, @Nullable Integer number, InputStream archive, long most) throws IOException {
        requireSpace();
        return StoredContext.receive(
                id, number == null ? tar(id) : place(id, number), archive, StoredContext.limits(limits, most));
    }

    /** What takes the place of the tar of a context that is put together here; does not exist yet. */
    Path place(BuildId id) {
        return tar(id);
    }

    /** The same for a named context. */
    Path place(BuildId id, int number) {
        return directory.resolve(id + "." + number + ".tar");
    }

    /** A directory that does not exist yet, for fetching the context of {@code id}. */
    Path scratch(BuildId id) {
        return directory.resolve(id + ".fetch");
    }

    private Path tar(BuildId id) {
        return directory.resolve(id + ".tar");
    }

    /**
     * Refuses contexts when the disk is low and nothing can be collected, so that running builds don't fail for it.
     *
     * @throws ProblemException {@link ProblemType#DISK_FULL}
     */
    void requireSpace() throws IOException {
        requireSpace(0);
    }

    /**
     * The same before a body is read.
     *
     * @param announced how many bytes its sender has announced; negative: none
     */
    void requireSpace(long announced) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        long needed = limits.freeSpace().toBytes() + Math.max(0, announced);
        if (free < needed && storage.makeRoom()) {
            free = Files.getFileStore(directory).getUsableSpace();
        }
        if (free < needed) {
            throw new ProblemException(
                            ProblemType.DISK_FULL,
                            "The service's disk has " + free + " bytes free, less than it keeps for running builds"
                                    + (announced > 0 ? " and needs for the " + announced + " bytes to come." : "."))
                    .with("code", ErrorCode.DISK_FULL.wireName());
        }
    }
}
