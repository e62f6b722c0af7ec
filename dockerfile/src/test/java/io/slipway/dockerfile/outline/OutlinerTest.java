package io.slipway.dockerfile.outline;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.directive.Directives;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.outline.Outline.Argument;
import io.slipway.dockerfile.outline.Outline.OutlinedStage;
import io.slipway.dockerfile.outline.Outline.Problem;
import io.slipway.dockerfile.outline.Outline.Target;
import io.slipway.dockerfile.outline.Outline.Use;
import io.slipway.dockerfile.stage.PlatformName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a Dockerfile that is not built, dockerfile.md §8. */
class OutlinerTest {

    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");
    private static final String SERVICE = """
            # VERSION of the compiler
            ARG VERSION="1 2"
            ARG IMAGE=golang:${VERSION}
            # base is not described here
            FROM --platform=$BUILDPLATFORM golang:1 AS Base
            ARG UNUSED
            FROM base AS build
            # the name comes first: TAGS is not described
            ARG TAGS
            # KEY names the secret
            ARG KEY=npm
            RUN --mount=type=secret,id=$KEY,required --mount=type=cache,target=/c,sharing=locked true
            RUN --mount=type=secret,id=npm,env=NPM --mount=type=ssh --mount=type=cache,id=x,target=/x true

            FROM scratch AS unused
            RUN --mount=type=secret,id=other true
            # app the service itself
            FROM scratch AS app
            COPY --from=build / /
            """;

    private static Outline outline(String text, @Nullable String target, Map<String, String> buildArguments) {
        return outline(text.getBytes(StandardCharsets.UTF_8), target, buildArguments);
    }

    private static Outline outline(byte[] file, @Nullable String target, Map<String, String> buildArguments) {
        return Outliner.outline(file, new OutlineRequest(buildArguments, target, AMD64, AMD64, IgnorePatterns.NONE));
    }

    private static Outline outline(String text) {
        return outline(text, null, Map.of());
    }

    @Test
    void stagesHaveTheirBasesAndWhetherTheTargetNeedsThem() {
        assertThat(outline(SERVICE).stages())
                .containsExactly(
                        new OutlinedStage(0, "base", "golang:1", "linux/amd64", "is not described here", 5, true),
                        new OutlinedStage(1, "build", "base", null, null, 7, true),
                        new OutlinedStage(2, "unused", "scratch", null, null, 15, false),
                        new OutlinedStage(3, "app", "scratch", null, "the service itself", 18, true));
    }

    @Test
    void targetsAreTheNamedStagesAndTheLastIsTheDefault() {
        assertThat(outline(SERVICE).targets())
                .containsExactly(
                        new Target("base", 0, "is not described here", false),
                        new Target("build", 1, null, false),
                        new Target("unused", 2, null, false),
                        new Target("app", 3, "the service itself", true));
        assertThat(outline("FROM a AS x\nFROM b AS x\nFROM scratch\n").targets())
                .containsExactly(new Target("x", 1, null, false), new Target(null, 2, null, true));
    }

    @Test
    void argumentsHaveTheirDefaultsAndDescriptions() {
        assertThat(outline(SERVICE, "build", Map.of()).args())
                .containsExactly(
                        new Argument("VERSION", "1 2", "1 2", "of the compiler", Argument.GLOBAL, null, 2),
                        new Argument("IMAGE", "golang:${VERSION}", "golang:1 2", null, Argument.GLOBAL, null, 3),
                        new Argument("UNUSED", null, null, null, Argument.STAGE, 0, 6),
                        new Argument("TAGS", null, null, null, Argument.STAGE, 1, 9),
                        new Argument("KEY", "npm", "npm", "names the secret", Argument.STAGE, 1, 11));
    }

