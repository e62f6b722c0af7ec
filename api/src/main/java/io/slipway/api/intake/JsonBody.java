package io.slipway.api.intake;

import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.JsonObjects;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.remote.Authorization;
import io.slipway.remote.git.GitSource;
import io.slipway.remote.http.HttpSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the JSON forms of {@code POST /v1/builds}: options, and where the context is if it does not come along. */
final class JsonBody {
    static final String CONTEXT = "context";

    private static final int MOST_BYTES = 1024 * 1024;
    private static final Pattern CHECKSUM = Pattern.compile("(?:sha256:)?([0-9a-fA-F]{64})");

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
                    CONTEXT, "the field context is missing", "say {\"git\": {\"url\": …}} or {\"http\": {\"url\": …}}");
        }
        return new Request(options, source(context));
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
        byte[] json = in.readNBytes(MOST_BYTES + 1);
        if (json.length > MOST_BYTES) {
            throw new ProblemException(
                    ProblemType.CONTENT_TOO_LARGE, what + " is larger than " + MOST_BYTES + " bytes of JSON");
        }
        return JsonObjects.parse(json, what);
    }

    private static ContextSource source(JsonNode context) {
        if (!(context instanceof ObjectNode object) || object.size() != 1) {
            throw invalid(CONTEXT, "context must have exactly one of git and http", null);
        }
        String kind = object.propertyNames().iterator().next();
        if (!(object.get(kind) instanceof ObjectNode fields)) {
            throw invalid(CONTEXT, "context." + kind + " must be an object", null);
        }
        return switch (kind) {
            case "git" -> git(new Fields("context.git", fields));
            case "http" -> http(new Fields("context.http", fields));
            default -> throw OptionException.unknown("kind of context", kind, List.of("git", "http"));
        };
    }

    private static ContextSource git(Fields fields) {
        GitSource source = new GitSource(
                fields.required("url"),
                fields.text("ref"),
                fields.text("subdirectory"),
                fields.flag("submodules", true),
                null,
                authorization(fields, "git"));
        fields.finish();
        return new ContextSource.Git(source);
    }

    private static ContextSource http(Fields fields) {
        String checksum = fields.text("checksum");
        if (checksum != null) {
            var matcher = CHECKSUM.matcher(checksum);
            if (!matcher.matches()) {
                throw invalid("checksum", "context.http.checksum must be sha256: and 64 hexadecimal digits", null);
            }
            checksum = matcher.group(1).toLowerCase(Locale.ROOT);
        }
        HttpSource source = new HttpSource(fields.required("url"), checksum, authorization(fields, ""), null);
        fields.finish();
        return new ContextSource.Http(source);
    }

    private static @Nullable String authorization(Fields fields, String otherUser) {
        String username = fields.text("username");
        String password = fields.text("password");
        return password == null ? null : Authorization.basic(username == null ? otherUser : username, password);
    }

    private static OptionException invalid(String field, String message, @Nullable String hint) {
        return new OptionException(field, message, hint);
    }

    /** The members of one object, each read once. */
    private static final class Fields {
        private final String path;
        private final ObjectNode object;
        private final List<String> known = new ArrayList<>();

        Fields(String path, ObjectNode object) {
            this.path = path;
            this.object = object;
        }

        @Nullable
        String text(String name) {
            known.add(name);
            JsonNode value = object.get(name);
            if (value == null) {
                return null;
            }
            if (!value.isString() || value.stringValue().isEmpty()) {
                throw invalid(name, path + "." + name + " must be a text that is not empty", null);
            }
            return value.stringValue();
        }

        String required(String name) {
            String text = text(name);
            if (text == null) {
                throw invalid(name, path + "." + name + " is missing", null);
            }
            return text;
        }

        boolean flag(String name, boolean otherwise) {
            known.add(name);
            JsonNode value = object.get(name);
            if (value == null) {
                return otherwise;
            }
            if (!value.isBoolean()) {
                throw invalid(name, path + "." + name + " must be true or false", null);
            }
            return value.booleanValue();
        }

        /** Refuses members that nobody read. */
        void finish() {
            for (String name : object.propertyNames()) {
                if (!known.contains(name)) {
                    throw OptionException.unknown("field of " + path, name, known);
                }
            }
        }
    }
}
