package io.slipway.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.api.intake.option.BuildOption;
import io.slipway.api.intake.option.OptionKind;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.testing.OpenApi;
import io.slipway.protocol.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

final class OpenApiTest {
    /** Bytes that nobody reads. */
    private static final Set<String> BYTES =
            Set.of("application/x-tar", "application/gzip", "application/zstd", "application/octet-stream");

    /** Objects of requests, whose unknown members the service refuses; and one that another one adds to, which is closed. */
    private static final Set<String> OPEN =
            Set.of("BuildRequest", "BuildRequestOptions", "RegistryCredentials", "RegistryEvents", "Trigger");

    private final JsonNode document = OpenApi.contract().document();

    @Test
    void theOptionsAreThoseOfTheTable() {
        assertThat(names("/components/schemas/Options/properties")).isEqualTo(BuildOption.names());
        assertThat(names("/components/schemas/BuildRequestOptions/properties")).isEqualTo(BuildOption.names());
        List<String> query = new ArrayList<>();
        for (JsonNode parameter : document.at("/paths/~1v1~1builds/post/parameters")) {
            if (parameter.path("in").asString("").equals("query")) {
                query.add(parameter.path("name").stringValue());
            }
        }
        assertThat(query)
                .isEqualTo(Arrays.stream(BuildOption.values())
                        .filter(option -> option.kind() != OptionKind.CREDENTIALS && option.kind() != OptionKind.KEYS)
                        .map(BuildOption::wireName)
                        .toList());
    }

    @Test
    void optionsHaveTheTypesOfTheTable() {
        for (BuildOption option : BuildOption.values()) {
            JsonNode schema = document.at("/components/schemas/Options/properties/" + option.wireName());
            switch (option.kind()) {
                case TEXT -> assertThat(schema.path("type").stringValue()).isEqualTo("string");
                case CHOICE ->
                    assertThat(texts(schema.path("enum"))).as(option.wireName()).isEqualTo(option.choices());
                case FLAG -> assertThat(schema.path("type").stringValue()).isEqualTo("boolean");
                case INTEGER -> assertThat(schema.path("type").stringValue()).isEqualTo("integer");
                case SECRETS -> assertThat(schema.path("anyOf").size()).isEqualTo(3);
                case TIME, DURATION, TEXTS ->
                    assertThat(schema.path("anyOf").size()).isEqualTo(2);
                case PAIRS ->
                    assertThat(schema.path("$ref").stringValue()).isEqualTo("#/components/schemas/NamesAndValues");
                case CREDENTIALS, KEYS, CONTEXTS ->
                    assertThat(schema.path("type").stringValue()).isEqualTo("object");
            }
        }
    }

    @Test
    void errorCodesAreTheClosedSetAndEachIsExplained() throws IOException {
        List<String> codes =
                Arrays.stream(ErrorCode.values()).map(ErrorCode::wireName).toList();
        assertThat(texts(document.at("/components/schemas/ErrorCode/enum"))).isEqualTo(codes);
        String advice = document.at("/components/schemas/ErrorCode/description").stringValue();
        assertThat(codes).allSatisfy(code -> assertThat(advice).containsPattern("(?m)^- `" + code + "`: \\S"));
        String explained = Files.readString(Path.of("../docs/errors.md"));
        assertThat(Pattern.compile("^### `(.+)`$", Pattern.MULTILINE)
                        .matcher(explained)
                        .results()
                        .map(heading -> heading.group(1)))
                .containsExactlyElementsOf(codes);
    }

