package io.slipway.worker.cache;

import io.slipway.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results of the steps of one tenant (a project, or a scope of it), one small file each: {@code STEP/LINEAGE}. The first part is the key of the instruction
 * with all that it reads beside the root file system; the second is the content that it ran on. Records appear whole, by
 * rename, so any number of workers may share the directory. Thread-safe.
 */
public final class StepCache {
    private static final Pattern TENANT = Pattern.compile("[a-z0-9][A-Za-z0-9._+-]{0,254}");
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Path directory;
    private final Supplier<Path> unfinished;

    /**
     * The cache of a tenant.
     *
     * @param root the directory of all tenants' caches
     * @param unfinished gives new paths on the same file system, where records lie until they are whole
     * @throws IllegalArgumentException if {@code tenant} is no name of one
     */
    public StepCache(Path root, String tenant, Supplier<Path> unfinished) {
        if (!TENANT.matcher(tenant).matches()) {
            throw new IllegalArgumentException("not the name of a tenant: " + tenant);
        }
        this.directory = root.resolve(tenant);
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
        RecordFile.move(record, directory(step).resolve(lineage.hex()));
    }

    /** Forgets what the step came to, under all its names. */
    public void remove(Digest step, Digest lineage, CachedStep result) throws IOException {
        if (result.byContent() != null) {
            Files.deleteIfExists(file(result.byContent()));
        }
        Files.deleteIfExists(directory(step).resolve(lineage.hex()));
    }

    private Path directory(Digest step) {
        return directory.resolve(step.hex().substring(0, 2)).resolve(step.hex());
    }
}
