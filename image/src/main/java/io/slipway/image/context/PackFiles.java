package io.slipway.image.context;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Files in a directory as if they lay one behind the other, in the order of their names, which say where each begins and how long it
 * is: so one that was lost or cut off is noticed. What {@link ContextManifest#place} makes.
 */
final class PackFiles implements ContentFiles {
    private final List<Path> paths;
    private final List<SharedFile> files;
    /** Where each begins, ascending, and the end of all. */
    private final long[] starts;

    private PackFiles(List<Path> paths, List<SharedFile> files, long[] starts) {
        this.paths = paths;
        this.files = files;
        this.starts = starts;
    }

    /** The name of the file that begins at a position. */
    static String name(long start, long bytes) {
        return String.format(Locale.ROOT, "%019d-%d", start, bytes);
    }

    /**
     * Opens all files of a directory.
     *
     * @throws IOException if they are not those that were put there
     */
    static PackFiles open(Path directory) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            found.forEach(paths::add);
        }
        paths.sort(null);
        long[] starts = new long[paths.size() + 1];
        List<SharedFile> files = new ArrayList<>();
        PackFiles packs = new PackFiles(List.copyOf(paths), files, starts);
        try {
            for (int i = 0; i < paths.size(); i++) {
                SharedFile file = SharedFile.open(paths.get(i));
                files.add(file);
                long size = file.size();
                if (!paths.get(i).endsWith(name(starts[i], size))) {
                    throw new IOException("the build context is not as it was when it was stored: " + paths.get(i));
                }
                starts[i + 1] = starts[i] + size;
            }
            return packs;
        } catch (IOException | RuntimeException e) {
            try (packs) {
                throw e;
            }
        }
    }

    @Override
    public long size() {
        return starts[starts.length - 1];
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        if (position >= size()) {
            return -1;
        }
        int file = at(position);
        return files.get(file).read(target, position - starts[file]);
    }

    @Override
    public FileRange range(long offset, long length) {
        int file = at(offset);
        return new FileRange(paths.get(file), offset - starts[file], length);
    }

    private int at(long position) {
        int found = Arrays.binarySearch(starts, 0, files.size(), position);
        return found >= 0 ? found : -found - 2;
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (SharedFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
