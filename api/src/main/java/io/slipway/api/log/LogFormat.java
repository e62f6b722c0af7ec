package io.slipway.api.log;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import java.util.List;
import java.util.function.Function;
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
     * @param allowed forms that there are; the first one if the caller leaves the choice
     * @param parameter {@code ?format=}, or null; it wins
     * @param accept the header {@code Accept}, or null
     */
    static LogFormat of(List<LogFormat> allowed, @Nullable String parameter, @Nullable String accept) {
        if (parameter != null) {
            for (LogFormat format : allowed) {
                if (format.parameter.equals(parameter)) {
                    return format;
                }
            }
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID,
                            "`format` must be " + list(allowed, format -> format.parameter) + ", but is `" + parameter
                                    + "`.")
                    .with("parameter", "format");
        }
        if (accept == null || accept.isBlank()) {
            return allowed.getFirst();
        }
        try {
            List<MediaType> wanted = MediaType.parseMediaTypes(accept);
            MimeTypeUtils.sortBySpecificity(wanted);
            for (MediaType type : wanted) {
                for (LogFormat format : allowed) {
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
                ProblemType.NOT_ACCEPTABLE,
                "There is only " + list(allowed, format -> format.mediaType.split(";", 2)[0]) + ".");
    }

    private static String list(List<LogFormat> formats, Function<LogFormat, String> name) {
        List<String> names = formats.stream().map(name).toList();
        return String.join(", ", names.subList(0, names.size() - 1)) + " or " + names.getLast();
    }
}
