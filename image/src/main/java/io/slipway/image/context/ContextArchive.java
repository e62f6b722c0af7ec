package io.slipway.image.context;

import io.slipway.image.tar.TarEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Predicate;

/**
 * Stores build contexts: an uncompressed tar, and beside it an index ({@code <tar>.index}). A context that has its index is
 * whole. {@link BuildContext} reads it.
 */
public final class ContextArchive {
    private ContextArchive() {}

    /**
     * Stores a context as it comes, in one pass and in memory that depends on the number of entries only: decompressed
     * (gzip, zstd, bzip2 and xz are recognised), checked, hashed, indexed. As unpacking would have it, the last entry of a
     * name counts, missing parents are made with mode 0755, and an entry {@code ./} describes the root.
     *
     * <p>Refused is what is no tar or ends early, and every entry that could reach out of the tree or does not belong into a
     * context: absolute names and names with {@code ..}; entries beneath a symbolic link or a file; hard links to what is not
     * an earlier entry; a file in the place of a directory that is not empty; devices and fifos. Where a symbolic link leads
     * does not matter.
     *
     * @param body read to its end; not closed
     * @param tarFile made with mode 0600, must not exist; on any failure neither it nor its index is left
     * @throws ContextException if the context is refused
     * @throws DiskReserveException if less of the disk would stay free than {@code limits} say
     * @throws IOException if {@code body} can't be read, then its own exception, or the disk can't be written
     */
    public static ContextSummary receive(InputStream body, Path tarFile, ContextLimits limits) throws IOException {
        try (ArchiveFile archive = ArchiveFile.create(tarFile, limits)) {
            return new ContextReceiver(body, archive, limits).receive();
        }
    }

    /**
     * Begins a context that is made here, entry by entry.
     *
     * @param tarFile made with mode 0600, must not exist
     */
    public static ContextWriter create(Path tarFile, ContextLimits limits) throws IOException {
        return new ContextWriter(ArchiveFile.create(tarFile, limits), limits);
    }

    /**
     * Stores a local directory as a context: root is its owner, modes, mtimes to the second, symbolic and hard links are kept, extended
     * attributes are not. Entries are ordered by name, so the same directory is the same tar.
     *
     * @param leaveOut whether to leave out an entry, by its clean path in the directory
     * @param mayContain for a directory that is left out, whether something in it may yet be kept: only then it is looked
     *     into, and itself kept if something is
     * @param tarFile made with mode 0600, must not exist; on any failure neither it nor its index is left
     * @throws ContextException if there is a socket, a device or a fifo that is not left out, or what this process may not read; then
     *     its cause is an {@link java.nio.file.AccessDeniedException}
     */
    public static ContextSummary pack(
            Path directory, Predicate<String> leaveOut, Predicate<String> mayContain, Path tarFile) throws IOException {
        try (ContextWriter writer = create(tarFile, ContextLimits.none())) {
            new DirectoryPacker(directory, leaveOut, mayContain, new EntrySink() {
                        @Override
                        public void put(TarEntry entry) throws IOException {
                            writer.put(entry);
                        }

                        @Override
                        public void put(TarEntry file, Path path, FileStamp stamp) throws IOException {
                            try (InputStream content =
                                    Files.newInputStream(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                                writer.put(file, content);
                            }
                        }
                    })
                    .walk();
            return writer.finish();
        }
    }

    /** As {@link #pack(Path, Predicate, Predicate, Path)}; directories that are left out are not looked into. */
    public static ContextSummary pack(Path directory, Predicate<String> leaveOut, Path tarFile) throws IOException {
        return pack(directory, leaveOut, path -> false, tarFile);
    }

    /** Is told of the entries of a directory. */
    public interface EntrySink {
        /** A directory, a symbolic link, or a hard link to an earlier file. */
        void put(TarEntry entry) throws IOException;

        /**
         * A file.
         *
         * @param path where it is; it has not been opened
         * @param stamp what it was like just now
         */
        void put(TarEntry file, Path path, FileStamp stamp) throws IOException;
    }

    /**
     * Tells what {@link #pack(Path, Predicate, Path)} would store, in the same order and with the same rules.
     *
     * @throws ContextException as {@code pack} does
     */
    public static void list(Path directory, Predicate<String> leaveOut, EntrySink sink) throws IOException {
        new DirectoryPacker(directory, leaveOut, path -> false, sink).walk();
    }

    /**
     * Gives a context a second name, which stays when the first one is removed; its bytes are there once.
     *
     * @param tarFile a context
     * @param link must not exist; on any failure nothing is left of it
     * @throws NoSuchFileException if there is no context, or it is just being removed
     */
    public static void link(Path tarFile, Path link) throws IOException {
        boolean linked = false;
        try {
            if (Files.isDirectory(tarFile, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(link);
                try (DirectoryStream<Path> packs = Files.newDirectoryStream(tarFile)) {
                    for (Path pack : packs) {
                        Files.createLink(link.resolve(pack.getFileName()), pack);
                    }
                }
            } else {
                Files.createLink(link, tarFile);
            }
            // The index last: it is removed first, so that all of the others were there.
            Files.createLink(IndexFormat.indexOf(link), IndexFormat.indexOf(tarFile));
            linked = true;
        } finally {
            if (!linked) {
                delete(link);
            }
        }
    }

    /** Removes a context, as far as it is there. */
    public static void delete(Path tarFile) throws IOException {
        // The index first: what has no index is no context.
        Files.deleteIfExists(IndexFormat.indexOf(tarFile));
        if (Files.isDirectory(tarFile, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> packs = Files.newDirectoryStream(tarFile)) {
                for (Path pack : packs) {
                    Files.deleteIfExists(pack);
                }
            }
        }
        Files.deleteIfExists(tarFile);
    }
}
