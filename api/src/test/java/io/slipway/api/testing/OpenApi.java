package io.slipway.api.testing;

import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.OpenApi31;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Holds answers of the service to {@code openapi.yaml}: path, method, status, header fields, media type and JSON body. Thread-safe. */
public final class OpenApi {
    private static final String IRI = "https://slipway.invalid/openapi.json";

    /** What says more than how the answer is carried; whoever sees one of these has to find it in the document. */
    private static final List<String> HEADERS = List.of(
            "ETag",
            "Link",
            "Location",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
            "WWW-Authenticate",
            "Content-Range",
            "Docker-Content-Digest",
            "Docker-Distribution-Api-Version");

    /** Problems that the document has at its top for all calls: an Accept that can't be satisfied, and requests that can't be read. */
    private static final Set<Integer> ANY_CALL = Set.of(406, 408, 417, 501, 505);

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
     * @throws AssertionError if the answer is not as promised
     */
    public void check(HttpResponse<?> response, byte[] body) {
        check(response.request().method(), target(response), response.statusCode(), response.headers(), body);
    }

    /**
     * Checks the head of an answer whose body nobody can check: the document says of it no more than its media type.
     *
     * @throws AssertionError if the answer is not as promised, or if its body could be checked
     */
    public void checkHead(HttpResponse<?> response) {
        String type = mediaType(typeOf(response.headers()));
        require(!isJson(type) && !LogLines.areIn(type), target(response) + " has a body to be checked: " + type);
        checkHead(response.request().method(), target(response), response.statusCode(), response.headers());
    }

