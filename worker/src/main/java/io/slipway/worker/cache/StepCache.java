package io.slipway.worker.cache;

import io.slipway.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results of one project's steps, one small file each: {@code STEP/LINEAGE}. The first part is the key of the instruction
 * with all that it reads beside the root file system; the second is the content that it ran on. Records appear whole, by
 * rename, so any number of workers may share the directory. Thread-safe.
 */
public final class StepCache {
    private static final Pattern PROJECT = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Path directory;
    private final Supplier<Path> unfinished;

    /**
     * The cache of a project.
     *
     * @param root the directory of all projects' caches
     * @param unfinished gives new paths on the same file system, where records lie until they are whole
     * @throws IllegalArgumentException if {@code project} is no name of a project
     */
    public StepCache(Path root, String project, Supplier<Path> unfinished) {
        if (!PROJECT.matcher(project).matches()) {
            throw new IllegalArgumentException("not the name of a project: " + project);
        }
        this.directory = root.resolve(project);
        this.unfinished = unfinished;
    }

    /**
     * Whether this step was ever run on anything. If not, nobody has to wait for the lineage to be known.
     */
    public boolean knows(Digest step) {
        return Files.isDirectory(directory(step));
    }

    /** What the step came to on this content, or null. */
    public @Nullable CachedStep find(Digest step, Digest lineage) throws IOException {
        try {
            Path record = directory(step).resolve(lineage.hex());
            touch(record);
            CachedStep found = MAPPER.readValue(Files.readAllBytes(record), CachedStep.class);
            if (found.byContent() != null && !found.byContent().step().equals(step)) {
                touchIfThere(file(found.byContent()));
            }
            return found;
        } catch (NoSuchFileException e) {
            return null;
        } catch (JacksonException e) {
            // A record that a power cut has left half written is a miss, and the step's result replaces it.
            return null;
        }
    }

    private static void touchIfThere(Path record) throws IOException {
        try {
            touch(record);
        } catch (NoSuchFileException e) {
            // Collected: it is found by its other name only.
        }
    }

    /** Sets the time of its last use, for the garbage collector. */
    private static void touch(Path record) throws IOException {
        Files.setLastModifiedTime(record, FileTime.from(Instant.now()));
    }

    private Path file(CachedStep.ByContent name) {
        return directory(name.step()).resolve(name.content().hex());
    }

    /** Keeps what the step came to, under all its names; replaces what was there. */
    public void put(Digest step, Digest lineage, CachedStep result) throws IOException {
        if (result.byContent() != null) {
            keep(result.byContent().step(), result.byContent().content(), result);
        }
        keep(step, lineage, result);
    }

    private void keep(Digest step, Digest lineage, CachedStep result) throws IOException {
        Path record = Files.write(unfinished.get(), MAPPER.writeValueAsBytes(result));
        try {
            move(record, step, lineage);
        } catch (NoSuchFileException e) {
            // The garbage collector has removed the step's directory, which was empty still.
            move(record, step, lineage);
        }
    }

    /** Forgets what the step came to, under all its names. */
    public void remove(Digest step, Digest lineage, CachedStep result) throws IOException {
        if (result.byContent() != null) {
            Files.deleteIfExists(file(result.byContent()));
        }
        Files.deleteIfExists(directory(step).resolve(lineage.hex()));
    }

    private void move(Path record, Digest step, Digest lineage) throws IOException {
        Path target = Files.createDirectories(directory(step));
        Files.move(record, target.resolve(lineage.hex()), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path directory(Digest step) {
        return directory.resolve(step.hex().substring(0, 2)).resolve(step.hex());
    }
}
