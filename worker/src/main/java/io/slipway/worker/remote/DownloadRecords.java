package io.slipway.worker.remote;

import io.slipway.image.Digest;
import io.slipway.remote.http.HttpSource.Validators;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.cache.RecordFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one project's builds have downloaded, one small file for each URL, so that a server can say that it is still right. The
 * bytes are in the content store. Records appear whole, by rename, so any number of workers may share the directory. Thread-safe.
 */
final class DownloadRecords {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Path directory;
    private final Supplier<Path> unfinished;

    /** @param unfinished gives new paths on the same file system, where records lie until they are whole */
    DownloadRecords(Path directory, Supplier<Path> unfinished) {
        this.directory = directory;
        this.unfinished = unfinished;
    }

    /**
     * A file that was downloaded.
     *
     * @param digest SHA-256 of its bytes
     * @param modified when it was last changed, by what the server said, in seconds since 1970
     */
    record Downloaded(
            Digest digest,
            long size,
            long modified,
            @Nullable String etag,
            @Nullable String lastModified) {

        Instant time() {
            return Instant.ofEpochSecond(modified);
        }

        /** What to ask the server with, or null if it gave nothing. */
        @Nullable
        Validators validators() {
            return etag == null && lastModified == null ? null : new Validators(etag, lastModified);
        }
    }

    /** What was last downloaded from a URL, or null. */
    @Nullable
    Downloaded find(String url) throws IOException {
        try {
            Path file = file(url);
            // The time of its last use, for the garbage collector.
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return MAPPER.readValue(Files.readAllBytes(file), Downloaded.class);
        } catch (NoSuchFileException e) {
            return null;
        } catch (JacksonException e) {
            // What a power cut has left half written is replaced by the next download.
            return null;
        }
    }

    void put(String url, Downloaded downloaded) throws IOException {
        Path record = Files.write(unfinished.get(), MAPPER.writeValueAsBytes(downloaded));
        RecordFile.move(record, file(url));
    }

    /** The URL itself may hold what is not to be written down. */
    private Path file(String url) {
        return directory.resolve(new KeyHash("download").add(url).digest().hex());
    }
}