    /**
     * Checks an answer while it is read: its head now, and each of its lines when it comes.
     *
     * @return the lines, to be closed by the caller
     * @throws AssertionError if the answer is not as promised
     */
    public Stream<String> checked(HttpResponse<Stream<String>> response) {
        String type = mediaType(typeOf(response.headers()));
        if (isJson(type)) { // it makes sense as a whole only
            List<String> lines = response.body().toList();
            check(response, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
            return lines.stream();
        }
        checkHead(response.request().method(), target(response), response.statusCode(), response.headers());
        return response.body()
                .peek(new LogLines(this, response.request().method() + " " + target(response), type)::read);
    }

    private static String target(HttpResponse<?> response) {
        URI uri = response.request().uri();
        return uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    }

    private static @Nullable String typeOf(HttpHeaders headers) {
        return headers.firstValue("Content-Type").orElse(null);
    }

    private static String mediaType(@Nullable String contentType) {
        return contentType == null ? "" : contentType.split(";", 2)[0].strip();
    }

    private static boolean isJson(String type) {
        return type.endsWith("json") && !LogLines.areIn(type);
    }

    /**
     * Checks an answer with its header fields.
     *
     * @param target the request's path with its query
     * @throws AssertionError if the answer is not as promised
     */
    void check(String method, String target, int status, HttpHeaders headers, byte[] body) {
        check(method, target, status, typeOf(headers), body);
        checkHeaders(method, target, status, headers);
    }

    /** Checks an answer's status, header fields and media type. */
    private void checkHead(String method, String target, int status, HttpHeaders headers) {
        check(method, target, status, typeOf(headers), null);
        checkHeaders(method, target, status, headers);
    }

    /** Checks an answer that was cut off within its body: the head, and what is whole of a log. */
    void checkBeginning(String method, String target, int status, HttpHeaders headers, byte[] begun) {
        checkHead(method, target, status, headers);
        String type = mediaType(typeOf(headers));
        if (status == 200 && LogLines.areIn(type)) {
            String text = new String(begun, StandardCharsets.UTF_8);
            LogLines lines = new LogLines(this, method + " " + target, type);
            text.substring(0, text.lastIndexOf('\n') + 1).lines().forEach(lines::read);
        }
    }

    private void checkHeaders(String method, String target, int status, HttpHeaders headers) {
        Optional<String> path = path(target.split("\\?", 2)[0]);
        String operation = "/paths/" + escaped(path.orElse("")) + "/" + operation(method) + "/responses/";
        String pointer = followed(operation + status);
        if (document.at(pointer).isMissingNode()) {
            return; // an address or method that is not there, which has its own headers
        }
        for (String header : HEADERS) {
            String promised = promised(operation, pointer, header);
            headers.firstValue(header).ifPresent(value -> {
                String what =
                        method + " " + path.orElse("") + " was answered " + status + " with " + header + ": " + value;
                require(!document.at(promised).isMissingNode(), what + ": openapi.yaml has no such header");
                if (!document.at(promised + "/schema/type").asString("").equals("integer")) {
                    validate(promised + "/schema", JsonMapper.shared().writeValueAsBytes(value), what);
                }
            });
        }
    }

    /** How a project stands is said once, where a build is accepted, of all answers. */
    private String promised(String operation, String response, String header) {
        return followed((header.startsWith("RateLimit") ? operation + "202" : response) + "/headers/" + header);
    }

    /** Faults of every example in the document: what its schema does not allow. */
    public List<String> faultsOfExamples() {
        List<String> faults = new ArrayList<>();
        lookForExamples("", document, faults);
        return faults;
    }

    private void lookForExamples(String pointer, JsonNode node, List<String> faults) {
        if (node.isObject()) {
            boolean isSchema =
                    pointer.contains("/schema") && node.path("examples").isArray();
            if (isSchema) {
                for (int i = 0; i < node.path("examples").size(); i++) {
                    validate(pointer, node.path("examples").path(i), pointer + "/examples/" + i, faults);
                }
            }
            if (node.has("schema")) {
                if (node.has("example")) {
                    validate(pointer + "/schema", node.path("example"), pointer + "/example", faults);
                }
                for (String name : node.path("examples").propertyNames()) {
                    validate(
                            pointer + "/schema",
                            node.path("examples").path(name).path("value"),
                            pointer + "/examples/" + name,
                            faults);
                }
            }
            for (String name : node.propertyNames()) {
                if (!name.startsWith("example")) {
                    lookForExamples(pointer + "/" + escaped(name), node.path(name), faults);
                }
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                lookForExamples(pointer + "/" + i, node.path(i), faults);
            }
        }
    }

    private void validate(String schema, JsonNode example, String what, List<String> faults) {
        schemas.getSchema(SchemaLocation.of(IRI + "#" + schema.replace("%", "%25")))
                .validate(example)
                .forEach(error -> faults.add(what + ": " + error));
    }

    /**
     * Checks an answer. Addresses that the document does not have may only be answered with a problem.
     *
     * @param target the request's path with its query
     * @param contentType the answer's media type, or null for an answer without one
     * @param body the answer's body; empty for HEAD, null for the head alone
     * @throws AssertionError if the answer is not as promised
     */
    public void check(String method, String target, int status, @Nullable String contentType, byte @Nullable [] body) {
        String what = method + " " + target + " was answered " + status + " " + contentType
                + (body == null ? "" : " " + new String(body, 0, Math.min(body.length, 2000), StandardCharsets.UTF_8));
        Optional<String> path = path(target.split("\\?", 2)[0]);
        if (path.isEmpty()) {
            require(status >= 400, what + ": openapi.yaml has no such path");
            return;
        }
        String operation = "/paths/" + escaped(path.get()) + "/" + operation(method);
        if (document.at(operation).isMissingNode()) {
            require(status == 405, what + ": openapi.yaml has no such operation");
            return;
        }
        String response = followed(operation + "/responses/" + status);
        if (document.at(response).isMissingNode() && ANY_CALL.contains(status)) {
            require(mediaType(contentType).equals("application/problem+json"), what + ": that is no problem");
            if (body != null) {
                validate("/components/schemas/Problem", body, what);
            }
            return;
        }
        if (document.at(response).isMissingNode()) {
            // A 500 is never promised; what fails with it must fail the test.
            throw new AssertionError(what + ": openapi.yaml has no such status");
        }
        JsonNode content = document.at(response + "/content");
        if (content.isMissingNode() || method.equals("HEAD")) {
            require(body == null || body.length == 0, what + ": openapi.yaml promises no body");
            return;
        }
        String type = mediaType(contentType);
        require(content.has(type), what + ": openapi.yaml has no such media type");
        if (body == null) {
            return;
        }
        if (isJson(type)) {
            validate(response + "/content/" + escaped(type) + "/schema", body, what);
        } else if (LogLines.areIn(type)) {
            LogLines lines = new LogLines(this, method + " " + target, type);
            new String(body, StandardCharsets.UTF_8).lines().forEach(lines::read);
            lines.end();
        }
    }

    /** Checks an entry of a log, in JSON; {@code what} is the answer that has it. */
    void checkEntry(String entry, String what) {
        validate("/components/schemas/LogEntry", entry.getBytes(StandardCharsets.UTF_8), what + ": " + entry);
    }

    /** HEAD is answered like GET. */
    private static String operation(String method) {
        return method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
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