    @Test
    void typesOfProblemsAreTheClosedSetAndEachIsExplained() throws IOException {
        List<String> types = Arrays.stream(ProblemType.values())
                .map(type -> "/problems/" + type.slug())
                .toList();
        assertThat(texts(document.at("/components/schemas/Problem/properties/type/enum")))
                .isEqualTo(types);
        String explained = Files.readString(Path.of("../docs/errors.md"));
        assertThat(Arrays.stream(ProblemType.values()))
                .allSatisfy(type -> assertThat(explained)
                        .contains("| `" + type.slug() + "` | " + type.status().value()));
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryComponentIsUsed() {
        Set<String> references = new HashSet<>();
        Matcher matcher = Pattern.compile("\"\\$ref\":\"#([^\"]+)\"").matcher(document.toString());
        while (matcher.find()) {
            references.add(matcher.group(1));
        }
        assertThat(references)
                .isNotEmpty()
                .allSatisfy(pointer -> assertThat(document.at(pointer).isMissingNode())
                        .as(pointer)
                        .isFalse());
        for (String kind : List.of("schemas", "responses", "parameters", "headers")) {
            for (String name : document.path("components").path(kind).propertyNames()) {
                assertThat(references).anyMatch(reference -> reference.startsWith("/components/" + kind + "/" + name));
            }
        }
    }

    @Test
    void everyOperationHasANameASummaryAndErrors() {
        Set<String> ids = new HashSet<>();
        for (JsonNode path : document.path("paths")) {
            for (String method : List.of("get", "post", "put", "patch", "delete")) {
                JsonNode operation = path.path(method);
                if (!operation.isMissingNode()) {
                    assertThat(ids.add(operation.path("operationId").stringValue()))
                            .isTrue();
                    assertThat(operation.path("summary").asString("")).isNotEmpty();
                    assertThat(operation.path("responses").propertyNames()).anyMatch(status -> status.startsWith("4"));
                }
            }
        }
    }

    @Test
    void examplesAreWhatTheirSchemasSay() {
        assertThat(OpenApi.contract().faultsOfExamples()).isEmpty();
    }

    @Test
    void everyBodyThatIsTextHasAnExample() {
        List<String> without = new ArrayList<>();
        for (String path : document.path("paths").propertyNames()) {
            JsonNode item = document.path("paths").path(path);
            for (String method : item.propertyNames()) {
                JsonNode operation = item.path(method);
                List<JsonNode> bodies = new ArrayList<>(List.of(operation.path("requestBody")));
                operation.path("responses").forEach(bodies::add);
                for (JsonNode body : bodies) {
                    JsonNode content = followed(body).path("content");
                    for (String type : content.propertyNames()) {
                        JsonNode media = content.path(type);
                        boolean has = media.has("example")
                                || media.has("examples")
                                || followed(media.path("schema")).has("examples");
                        if (!has && !BYTES.contains(type)) {
                            without.add(method + " " + path + " " + type);
                        }
                    }
                }
            }
        }
        assertThat(without).isEmpty();
    }

    private JsonNode followed(JsonNode node) {
        String reference = node.path("$ref").asString("");
        return reference.isEmpty() ? node : followed(document.at(reference.substring(1)));
    }

    @Test
    void whatAnswersHaveIsAllSaid() {
        List<String> open = new ArrayList<>();
        for (String name : document.path("components").path("schemas").propertyNames()) {
            JsonNode schema = document.path("components").path("schemas").path(name);
            boolean object = schema.path("type").asString("").equals("object");
            if (object
                    && schema.has("properties")
                    && !schema.has("additionalProperties")
                    && !schema.has("unevaluatedProperties")) {
                open.add(name);
            }
        }
        assertThat(open).containsExactlyInAnyOrderElementsOf(OPEN);
    }

    @Test
    void whatIsNotPromisedIsNoticed() {
        OpenApi contract = OpenApi.contract();
        byte[] problem = """
                {"type": "/problems/unauthorized", "title": "t", "status": 401, "detail": "d"}
                """.getBytes(StandardCharsets.UTF_8);
        contract.check("GET", "/v1/builds?x=y", 401, "application/problem+json", problem);
        assertThatThrownBy(() -> contract.check("GET", "/v1/builds", 418, "application/problem+json", problem))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no such status");
        assertThatThrownBy(() -> contract.check("GET", "/v1/builds", 401, "text/html", problem))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no such media type");
        byte[] wrong = "{\"type\": \"/problems/other\", \"title\": 1}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> contract.check("GET", "/v1/builds", 401, "application/problem+json", wrong))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("detail")
                .hasMessageContaining("enum");
        assertThatThrownBy(() -> contract.check("GET", "/v3", 200, null, new byte[0]))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no such path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"logs", "events"})
    void whatIsNoEntryOfALogIsNoticed(String what) {
        String event = document.at("/paths/~1v1~1builds~1{id}~1" + what
                                + "/get/responses/200/content/text~1event-stream/example")
                        .stringValue()
                + "\n";
        checkStream(what, "text/event-stream", "retry: 2000\n\n" + event + ":\n\n" + event);
        String entry = event.substring(event.indexOf('{'), event.indexOf('}') + 1) + "\n";
        checkStream(what, "application/x-ndjson", entry + entry);
        for (String wrong : List.of(
                event.replace("\"seq\":7", "\"seq\":\"7\""),
                event.replace("id: 7", "id: 8"),
                event.replace("event: step_finished", "event: ended"),
                event.replace("data: ", "date: "),
                event.replaceAll("data: .*", "data: 7"),
                event.stripTrailing())) {
            assertThatThrownBy(() -> checkStream(what, "text/event-stream", event + wrong))
                    .as(wrong)
                    .isInstanceOf(AssertionError.class);
        }
        String wrong = entry.replace("step_finished", "step_over");
        assertThatThrownBy(() -> checkStream(what, "application/x-ndjson", entry + wrong))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("step_over");
    }

    private static void checkStream(String what, String type, String body) {
        OpenApi.contract()
                .check("GET", "/v1/builds/x/" + what + "?follow", 200, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> names(String pointer) {
        return List.copyOf(document.at(pointer).propertyNames());
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.stringValue()));
        return texts;
    }
}
