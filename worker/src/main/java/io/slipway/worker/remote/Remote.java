package io.slipway.worker.remote;

import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.Fetched;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An address among the words of ADD. Asked any number of times it gives the same, for the whole build. Thread-safe. */
public sealed interface Remote permits RemoteFile, RemoteRepository {
    /**
     * Adds what is at the address to a key; asks the server if that can't be known otherwise.
     *
     * @throws io.slipway.remote.SourceException if it is not to be had
     */
    void addTo(KeyHash key) throws IOException;

    /**
     * Fetches it.
     *
     * @throws io.slipway.remote.SourceException if it is not to be had
     */
    Fetched fetch() throws IOException;

    /**
     * When it was last changed: a commit was made, a file was changed by what its server says or, if that says nothing, by the newest file in it if
     * it is an archive; null if nobody knows. Fetches it.
     *
     * @throws io.slipway.remote.SourceException if it is not to be had
     */
    @Nullable
    Instant time() throws IOException;
}