    @Test
    void argumentsHaveTheValuesThatTheRequestGivesThem() {
        String text =
                "ARG V=1\nARG I=x:$V\nFROM scratch\nARG V\nARG W=$V-q TARGETARCH\nARG X\nFROM y AS y\nARG V=$HOME W=2\n";
        assertThat(outline(text, null, Map.of("V", "cli")).args())
                .extracting(argument -> argument.line() + " " + argument.name() + "=" + argument.value())
                .containsExactly("1 V=cli", "2 I=x:cli", "8 V=null", "8 W=null");
        assertThat(outline(text.replace("FROM y AS y", "FROM scratch"), null, Map.of())
                        .args())
                .extracting(argument -> argument.line() + " " + argument.name() + "=" + argument.value())
                .containsExactly("1 V=1", "2 I=x:1", "8 V=", "8 W=2");
        assertThat(outline(text.replace("FROM y AS y", "LABEL a=b"), null, Map.of("V", "cli"))
                        .args())
                .extracting(argument -> argument.line() + " " + argument.name() + "=" + argument.value())
                .containsExactly(
                        "1 V=cli",
                        "2 I=x:cli",
                        "4 V=cli",
                        "5 W=cli-q",
                        "5 TARGETARCH=amd64",
                        "6 X=null",
                        "8 V=cli",
                        "8 W=2");
    }

    @Test
    void theFrontendThatIsAskedForIsBuiltIn() {
        assertThat(outline("# syntax=docker/dockerfile:1.4\nFROM scratch\n").syntax())
                .isEqualTo(new Outline.Syntax("docker/dockerfile:1.4", Directives.BUILT_IN));
        assertThat(outline("FROM scratch\n", null, Map.of("BUILDKIT_SYNTAX", "docker/dockerfile"))
                        .syntax())
                .isEqualTo(new Outline.Syntax("docker/dockerfile", Directives.BUILT_IN));
        assertThat(outline("FROM scratch\n").syntax()).isNull();
    }

    @Test
    void whatTheTargetHasToBeGivenIsListedByIdWithItsUses() {
        Outline outline = outline(SERVICE);
        assertThat(outline.secrets())
                .containsExactly(new Outline.Secret(
                        "npm",
                        true,
                        List.of(new Use(1, 12, "/run/secrets/npm", null, null), new Use(1, 13, null, "NPM", null))));
        assertThat(outline.ssh())
                .containsExactly(new Outline.Ssh("default", false, List.of(new Use(1, 13, null, null, null))));
        assertThat(outline.caches())
                .containsExactly(
                        new Outline.Cache("/c", List.of(new Use(1, 12, "/c", null, "locked"))),
                        new Outline.Cache("x", List.of(new Use(1, 13, "/x", null, "shared"))));
    }

    @Test
    void anArgumentThatIsGivenCountsInsteadOfItsDefault() {
        assertThat(outline(SERVICE, null, Map.of("KEY", "given")).secrets())
                .extracting(Outline.Secret::id)
                .containsExactly("given", "npm");
    }

    @Test
    void triggersOfAStageMountInTheStageThatFiresThem() {
        Outline outline = outline("FROM scratch AS a\nONBUILD RUN --mount=type=secret,id=s true\nFROM a\n");
        assertThat(outline.secrets())
                .containsExactly(new Outline.Secret("s", false, List.of(new Use(1, 3, "/run/secrets/s", null, null))));
    }

    @Test
    void problemsAreTheWarningsWithTheirPlaceAndAHint() {
        Outline outline = outline("FROM scratch\nCMD echo \\\n  x\nENV a b\n");
        assertThat(outline.problems())
                .extracting(Problem::rule)
                .containsExactly("JSONArgsRecommended", "LegacyKeyValueFormat");
        Problem first = outline.problems().getFirst();
        assertThat(first.severity()).isEqualTo(Problem.WARNING);
        assertThat(List.of(first.line(), first.column(), first.endLine())).containsExactly(2, 1, 3);
        assertThat(first.hint()).contains("JSON array");
        assertThat(outline.refused()).isFalse();
    }

    @Test
    void warningsThatFailTheBuildAreARefusalBehindThem() {
        Outline outline = outline("# check=error=true\nFROM scratch\nENV a b\n");
        assertThat(outline.problems()).hasSize(2);
        assertThat(outline.problems().getLast().severity()).isEqualTo(Problem.ERROR);
        assertThat(outline.problems().getLast().message()).contains("LegacyKeyValueFormat");
        assertThat(outline.refused()).isTrue();
    }

    @Test
    void whatStandsBeforeAMistakeIsKnown() {
        Outline outline = outline("""
                ARG A=1
                FROM x:$A AS a
                RUN --mount=type=secret,id=s true
                FROM a AS b
                  COPPY \\
                   a b
                FROM c
                """);
        assertThat(outline.problems())
                .containsExactly(new Problem(
                        "error",
                        null,
                        "dockerfile_invalid",
                        5,
                        3,
                        6,
                        "unknown instruction COPPY",
                        "did you mean COPY?"));
        assertThat(outline.stages())
                .containsExactly(
                        new OutlinedStage(0, "a", "x:$A", null, null, 2, null),
                        new OutlinedStage(1, "b", "a", null, null, 4, null));
        assertThat(outline.targets()).noneMatch(Target::isDefault);
        assertThat(outline.args()).hasSize(1);
        assertThat(outline.secrets()).hasSize(1);
    }

