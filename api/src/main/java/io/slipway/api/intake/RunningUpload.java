package io.slipway.api.intake;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An upload that is going on.
 *
 * @param number grows with each that begins
 * @param request the id of its request ({@code X-Request-Id})
 * @param project absent until the options were read, which may come after the context
 * @param path where it is sent
 * @param receivedBytes what has come so far, as it was sent: compressed, if it is
 * @param announcedBytes how many there are to be ({@code Content-Length}), or absent
 * @param lastReceivedAt when the last of them came
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RunningUpload(
        @JsonIgnore long number,
        String request,
        @Nullable String project,
        String path,
        long receivedBytes,
        @Nullable Long announcedBytes,
        Instant startedAt,
        Instant lastReceivedAt) {
    static final Comparator<RunningUpload> OLDEST_FIRST = Comparator.comparing(RunningUpload::key);

    /** By what they are sorted, oldest first. */
    String key() {
        return String.format(Locale.ROOT, "%020d %s", number, request);
    }
}
