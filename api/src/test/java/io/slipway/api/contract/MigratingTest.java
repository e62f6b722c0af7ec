package io.slipway.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.intake.option.BuildOption;
import io.slipway.api.testing.OpenApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What docs/migrating.md says that something is called here is called so. */
final class MigratingTest {
    private static final Path DOCS = Path.of("../docs");
    private static final JsonNode CONTRACT = OpenApi.contract().document();

    /** Names of fields, of parameters, and words of closed sets. */
    private static final Set<String> NAMES = new HashSet<>();

    static {
        collectNames(CONTRACT);
    }

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([a-z]+\\.md)?(?:#([^)]+))?\\)");

    /** {@code GET …/logs?follow=true}; what is left out of the path is any beginning. */
    private static final Pattern CALL = Pattern.compile("(GET|POST|PUT|DELETE) (…)?(/[^?]*)(?:\\?(.*))?");

    private static final Pattern SETTING = Pattern.compile("slipway\\.[a-z.\\[\\]n*-]+");
    private static final Pattern WITH_VALUE = Pattern.compile("\\??([a-zA-Z]+)=(.*)");
    private static final Pattern INSTRUCTION = Pattern.compile("(COPY|FROM|RUN)( .+)?");

    private static void collectNames(JsonNode node) {
        NAMES.addAll(node.path("properties").propertyNames());
        if (node.has("in")) {
            NAMES.add(node.path("name").asString(""));
        }
        node.path("enum").forEach(word -> NAMES.add(word.asString()));
        node.forEach(MigratingTest::collectNames);
    }

    /** What stands in backquotes in the tables' second column. */
    static List<String> saidToBeHere() throws IOException {
        return Files.readAllLines(DOCS.resolve("migrating.md")).stream()
                .filter(line -> line.startsWith("| "))
                .map(line -> line.split("\\|")[2])
                .flatMap(MigratingTest::codes)
                .distinct()
                .toList();
    }

    private static Stream<String> codes(String text) {
        return CODE.matcher(text).results().map(code -> code.group(1));
    }

    @Test
    void theTablesAreRead() throws IOException {
        assertThat(saidToBeHere())
                .hasSizeGreaterThan(50)
                .contains("dockerfileInline", "POST …/retry", "slipway.ca-file");
    }

    @ParameterizedTest
    @MethodSource("saidToBeHere")
    void whatIsSaidToBeHereIs(String code) throws IOException {
        assertThat(isHere(code)).as(code).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dockerfilePath",
                "repository.pass",
                "GET …/log",
                "DELETE …/cancel",
                "GET …/logs?tails=1",
                "slipway.ca-files",
                "slipway.stores.*",
                "noCache=perhaps",
                "layers=single",
                "?waits=",
                "./dev build --servers",
            })
    void whatIsNotHereWouldBeFound(String code) throws IOException {
        assertThat(isHere(code)).as(code).isFalse();
    }

    private static boolean isHere(String code) throws IOException {
        Matcher call = CALL.matcher(code);
        if (call.matches()) {
            return hasCall(call);
        }
        if (SETTING.matcher(code).matches()) {
            return hasSetting(code);
        }
        Matcher valued = WITH_VALUE.matcher(code);
        if (valued.matches()) {
            return NAMES.contains(valued.group(1)) && takes(valued.group(1), valued.group(2));
        }
        if (code.startsWith("./dev ")) {
            return Files.readString(DOCS.resolve("api.md")).contains(code.replaceFirst(" build ", " build DIR "));
        }
        return INSTRUCTION.matcher(code).matches() || NAMES.containsAll(List.of(code.split("\\.")));
    }

    private static boolean hasCall(Matcher call) {
        String method = call.group(1).toLowerCase(Locale.ROOT);
        boolean anyBeginning = call.group(2) != null;
        return CONTRACT.path("paths")
                .propertyStream()
                .filter(path -> anyBeginning
                        ? path.getKey().endsWith(call.group(3))
                        : path.getKey().equals(call.group(3)))
                .map(path -> path.getValue().path(method))
                .anyMatch(operation -> !operation.isMissingNode() && hasParameters(operation, call.group(4)));
    }

    private static boolean hasParameters(JsonNode operation, String query) {
        return query == null
                || Arrays.stream(query.split("&"))
                        .map(WITH_VALUE::matcher)
                        .allMatch(parameter -> parameter.matches()
                                && operation
                                        .path("parameters")
                                        .valueStream()
                                        .map(MigratingTest::followed)
                                        .anyMatch(known ->
                                                known.path("name").asString("").equals(parameter.group(1))));
    }

    private static JsonNode followed(JsonNode parameter) {
        JsonNode reference = parameter.path("$ref");
        return reference.isMissingNode()
                ? parameter
                : CONTRACT.at(reference.stringValue().substring(1));
    }

    /** In the tables of docs/operating.md, whose settings another test holds to be the service's. */
    private static boolean hasSetting(String code) throws IOException {
        String beginning = code.endsWith("*") ? code.substring(0, code.length() - 1) : null;
        return Files.readAllLines(DOCS.resolve("operating.md")).stream()
                .filter(line -> line.startsWith("| `slipway."))
                .map(line -> codes(line).findFirst().orElseThrow().replaceFirst("\\[m]$", ""))
                .anyMatch(setting -> beginning == null ? setting.equals(code) : setting.startsWith(beginning));
    }

    /** Whether an option takes the value, as far as a word can be wrong. */
    private static boolean takes(String name, String value) {
        return Arrays.stream(BuildOption.values())
                .filter(option -> option.wireName().equals(name))
                .allMatch(option -> switch (option.kind()) {
                    case FLAG -> value.equals("true") || value.equals("false");
                    case CHOICE -> option.choices().contains(value);
                    default ->
                        option != BuildOption.LAYERS
                                || CONTRACT.at("/components/schemas/Options/properties/layers")
                                        .toString()
                                        .contains("`" + value + "`");
                });
    }

    @Test
    void linksLeadToHeadings() throws IOException {
        List<MatchResult> links = LINK.matcher(Files.readString(DOCS.resolve("migrating.md")))
                .results()
                .toList();
        assertThat(links).hasSizeGreaterThan(5).allSatisfy(link -> {
            String file = link.group(1) == null ? "migrating.md" : link.group(1);
            assertThat(DOCS.resolve(file)).exists();
            assertThat(link.group(2))
                    .as(link.group())
                    .satisfiesAnyOf(
                            anchor -> assertThat(anchor).isNull(),
                            anchor -> assertThat(anchor).isIn(anchors(file)));
        });
    }

    /** What headings can be linked by: without punctuation, in lower case, with hyphens for spaces. */
    private static Set<String> anchors(String file) {
        try (Stream<String> lines = Files.lines(DOCS.resolve(file))) {
            return lines.filter(line -> line.matches("#+ .*"))
                    .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
                    .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
