package io.slipway.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.check.CheckReport;
import io.slipway.dockerfile.check.CheckRequest;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCases;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.PlatformName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recorded case is refused or accepted as the reference frontend did, at the same line and with the same build checks. */
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
        assertThat(LanguageCases.all()).hasSize(624);
    }

    @ParameterizedTest
    @MethodSource("casesWithDockerfile")
    void isRefusedAndWarnedAboutAsRecorded(LanguageCase recorded) {
        CheckReport report = check(recorded);
        LanguageCase.Refusal expected = recorded.expectation().refusal();
        DockerfileException refusal = report.refusal();
        boolean accepted = expected == null
                || (ONLY_WHILE_BUILDING.matcher(expected.message()).matches()
                        && !REFUSED_EARLIER.contains(recorded.name()));
        Integer expectedLine = accepted || expected == null ? null : (Integer) expected.line();
        // Where the reference names no line, ours may.
        boolean anyLine = Integer.valueOf(0).equals(expectedLine);
        Integer line = refusal == null ? null : anyLine ? expectedLine : (Integer) refusal.line();
        assertThat(line)
                .describedAs("recorded: %s; here: %s", expected, refusal == null ? "accepted" : refusal.describe())
                .isEqualTo(expectedLine);
        List<LanguageCase.Warning> warnings = report.warnings().stream()
                .map(warning ->
                        new LanguageCase.Warning(warning.line(), warning.rule().label(), warning.message()))
                .toList();
        assertThat(warnings).isEqualTo(recorded.expectation().warnings());
    }

    static Stream<LanguageCase> casesThatAreBuilt() {
        return casesWithDockerfile().filter(recorded -> recorded.expectation().refusal() == null);
    }

    @ParameterizedTest
    @MethodSource("casesThatAreBuilt")
    void comesToTheRecordedConfigAndHistory(LanguageCase recorded) {
        ImageOutline image = ImageOutline.of(
                Dockerfile.parse(text(recorded)),
                buildArguments(recorded),
                recorded.options("target").stream().findFirst().orElse(""));
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
                    recorded.options("target").stream().findFirst().orElse(null),
                    PLATFORM,
                    PLATFORM,
                    Set.copyOf(recorded.options("context")),
                    stage -> Optional.of(Map.of()),
                    ignored(recorded)));
        } catch (DockerfileException e) {
            return CheckReport.refused(e);
        } catch (InvalidValueException e) {
            return CheckReport.refused(DockerfileException.nowhere(e.message(), e.hint()));
        }
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
