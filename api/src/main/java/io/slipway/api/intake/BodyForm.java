package io.slipway.api.intake;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The three forms that a request for a build can have. */
enum BodyForm {
    /** The body is the context; options stand in the query. */
    ARCHIVE,
    /** The parts {@code build} and {@code context}. */
    MULTIPART,
    /** Options, and where the context is to be fetched. */
    JSON;

    /**
     * The form that the request's {@code Content-Type} says. A body that curl labels as a form by default is an archive, and
     * so is one without a type.
     *
     * @throws ProblemException {@link ProblemType#MEDIA_TYPE_UNSUPPORTED}
     */
    static BodyForm of(HttpServletRequest request) {
        @Nullable String contentType = request.getContentType();
        if (contentType == null) {
            return ARCHIVE;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case "application/json" -> JSON;
            case "multipart/form-data" -> MULTIPART;
            case "application/x-tar",
                    "application/tar",
                    "application/gzip",
                    "application/x-gzip",
                    "application/x-gtar",
                    "application/x-tgz",
                    "application/x-compressed-tar",
                    "application/zstd",
                    "application/octet-stream",
                    "application/x-www-form-urlencoded",
                    "" -> ARCHIVE;
            default ->
                throw new ProblemException(
                                ProblemType.MEDIA_TYPE_UNSUPPORTED, "A build can't come as " + shown(type) + ".")
                        .with(
                                "hint",
                                "send application/x-tar (gzip and zstd are recognised), multipart/form-data or"
                                        + " application/json");
        };
    }

    private static String shown(String type) {
        return type.length() > 100 ? type.substring(0, 100) + "…" : type;
    }
}
