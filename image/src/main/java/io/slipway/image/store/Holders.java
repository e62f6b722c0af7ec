package io.slipway.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.image.Digest;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * Notes about the blobs of a store that several share: who has had a blob's content, where it has been, and what layer it is. Each is an empty file, named
 * after the blob and a hash of what is noted; it stays when the blob goes, and may go itself at any time: then it has to be found out anew. Thread-safe.
 */
final class Holders {
    private static final int HASH_CHARACTERS = 32;

    private final Path directory;

    Holders(Path directory) {
        this.directory = directory;
    }

    /** Notes that {@code tenant} has the content. */
    void hold(Digest blob, String tenant) throws IOException {
        // In this order: what nobody seems to hold is everybody's.
        noteInUse(blob, "of");
        noteInUse(blob, "of " + tenant);
    }

    /** Marks the note as used now, so that no collector takes it. */
    private void noteInUse(Digest blob, String what) throws IOException {
        boolean marked = false;
        while (!marked) {
            note(blob, what);
            marked = mark(path(blob, what));
        }
    }

    /** Whether {@code tenant} has the content. */
    boolean isHeldBy(Digest blob, String tenant) {
        return isNoted(blob, "of " + tenant);
    }

    /** Whether nobody is known to have the content: if it is here, a version has stored it that noted nobody. */
    boolean isNobodys(Digest blob) {
        return !isNoted(blob, "of");
    }

    /** Notes that the content has come from a registry's host, or was sent there. */
    void noteAt(Digest blob, String host) throws IOException {
        note(blob, "at " + host);
    }

    /** Whether whoever runs that host has had the content: it is for that host to say who else may have it. */
    boolean wasAt(Digest blob, String host) {
        return isNoted(blob, "at " + host);
    }

    /** Notes that a layer's blob was found to have this diff ID. */
    void noteDiffId(Digest blob, Digest diffId) throws IOException {
        note(blob, "is " + diffId);
    }

    /** Whether a layer's blob was found to have this diff ID. */
    boolean hasDiffId(Digest blob, Digest diffId) {
        return isNoted(blob, "is " + diffId);
    }

    private static boolean mark(Path note) throws IOException {
        try {
            Files.setLastModifiedTime(note, FileTime.from(Instant.now()));
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private Path path(Digest blob, String what) {
        return directory.resolve(blob.hex().substring(0, 2)).resolve(name(blob, what));
    }

    /** The name of a file that says something of a blob. */
    static String name(Digest blob, String what) {
        return blob.hex() + "." + Digest.of(what.getBytes(UTF_8)).hex().substring(0, HASH_CHARACTERS);
    }

    private boolean isNoted(Digest blob, String what) {
        return Files.exists(path(blob, what), LinkOption.NOFOLLOW_LINKS);
    }

    private void note(Digest blob, String what) throws IOException {
        Path path = path(blob, what);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.createFile(path);
        } catch (FileAlreadyExistsException e) {
            // Somebody else was faster.
        } catch (NoSuchFileException e) {
            Files.createDirectories(path.getParent());
            note(blob, what);
        }
    }
}
