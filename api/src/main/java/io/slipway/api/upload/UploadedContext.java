package io.slipway.api.upload;

import io.slipway.api.conditional.Moving;
import java.time.Instant;
import java.util.List;

/**
 * A context that was sent as a manifest, as its resource says.
 *
 * @param id {@code ctx_…}
 * @param project whose it is
 * @param state complete or incomplete
 * @param entries how many files, directories and links it has
 * @param bytes of all files together
 * @param missing SHA-256 of the contents that have not come, in hexadecimal digits, each once
 * @param missingBytes their sizes together
 * @param expiresAt when it goes unless it is used before
 */
public record UploadedContext(
        String id,
        String project,
        String state,
        int entries,
        long bytes,
        List<String> missing,
        long missingBytes,
        Instant expiresAt,
        Links links)
        implements Moving {
    /** Without when it expires: reading it is a use, which moves that. */
    @Override
    public Object still() {
        return List.of(id, project, state, entries, bytes, missing, missingBytes, links);
    }

    /** Where to go from here; absolute paths. */
    public record Links(String self, String files) {}

    public UploadedContext {
        missing = List.copyOf(missing);
    }
}
