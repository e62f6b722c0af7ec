package io.slipway.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.check.BaseImage;
import io.slipway.dockerfile.check.CheckReport;
import io.slipway.dockerfile.check.CheckRequest;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.check.Rule;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCases;
import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.OutlineRequest;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.PlatformName;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case is refused or accepted as the reference frontend did, or as one of our own says, at the same line and with the same build checks. */
class RecordedLanguageTest {

    private static final String HTTP = "http://127.0.0.1:8000";
    private static final String GIT = "git://127.0.0.1:9418";
    private static final PlatformName PLATFORM = PlatformName.parse("linux/amd64");

    /** Refused here before the image is looked for that the reference looks for first, in vain. */
    private static final Set<String> REFUSED_EARLIER = Set.of("secret-from-is-resolved");

    /** What only shows while building, by the reference's words for it: files, commands, servers, registries, secrets, permissions. */
    private static final Pattern ONLY_WHILE_BUILDING = Pattern.compile(
            "failed to compute cache key: .*"
                    + "|process \".*\" did not complete successfully: .*"
                    + "|failed to load (LLB|cache key): (?!.* is not allowed$).*"
                    + "|.*failed to resolve source metadata for .*"
                    + "|cannot copy to non-directory: .*"
                    + "|mkdir .*"
                    + "|invalid user index: .*"
                    + "|secret nope: not found"
                    + "|no SSH key .*"
                    + "|digest mismatch .*"
                    + "|invalid subdir .*",
            Pattern.DOTALL);

    static Stream<LanguageCase> casesWithDockerfile() {
        return LanguageCases.all().stream().filter(recorded -> recorded.dockerfile() != null);
    }

    @Test
    void allCasesAreRead() {
        assertThat(LanguageCases.recorded()).hasSize(624);
        assertThat(LanguageCases.all()).filteredOn(LanguageCase::isOurs).hasSizeGreaterThan(50);
    }

    @ParameterizedTest
    @MethodSource("casesWithDockerfile")
    void isRefusedAndWarnedAboutAsRecorded(LanguageCase recorded) {
        CheckReport report = check(recorded);
        LanguageCase.Refusal expected = recorded.expectation().refusal();
        DockerfileException refusal = report.refusal();
        boolean accepted = expected == null || showsOnlyWhileBuilding(recorded, expected);
        Integer expectedLine = accepted || expected == null ? null : (Integer) expected.line();
        // Where the reference names no line, ours may.
        boolean anyLine = Integer.valueOf(0).equals(expectedLine);
        Integer line = refusal == null ? null : anyLine ? expectedLine : (Integer) refusal.line();
        assertThat(line)
                .describedAs("recorded: %s; here: %s", expected, refusal == null ? "accepted" : refusal.describe())
                .isEqualTo(expectedLine);
        List<LanguageCase.Warning> warnings = report.warnings().stream()
                .filter(warning -> recorded.isOurs() || !warning.rule().isOurs())
                .map(warning ->
                        new LanguageCase.Warning(warning.line(), warning.rule().label(), warning.message()))
                .toList();
        assertThat(warnings)
                .isEqualTo(recorded.expectation().warnings().stream()
                        .filter(warning -> !showsOnlyWhileBuilding(warning))
                        .toList());
        if (recorded.isOurs() && !accepted && expected != null && refusal != null) {
            assertThat(refusal.message()).contains(expected.message());
        }
    }

    private static boolean showsOnlyWhileBuilding(LanguageCase recorded, LanguageCase.Refusal expected) {
        return recorded.isOurs()
                ? expected.whileBuilding()
                : ONLY_WHILE_BUILDING.matcher(expected.message()).matches()
                        && !REFUSED_EARLIER.contains(recorded.name());
    }

    private static boolean showsOnlyWhileBuilding(LanguageCase.Warning warning) {
        Rule rule = Rule.of(warning.rule()).orElseThrow();
        return (rule.isOurs() && rule != Rule.ARGUMENT_WITHOUT_EFFECT) || rule == Rule.INVALID_BASE_IMAGE_PLATFORM;
    }