    @Test
    void aTargetThatIsNotThereLeavesOpenWhatIsNeeded() {
        Outline outline = outline(SERVICE, "biuld", Map.of());
        assertThat(outline.problems().getLast().hint()).isEqualTo("did you mean build?");
        assertThat(outline.stages()).allMatch(stage -> stage.needed() == null);
        assertThat(outline.secrets()).extracting(Outline.Secret::id).contains("other");
        assertThat(outline.targets()).anyMatch(Target::isDefault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                        | the Dockerfile is empty
            '# only a comment'                        | the Dockerfile holds no instructions
            ARG A=1                                   | the Dockerfile has no stage to build
            RUN x                                     | RUN stands before the first FROM
            '# syntax=other/frontend'                 | the frontend other/frontend is not supported
            FROM a AS b\\nCOPY --from=b / /            | the stage b needs itself
            FROM scratch\\nRUN <<END                   | the heredoc END is not terminated
            """)
    void whatIsNoDockerfileHasAnErrorAndNothingElse(String text, String message) {
        Outline outline = outline(text.replace("\\n", "\n"));
        assertThat(outline.problems()).hasSize(1);
        assertThat(outline.problems().getFirst().severity()).isEqualTo(Problem.ERROR);
        assertThat(outline.problems().getFirst().message()).startsWith(message);
    }

    @Test
    void bytesThatAreNoUtf8AreToldAndReadAsBuildsReadThem() {
        Outline outline = outline("FROM scratch\n# caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1), null, Map.of());
        assertThat(outline.problems()).extracting(Problem::rule).containsExactly("NotUtf8");
        assertThat(outline.stages()).hasSize(1);
    }

    @Test
    void aZeroByteIsAMistakeOfItsLine() {
        Outline outline = outline("FROM scratch\nLABEL a=\0\nLABEL b=c\n");
        assertThat(outline.problems()).extracting(Problem::line).containsExactly(2);
        assertThat(outline.refused()).isTrue();
        assertThat(outline.stages()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    FROM x AS Y\\nMAINTAINER me\\nCOPPY a b\\nMAINTAINER you | StageNameCasing MaintainerDeprecated | unknown instruction COPPY
                    FROM x\\nRUN a \\\\\\n\\n b\\nMAINTAINER me\\nENV a           | NoEmptyContinuation MaintainerDeprecated | ENV a has no value
                    FROM x\\nMAINTAINER me\\nRUN <<E                       | MaintainerDeprecated | the heredoc E is not terminated
                    # check=skip=MaintainerDeprecated\\nFROM x\\nMAINTAINER me\\nX | `` | unknown instruction X
                    MAINTAINER me\\nFROM x                                | `` | MAINTAINER stands before the first FROM
                    FROM --platform=$BUILDPLATFRM x                      | UndefinedArgInFrom | --platform=$BUILDPLATFRM is empty
                    """)
    void warningsFoundSoFarStandBesideTheRefusal(String text, String rules, String refusal) {
        List<Problem> problems =
                outline(text.replace("\\n", "\n").replace("\\\\", "\\")).problems();
        assertThat(problems.subList(0, problems.size() - 1))
                .extracting(Problem::rule)
                .containsExactly(rules.isEmpty() ? new String[0] : rules.split(" ", -1));
        assertThat(problems.getLast().message()).isEqualTo(refusal);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    FROM --platform=$BUILDPLATFRM x        | did you mean $BUILDPLATFORM?
                    ARG IMAGE=x\\nFROM $IMGE                | did you mean $IMAGE?
                    FROM --platform=$SOMETHING x           | set it with ARG SOMETHING=PLATFORM before the first FROM
                    FROM $SOMETHING                        | set it with ARG SOMETHING=IMAGE before the first FROM
                    """)
    void whatIsEmptyInFromHasAHint(String text, String hint) {
        assertThat(outline(text.replace("\\n", "\n")).problems().getLast().hint())
                .isEqualTo(hint);
    }
}
