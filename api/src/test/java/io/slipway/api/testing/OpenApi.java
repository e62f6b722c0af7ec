package io.slipway.api.testing;

import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.OpenApi31;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Holds answers of the service to {@code openapi.yaml}: path, method, status, media type and JSON body. Thread-safe. */
public final class OpenApi {
    private static final String IRI = "https://slipway.invalid/openapi.json";

    private final JsonNode document;
    private final SchemaRegistry schemas;

    private OpenApi(JsonNode document) {
        this.document = document;
        this.schemas = SchemaRegistry.withDialect(
                OpenApi31.getInstance(),
                builder -> builder.schemas(Map.of(IRI, JsonMapper.shared().writeValueAsString(document)))
                        .schemaRegistryConfig(SchemaRegistryConfig.builder()
                                .formatAssertionsEnabled(true)
                                .build()));
    }

    private static final class Contract {
        static final OpenApi DOCUMENT = read();

        /** Maven runs tests in the module's directory; the document lies above it. */
        private static OpenApi read() {
            try {
                return new OpenApi(new YAMLMapper().readTree(Files.readString(Path.of("../openapi.yaml"))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The service's contract. */
    public static OpenApi contract() {
        return Contract.DOCUMENT;
    }

    /** The document itself. */
    public JsonNode document() {
        return document;
    }

    /**
     * Checks an answer with its request's method and address.
     *
     * @param body the answer's body
     * @throws AssertionError if the answer is not as promised
     */
    public void check(HttpResponse<?> response, byte[] body) {
        URI uri = response.request().uri();
        check(
                response.request().method(),
                uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()),
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(null),
                body);
    }

    /**
     * Checks an answer. Addresses that the document does not have may only be answered with a problem.
     *
     * @param target the request's path with its query
     * @param contentType the answer's media type, or null for an answer without one
     * @param body the answer's body; empty for HEAD
     * @throws AssertionError if the answer is not as promised
     */
    public void check(String method, String target, int status, @Nullable String contentType, byte[] body) {
        String what = method + " " + target + " was answered " + status + " " + contentType + " "
                + new String(body, 0, Math.min(body.length, 2000), StandardCharsets.UTF_8);
        Optional<String> path = path(target.split("\\?", 2)[0]);
        if (path.isEmpty()) {
            require(status >= 400, what + ": openapi.yaml has no such path");
            return;
        }
        String operation = "/paths/" + escaped(path.get()) + "/"
                + (method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT));
        if (document.at(operation).isMissingNode()) {
            require(status == 405, what + ": openapi.yaml has no such operation");
            return;
        }
        String response = followed(operation + "/responses/" + status);
        if (document.at(response).isMissingNode()) {
            // A 500 is never promised; what fails with it must fail the test.
            throw new AssertionError(what + ": openapi.yaml has no such status");
        }
        JsonNode content = document.at(response + "/content");
        if (content.isMissingNode() || method.equals("HEAD")) {
            require(body.length == 0, what + ": openapi.yaml promises no body");
            return;
        }
        String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
        require(content.has(type), what + ": openapi.yaml has no such media type");
        if (type.endsWith("json") && !type.endsWith("x-ndjson")) {
            validate(response + "/content/" + escaped(type) + "/schema", body, what);
        } else if (type.endsWith("x-ndjson")) {
            new String(body, StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line ->
                            validate("/components/schemas/LogEntry", line.getBytes(StandardCharsets.UTF_8), what));
        }
    }

    private void validate(String pointer, byte[] json, String what) {
        List<Error> errors = schemas.getSchema(SchemaLocation.of(IRI + "#" + pointer.replace("%", "%25")))
                .validate(JsonMapper.shared().readTree(json));
        require(errors.isEmpty(), what + ": " + errors);
    }

    /** The path of the document that matches; the one with the fewest parameters wins. */
    private Optional<String> path(String path) {
        String wanted = path.equals("/v2/") ? "/v2" : path;
        JsonNode paths = document.path("paths");
        if (paths.has(wanted)) {
            return Optional.of(wanted);
        }
        return paths.propertyNames().stream()
                .filter(template -> Pattern.matches(template.replaceAll("\\{[a-z]+}", "[^/]+"), wanted))
                .min(Comparator.comparingInt(template -> template.split("\\{").length));
    }

    private String followed(String pointer) {
        JsonNode reference = document.at(pointer).path("$ref");
        return reference.isString() ? reference.stringValue().substring(1) : pointer;
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