    static Stream<LanguageCase> casesWithOutline() {
        return LanguageCases.all().stream()
                .filter(recorded -> !recorded.expectation().outline().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("casesWithOutline")
    void isOutlinedAsExpected(LanguageCase own) {
        Outline outline = Outliner.outline(
                text(own).getBytes(StandardCharsets.UTF_8),
                new OutlineRequest(
                        buildArguments(own), target(own), platform(own), PLATFORM, contexts(own), ignored(own)));
        List<LanguageCase.Outlined> outlined = new ArrayList<>();
        Map<String, List<? extends Record>> kinds = new LinkedHashMap<>();
        kinds.put("stage", outline.stages());
        kinds.put("target", outline.targets());
        kinds.put("arg", outline.args());
        kinds.put("secret", outline.secrets());
        kinds.put("ssh", outline.ssh());
        kinds.put("cache", outline.caches());
        kinds.forEach((kind, records) -> records.forEach(
                one -> outlined.add(new LanguageCase.Outlined(kind, Objects.requireNonNull(plain(one))))));
        assertThat(outlined).containsExactlyElementsOf(own.expectation().outline());
    }

    /** A value as the cases have it: records as maps of their components that are not null, whole numbers as Long. */
    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Integer number -> number.longValue();
            case List<?> list -> list.stream().map(RecordedLanguageTest::plain).toList();
            case Record parts -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                for (RecordComponent component : parts.getClass().getRecordComponents()) {
                    try {
                        Object field = plain(component.getAccessor().invoke(parts));
                        if (field != null) {
                            fields.put(component.getName(), field);
                        }
                    } catch (ReflectiveOperationException e) {
                        throw new LinkageError(e.getMessage(), e);
                    }
                }
                yield fields;
            }
            default -> value;
        };
    }

    static Stream<LanguageCase> casesThatAreBuilt() {
        // What a context has in its config does not follow from the text.
        return casesWithDockerfile()
                .filter(recorded -> recorded.expectation().refusal() == null)
                .filter(recorded -> !recorded.isOurs() || contexts(recorded).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("casesThatAreBuilt")
    void comesToTheRecordedConfigAndHistory(LanguageCase recorded) {
        ImageOutline image = ImageOutline.of(
                Dockerfile.parse(text(recorded)),
                buildArguments(recorded),
                recorded.options("target").stream().findFirst().orElse(""),
                platform(recorded));
        assertThat(image.history()).isEqualTo(history(recorded));
        Map<String, Object> expected = new TreeMap<>(recorded.expectation().config());
        if (!recorded.options("label").isEmpty()) {
            expected.put("Labels", Map.of("a", "1"));
        }
        assertThat(image.config()).isEqualTo(expected);
        assertThat(image.author())
                .isEqualTo(Objects.requireNonNullElse(recorded.expectation().author(), ""));
    }

    /** The recorded history, with the addresses that the Dockerfile is parsed with. */
    private static List<LanguageCase.History> history(LanguageCase recorded) {
        return recorded.expectation().history().stream()
                .map(entry -> new LanguageCase.History(
                        entry.emptyLayer(),
                        entry.createdBy().replace("{{http}}", HTTP).replace("{{git}}", GIT)))
                .toList();
    }

    private static String text(LanguageCase recorded) {
        return Objects.requireNonNullElse(recorded.dockerfile(HTTP, GIT), "");
    }

    private static CheckReport check(LanguageCase recorded) {
        try {
            return Checks.check(new CheckRequest(
                    Dockerfile.parse(text(recorded)),
                    buildArguments(recorded),
                    target(recorded),
                    platform(recorded),
                    PLATFORM,
                    contexts(recorded),
                    stage -> Optional.of(BaseImage.EMPTY),
                    ignored(recorded)));
        } catch (DockerfileException e) {
            return CheckReport.refused(e);
        } catch (InvalidValueException e) {
            return CheckReport.refused(DockerfileException.nowhere(e.message(), e.hint()));
        }
    }

    private static @Nullable String target(LanguageCase recorded) {
        return recorded.options("target").stream().findFirst().orElse(null);
    }

    private static PlatformName platform(LanguageCase recorded) {
        return recorded.options("platform").stream()
                .findFirst()
                .map(PlatformName::parse)
                .orElse(PLATFORM);
    }

    /** The names of the contexts; an image may stand behind each. */
    private static Set<String> contexts(LanguageCase recorded) {
        return recorded.options("context").stream()
                .map(option -> option.split(" ", 2)[0])
                .collect(Collectors.toSet());
    }

    private static Map<String, String> buildArguments(LanguageCase recorded) {
        Map<String, String> arguments = new LinkedHashMap<>();
        for (String argument : recorded.options("buildArg")) {
            int equals = argument.indexOf('=');
            arguments.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return arguments;
    }

    private static IgnorePatterns ignored(LanguageCase recorded) {
        return recorded.parts().stream()
                .filter(LanguageCase.Part.ContextFile.class::isInstance)
                .map(LanguageCase.Part.ContextFile.class::cast)
                .filter(file -> file.path().equals(".dockerignore"))
                .findFirst()
                .map(file -> IgnorePatterns.parse(file.text()))
                .orElse(IgnorePatterns.NONE);
    }
}
