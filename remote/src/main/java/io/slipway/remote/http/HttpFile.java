package io.slipway.remote.http;

import io.slipway.remote.http.HttpSource.Validators;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;

/**
 * A server's answer.
 *
 * @param unchanged whether what is at hand is still right: there is no body then
 * @param validators what to ask with the next time
 * @param body the content as it comes; closed by whoever hands it over
 */
public record HttpFile(boolean unchanged, Validators validators, InputStream body) {
    /** When the file was last changed; 1970 if the server does not say. */
    public Instant modified() {
        Instant modified = validators.modified();
        return modified == null ? Instant.EPOCH : modified;
    }

    /** Takes an answer. */
    @FunctionalInterface
    public interface Receiver<T extends Closeable> {
        /** Reads the body and returns what became of it. */
        T receive(HttpFile file) throws IOException;
    }
}
