package io.slipway.worker.cache;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** Records appear whole, and in directories that the garbage collector removes when they are empty. */
public final class RecordFile {
    /** A collector removes a directory once; it would have to meet one of its parents each time. */
    private static final int ATTEMPTS = 10;

    private RecordFile() {}

    /**
     * Gives a record its name, in place of whatever has it.
     *
     * @param written the record, whole, on the same file system; is gone afterwards
     * @param target its name; the directories above are made
     */
    public static void move(Path written, Path target) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (NoSuchFileException | FileAlreadyExistsException e) {
                // The second is what making a directory says that another one made, and the collector took, meanwhile.
                if (attempt == ATTEMPTS || !Files.exists(written)) {
                    throw e;
                }
            }
        }
    }
}
