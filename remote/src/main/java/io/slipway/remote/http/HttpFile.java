package io.slipway.remote.http;

import io.slipway.remote.http.HttpSource.Validators;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;

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
        String text = validators.lastModified();
        return text == null ? Instant.EPOCH : parse(text);
    }

    private static Instant parse(String text) {
        try {
            return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text));
        } catch (DateTimeException e) {
            return Instant.EPOCH; // as if it had said nothing, as the reference does
        }
    }

    /** Takes an answer. */
    @FunctionalInterface
    public interface Receiver<T extends Closeable> {
        /** Reads the body and returns what became of it. */
        T receive(HttpFile file) throws IOException;
    }
}
