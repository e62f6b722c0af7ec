package io.slipway.api.intake;

import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.ContextSource;
import io.slipway.api.intake.option.OptionCounts;
import io.slipway.api.intake.option.OptionException;
import io.slipway.api.intake.option.SourceFields;
import io.slipway.api.problem.JsonObjects;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the JSON forms of {@code POST /v1/builds}: options, and where the context is if it does not come along. */
final class JsonBody {
    static final String CONTEXT = "context";

    private JsonBody() {}

    /** A request for a build of a context that is to be fetched. */
    record Request(BuildOptions options, ContextSource context) {}

    /**
     * Reads a body of type {@code application/json}.
     *
     * @param registryConfig value of the header {@code X-Registry-Config}, or null
     */
    static Request request(InputStream body, @Nullable String registryConfig) throws IOException {
        ObjectNode object = object(body, "the body");
        BuildOptions options = BuildOptions.fromJson(object, Set.of(CONTEXT), registryConfig);
        JsonNode context = object.get(CONTEXT);
        if (context == null) {
            throw invalid(
                    CONTEXT,
                    "the field context is missing",
                    "write the id of a context, {\"git\": {\"url\": …}} or {\"http\": {\"url\": …}}");
        }
        return new Request(options, SourceFields.context(context));
    }

    /** Reads the part {@code build} of a multipart body: options only. */
    static BuildOptions options(InputStream part, @Nullable String registryConfig) throws IOException {
        ObjectNode object = object(part, "the part build");
        if (object.has(CONTEXT)) {
            throw invalid(CONTEXT, "the part build has a field context", "the part context is the context");
        }
        return BuildOptions.fromJson(object, Set.of(), registryConfig);
    }

    private static ObjectNode object(InputStream in, String what) throws IOException {
        byte[] json = in.readNBytes(OptionCounts.JSON_BYTES + 1);
        if (json.length > OptionCounts.JSON_BYTES) {
            throw new ProblemException(
                    ProblemType.CONTENT_TOO_LARGE,
                    what + " is larger than " + OptionCounts.JSON_BYTES + " bytes of JSON");
        }
        return JsonObjects.parse(json, what);
    }

    private static OptionException invalid(String field, String message, @Nullable String hint) {
        return new OptionException(field, message, hint);
    }
}
