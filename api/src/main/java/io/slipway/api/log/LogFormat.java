package io.slipway.api.log;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.MimeTypeUtils;

/** The forms in which a log is given out. */
enum LogFormat {
    TEXT("text", "text/plain;charset=UTF-8"),
    NDJSON("ndjson", "application/x-ndjson"),
    SSE("sse", MediaType.TEXT_EVENT_STREAM_VALUE);

    private final String parameter;
    private final String mediaType;

    LogFormat(String parameter, String mediaType) {
        this.parameter = parameter;
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }

    /**
     * What the caller wants.
     *
     * @param parameter {@code ?format=}, or null; it wins
     * @param accept the header {@code Accept}, or null; text when it leaves the choice
     */
    static LogFormat of(@Nullable String parameter, @Nullable String accept) {
        if (parameter != null) {
            for (LogFormat format : values()) {
                if (format.parameter.equals(parameter)) {
                    return format;
                }
            }
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID,
                            "`format` must be text, ndjson or sse, but is `" + parameter + "`.")
                    .with("parameter", "format");
        }
        if (accept == null || accept.isBlank()) {
            return TEXT;
        }
        try {
            List<MediaType> wanted = MediaType.parseMediaTypes(accept);
            MimeTypeUtils.sortBySpecificity(wanted);
            for (MediaType type : wanted) {
                for (LogFormat format : values()) {
                    if (type.getQualityValue() > 0
                            && type.isCompatibleWith(MediaType.parseMediaType(format.mediaType))) {
                        return format;
                    }
                }
            }
        } catch (InvalidMediaTypeException e) {
            throw new ProblemException(
                    ProblemType.PARAMETER_INVALID, "The header Accept can't be read: " + e.getMessage());
        }
        throw new ProblemException(
                ProblemType.NOT_ACCEPTABLE, "A log is text/plain, application/x-ndjson or text/event-stream.");
    }
}
