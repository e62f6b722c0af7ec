package io.slipway.dockerfile.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.stage.PlatformName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Build checks beyond the recorded cases, dockerfile.md §8 and §2. */
class ChecksTest {

    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");

    private static final BaseImage BASE = new BaseImage(Map.of("KNOWN", "1"), List.of(), false, null);

    private static CheckReport check(String text, Map<String, String> buildArguments, boolean baseIsKnown) {
        return Checks.check(new CheckRequest(
                Dockerfile.parse(text),
                buildArguments,
                null,
                AMD64,
                AMD64,
                Set.of(),
                stage -> baseIsKnown ? Optional.of(BASE) : Optional.empty(),
                IgnorePatterns.NONE));
    }

    private static List<String> rules(String text) {
        return check(text, Map.of(), true).warnings().stream()
                .map(warning -> warning.line() + " " + warning.rule().label())
                .toList();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "FROM x;LABEL a=$KNOWN                                   | -",
                "FROM x;LABEL a=$UNKNOWN                                 | 2 UndefinedVar",
                "FROM x;ARG UNKNOWN;LABEL a=$UNKNOWN                     | -",
                "FROM x;RUN --mount=type=cache,target=$t x               | 2 UndefinedVar",
                "FROM x;COPY --chown=$o a /b                             | 2 UndefinedVar",
                "FROM x;ARG a=$b                                         | 2 UndefinedVar",
                "FROM x AS y;ARG a=1;FROM y;LABEL a=$a                   | -",
                "FROM x;CMD a;ENTRYPOINT b                               | 2 JSONArgsRecommended,3 JSONArgsRecommended",
                "FROM x AS y;SHELL [\"z\"];FROM y;CMD a                  | -",
                "FROM x AS y;WORKDIR /a;FROM y;WORKDIR b                 | -",
                "FROM x;WORKDIR a;WORKDIR b                              | 2 WorkdirRelativePath",
                "FROM x;ENV DB_AUTH=1;ARG AUTHOR=1;ENV KEYS=1            | 2 SecretsUsedInArgOrEnv",
                "FROM x;ENV TOKEN_VERSION=1 KEY=1                        | 2 SecretsUsedInArgOrEnv",
                "from x as y                                             | -",
                "from x AS y                                             | 1 FromAsCasing",
                "FROM x As y                                             | 1 FromAsCasing",
                "FROM --platform=linux/arm64 x AS build-arm64            | -",
                "FROM --platform=linux/arm64 x AS build                  | 1 FromPlatformFlagConstDisallowed",
                "ARG p=linux/arm64;FROM --platform=$p x                  | -",
                "FROM --platform=${TARGETPLATFORM} x                     | 1 RedundantTargetPlatform",
                "ARG x;FROM $x:1                                         | 2 InvalidDefaultArgInFrom",
                "ARG x=y;FROM $x                                         | -",
                "FROM x;EXPOSE 80/UDP 1:2                                | 2 ExposeInvalidFormat,2 ExposeProtoCasing",
                "FROM x;HEALTHCHECK NONE;CMD [\"a\"];HEALTHCHECK NONE    | 2 MultipleInstructionsDisallowed",
                "FROM x AS y;ONBUILD ENV a b;FROM y                      | 3 LegacyKeyValueFormat",
                "FROM x AS y;ONBUILD CMD a;FROM y;CMD [\"b\"]           | 3 JSONArgsRecommended,3 MultipleInstructionsDisallowed",
                "FROM x AS y;ONBUILD ENV b=1;ONBUILD ENV a=$b$c;FROM y   | 4 UndefinedVar",
                "FROM x AS y;ENV a=1;ARG b=1;FROM y;LABEL a=$a$b$c       | 5 UndefinedVar",
                "FROM x;ARG c;LABEL \"$c\"=d;ENV $c=d                   | 3 EmptyName,4 EmptyName",
                "FROM x;STOPSIGNAL 65;STOPSIGNAL 64;STOPSIGNAL TERM      | 2 NoSuchSignal",
                "FROM --platform= x                                      | 1 FlagWithoutEffect",
                "FROM x;# check=skip=StageNameCasing,Nope;RUN true       | 3 UnknownRule",
                "# check=skip=StageNameCasin;FROM x AS Y                 | 0 UnknownRule,2 StageNameCasing",
                "FROM x;RUN --mount=type=cache,target=/a,env=E x         | 2 FlagWithoutEffect",
                "FROM x;RUN --mount=type=cache,target=/a,uid=1 x         | -",
                "# check=skip=JSONArgsRecommended;skip=StageNameCasing¶FROM x AS Y;CMD a | 3 JSONArgsRecommended",
                "FROM x;EXPOSE 80 $port                                  | -",
                "FROM x;HEALTHCHECK --frob --interval=1s NONE            | 2 FlagWithoutEffect,2 FlagWithoutEffect",
                "FROM x AS y;ONBUILD HEALTHCHECK --retries=1 NONE;FROM y | 3 FlagWithoutEffect",
            })
    void rulesFire(String text, String expected) {
        String fired = String.join(
                ",",
                rules(
                        text.contains("¶")
                                ? text.replaceFirst("(.*)¶(.*);(.*)", "$1\n$2\n$3")
                                : text.replace(';', '\n')));
        assertThat(fired).isEqualTo(expected == null ? "" : expected);
    }

    /** At the FROM, as whatever its triggers do. */
    @Test
    void theTriggersAndTheShellOfABaseCount() {
        BaseImage base = new BaseImage(
                Map.of("KNOWN", "1"),
                List.of("ENV SET=$KNOWN", "LABEL a=$KNOWM", "CMD a", "CMD b"),
                true,
                "linux/arm64/v8");
        CheckReport report = Checks.check(new CheckRequest(
                Dockerfile.parse("FROM x\nLABEL a=$SET\nENTRYPOINT c\n"),
                Map.of(),
                null,
                AMD64,
                AMD64,
                Set.of(),
                stage -> Optional.of(base),
                IgnorePatterns.NONE));
        assertThat(report.warnings())
                .extracting(warning -> warning.line() + " " + warning.message())
                .containsExactlyInAnyOrder(
                        "1 Base image x was pulled with platform \"linux/arm64/v8\", expected \"linux/amd64\" for current build",
                        "1 Usage of undefined variable '$KNOWM' (did you mean $KNOWN?)",
                        "1 Multiple CMD instructions should not be used in the same stage because only the last one will be used");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "FROM x;COPY --from=deps a b              | known   | -",
                "FROM deps                                | known   | -",
                "FROM x AS a;RUN --mount=from=deps x;FROM x | known | -",
                "FROM x;COPY --from=debs a b              | known   | ; did you mean debs?",
                "FROM x;COPY a b                          | known   | ''",
                "FROM x                                   | unknown | -",
                "FROM x                                   | trigger | -",
                "FROM scratch;ARG SOURCE_DATE_EPOCH       | epoch   | -",
            })
    void aNamedContextThatNothingNamesHasNoEffect(String text, String base, String rest) {
        BaseImage known = new BaseImage(
                Map.of(), base.equals("trigger") ? List.of("COPY --from=deps a b") : List.of(), false, null);
        CheckReport report = Checks.check(new CheckRequest(
                Dockerfile.parse(text.replace(';', '\n')),
                base.equals("epoch") ? Map.of("SOURCE_DATE_EPOCH", "deps") : Map.of(),
                null,
                AMD64,
                AMD64,
                Set.of("deps"),
                stage -> base.equals("unknown") ? Optional.empty() : Optional.of(known),
                IgnorePatterns.NONE));
        assertThat(report.refusal()).isNull();
        assertThat(report.warnings())
                .extracting(Warning::message)
                .isEqualTo(
                        rest == null
                                ? List.of()
                                : List.of("The named context deps is named nowhere in the Dockerfile" + rest));
    }

    @Test
    void aTriggerThatIsNoInstructionIsRefusedAtTheFrom() {
        CheckReport report = Checks.check(new CheckRequest(
                Dockerfile.parse("ARG a\nFROM x\n"),
                Map.of(),
                null,
                AMD64,
                AMD64,
                Set.of(),
                stage -> Optional.of(new BaseImage(Map.of(), List.of("FROB"), false, null)),
                IgnorePatterns.NONE));
        assertThat(report.refusal())
                .isNotNull()
                .extracting(DockerfileException::line)
                .isEqualTo(2);
    }

    @Test
    void aCommentSkipsRulesOfTheInstructionBelow() {
        assertThat(rules("FROM x\n# check=skip=LegacyKeyValueFormat,UndefinedVar\nENV a $b\nENV c d\n"))
                .containsExactly("4 LegacyKeyValueFormat");
        assertThat(rules("# no directive any more\n# check=skip=all\nFROM x AS Y\n"))
                .isEmpty();
        assertThat(rules("FROM x\n# check=skip=all\n# why\nENV a b\n")).isEmpty();
        assertThat(rules("FROM x\n# check=skip=all\n\nENV a b\n")).containsExactly("4 LegacyKeyValueFormat");
    }

    @Test
    void theBuildArgumentReplacesTheDirective() {
        String text = "# check=skip=all\nFROM x AS Y\n";
        CheckReport report = check(text, Map.of("BUILDKIT_DOCKERFILE_CHECK", "error=true"), true);
        assertThat(report.warnings()).hasSize(1);
        assertThat(report.refusal()).isNotNull();
        assertThat(check(text, Map.of("BUILDKIT_DOCKERFILE_CHECK", "frob"), true)
                        .refusal())
                .isNotNull();
    }

    @Test
    void nothingIsSaidAboutVariablesOfABaseThatIsNotKnown() {
        String text = "FROM x\nENV P=$BASE_PORT\nEXPOSE $P\nLABEL a=${B:?set}\nSTOPSIGNAL $S\nWORKDIR $HOME\n";
        CheckReport unknown = check(text, Map.of(), false);
        assertThat(unknown.refusal()).isNull();
        assertThat(unknown.warnings()).extracting(Warning::rule).doesNotContain(Rule.UNDEFINED_VAR);
        DockerfileException known = check(text, Map.of(), true).refusal();
        assertThat(known).isNotNull().extracting(DockerfileException::line).isEqualTo(4);
    }

    @Test
    void whatIsWrongWithAnyBaseIsRefused() {
        assertThat(check("FROM x\nLABEL a=$v\"\n", Map.of(), false).refusal()).isNotNull();
        assertThat(check("FROM x\nEXPOSE http\n", Map.of(), false).refusal()).isNotNull();
        assertThat(check("FROM x\nRUN --mount=type=frob,target=/a x\n", Map.of(), false)
                        .refusal())
                .isNotNull();
    }

    @Test
    void experimentalRulesFireOnlyIfTheyAreAskedFor() {
        String text = "FROM x AS y\n# wrong\nARG v\n";
        assertThat(rules(text)).isEmpty();
        assertThat(rules("# check=experimental=all\n" + text)).containsExactly("4 InvalidDefinitionDescription");
    }

    @Test
    void everyRuleCanBeFoundByItsName() {
        for (Rule rule : Rule.values()) {
            assertThat(Rule.of(rule.label())).contains(rule);
        }
        assertThat(Rule.values()).filteredOn(rule -> !rule.isOurs()).hasSize(22);
    }
}
