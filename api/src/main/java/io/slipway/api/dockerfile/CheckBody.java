package io.slipway.api.dockerfile;

import io.slipway.api.problem.JsonObjects;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.dockerfile.outline.OutlineRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to check a Dockerfile.
 *
 * @param dockerfile its bytes
 * @param options how it would be built
 * @param project in which project, or null for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record CheckBody(
        byte[] dockerfile, OutlineRequest options, @Nullable String project) {
    private static final KnownParameters PARAMETERS = KnownParameters.of(
                    "target", "buildArg", "platform", "buildContext", "project")
            .withRepeated("buildArg", "buildContext");

    /** A character of a Dockerfile takes six bytes of JSON at most, as an escape; the options have their own limits. */
    private static final int JSON_PER_BYTE = 6;

    private static final int MOST_BYTES_OF_OPTIONS = 2 << 20;

    /**
     * Reads the request in either of its forms: the Dockerfile as it is and options in the query, or everything as JSON.
     *
     * @param mostBytes size of the largest Dockerfile
     * @throws ProblemException if it is larger, or an option is unknown or wrong
     */
    static CheckBody read(HttpServletRequest request, int mostBytes) throws IOException {
        refuseEncoding(request);
        if (!isJson(request.getContentType())) {
            PARAMETERS.check(request);
            CheckQuery query = new CheckQuery(request.getQueryString());
            OutlineRequest options = query.options();
            return new CheckBody(read(request, mostBytes, mostBytes), options, query.project());
        }
        if (request.getQueryString() != null && !request.getQueryString().isEmpty()) {
            throw new ProblemException(
                    ProblemType.PARAMETER_UNKNOWN,
                    "With a body of this type the options stand in the body, not in the query.");
        }
        long mostJson = (long) mostBytes * JSON_PER_BYTE + MOST_BYTES_OF_OPTIONS;
        ObjectNode object = JsonObjects.parseAny(read(request, (int) mostJson, mostBytes), "the body");
        CheckFields fields = new CheckFields(object);
        byte[] dockerfile = fields.dockerfile();
        if (dockerfile.length > mostBytes) {
            throw tooLarge(mostBytes);
        }
        return new CheckBody(dockerfile, fields.options(), fields.project());
    }

    private static boolean isJson(@Nullable String contentType) {
        String type = contentType == null ? "" : contentType.split(";", 2)[0];
        return type.strip().toLowerCase(Locale.ROOT).equals("application/json");
    }

    private static byte[] read(HttpServletRequest request, int most, int mostBytes) throws IOException {
        if (request.getContentLengthLong() > most) {
            throw tooLarge(mostBytes);
        }
        byte[] bytes = request.getInputStream().readNBytes(most + 1);
        if (bytes.length > most) {
            throw tooLarge(mostBytes);
        }
        return bytes;
    }

    private static void refuseEncoding(HttpServletRequest request) {
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
            throw new ProblemException(
                            ProblemType.MEDIA_TYPE_UNSUPPORTED, "A Dockerfile to check has no Content-Encoding.")
                    .with("hint", "send it as it is: it is small");
        }
    }

    private static ProblemException tooLarge(int mostBytes) {
        return new ProblemException(
                ProblemType.CONTENT_TOO_LARGE, "The Dockerfile is larger than " + mostBytes + " bytes.");
    }
}
