package io.slipway.worker.cli;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.source.FileSize;
import io.slipway.dockerfile.source.InvalidValueException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The Dockerfile of a local directory: in it, somewhere else, or on standard input.
 *
 * @param name its path in the directory, or its file's name if it is not in there
 * @param text as much of it as is read
 * @param inside whether it is in the directory
 * @param ignoreFile the text of the ignore file that counts; empty if there is none
 * @param ignored its patterns
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record LocalDockerfile(String name, byte[] text, boolean inside, String ignoreFile, IgnorePatterns ignored) {
    /** Of a file that is larger than a Dockerfile may be, so much is enough to refuse it. */
    private static final int MOST_BYTES = FileSize.MOST_BYTES + 1;

    private static final String USUAL_NAME = "Dockerfile";
    private static final String IGNORE_FILE = ".dockerignore";

    /**
     * Finds it.
     *
     * @param file where it is, relative to the directory or to the current one; {@code -} for standard input; null for the usual names
     * @throws ParameterException if it is not there
     * @throws AccessDeniedException if it, or the directory, can't be read
     */
    static LocalDockerfile find(CommandLine command, Path directory, @Nullable String file) throws IOException {
        if (Files.isDirectory(directory) && !(Files.isReadable(directory) && Files.isExecutable(directory))) {
            throw new AccessDeniedException(directory.toString());
        }
        if (file == null) {
            boolean small =
                    !Files.exists(directory.resolve(USUAL_NAME)) && Files.exists(directory.resolve("dockerfile"));
            return inside(command, directory, small ? "dockerfile" : USUAL_NAME);
        }
        if (file.equals("-")) {
            byte[] text = System.in.readNBytes(MOST_BYTES);
            return with(command, USUAL_NAME, text, false, List.of(directory.resolve(IGNORE_FILE)));
        }
        if (Files.isRegularFile(directory.resolve(file))) {
            return at(command, directory, directory.resolve(file));
        }
        if (Files.isRegularFile(Path.of(file))) {
            return at(command, directory, Path.of(file));
        }
        throw missing(command, file);
    }

    private static LocalDockerfile at(CommandLine command, Path directory, Path file) throws IOException {
        Path root = directory.toAbsolutePath().normalize();
        Path path = file.toAbsolutePath().normalize();
        if (path.startsWith(root)) {
            return inside(command, directory, root.relativize(path).toString());
        }
        String name = path.getFileName().toString();
        return with(
                command,
                name,
                read(path),
                false,
                List.of(path.resolveSibling(name + IGNORE_FILE), directory.resolve(IGNORE_FILE)));
    }

    private static LocalDockerfile inside(CommandLine command, Path directory, String name) throws IOException {
        Path file = directory.resolve(name);
        if (Files.isDirectory(file)) {
            throw new ParameterException(command, name + " is a directory; name the file with --file");
        }
        if (!Files.isRegularFile(file)) {
            throw missing(command, name);
        }
        return with(
                command,
                name,
                read(file),
                true,
                List.of(directory.resolve(name + IGNORE_FILE), directory.resolve(IGNORE_FILE)));
    }

    private static ParameterException missing(CommandLine command, String name) {
        return new ParameterException(command, "there is no " + name + " in the build context; name it with --file");
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return content.readNBytes(MOST_BYTES);
        }
    }

    private static LocalDockerfile with(
            CommandLine command, String name, byte[] text, boolean inside, List<Path> ignoreFiles) throws IOException {
        for (Path file : ignoreFiles) {
            if (Files.isRegularFile(file)) {
                String ignore = Files.readString(file, StandardCharsets.UTF_8);
                return new LocalDockerfile(name, text, inside, ignore, patterns(command, file, ignore));
            }
        }
        return new LocalDockerfile(name, text, inside, "", IgnorePatterns.NONE);
    }

    /**
     * The patterns of an ignore file.
     *
     * @throws ParameterException if one is none
     */
    static IgnorePatterns patterns(CommandLine command, Path file, String text) {
        try {
            return IgnorePatterns.parse(text);
        } catch (InvalidValueException e) {
            throw new ParameterException(command, file.getFileName() + ", " + e.message(), e);
        }
    }

    /** Whether an entry of the directory stays out of the context: the ignore files themselves are still to be read by the build. */
    boolean leavesOut(String entry) {
        List<String> needed = new ArrayList<>(List.of(IGNORE_FILE));
        if (inside) {
            needed.add(name + IGNORE_FILE);
        }
        return ignored.ignoresAllBelow(entry) && !needed.contains(entry);
    }
}
