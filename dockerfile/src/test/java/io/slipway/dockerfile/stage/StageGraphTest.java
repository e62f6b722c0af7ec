package io.slipway.dockerfile.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Stages, what they start from and what they need, dockerfile.md §5 FROM and §6. */
class StageGraphTest {

    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");

    private static StageGraph graph(String text, String... contexts) {
        Dockerfile dockerfile = Dockerfile.parse(text);
        GlobalScope global =
                GlobalScope.of(dockerfile, Map.of(), PredefinedArguments.ofGlobalScope(AMD64, AMD64, dockerfile, null));
        return StageGraph.of(dockerfile, global, Set.of(contexts));
    }

    private static List<Integer> needed(StageGraph graph, @Nullable String target) {
        return graph.needed(graph.target(target)).stream()
                .map(stage -> stage.stage().index())
                .toList();
    }

    @Test
    void onlyWhatTheTargetNeedsIsBuiltInTheOrderOfTheFile() {
        StageGraph graph = graph("""
                FROM scratch AS a
                FROM scratch AS unused
                FROM a AS b
                FROM scratch AS c
                RUN --mount=from=B,target=/m --mount=type=cache,from=a,target=/c true
                FROM scratch
                COPY --from=c / /
                """);
        assertThat(needed(graph, null)).containsExactly(0, 2, 3, 4);
        assertThat(needed(graph, "UNUSED")).containsExactly(1);
        assertThat(needed(graph, "b")).containsExactly(0, 2);
    }

    @Test
    void aBaseIsAContextOrAStageOrScratchOrAnImage() {
        StageGraph graph = graph("""
                ARG v=3
                FROM alpine:$v AS Alpine
                FROM alpine
                FROM scratch
                FROM docker.io/library/ctx:latest
                FROM localhost:5000/x/y:1@sha256:0123456789012345678901234567890123456789012345678901234567890123
                """, "ctx");
        assertThat(graph.stages().stream().map(ResolvedStage::base))
                .containsExactly(
                        new Reference.OfImage("alpine:3"),
                        new Reference.OfStage(0),
                        new Reference.Scratch(),
                        new Reference.OfContext("ctx"),
                        new Reference.OfImage(
                                "localhost:5000/x/y:1@sha256:0123456789012345678901234567890123456789012345678901234567890123"));
    }

    @Test
    void aContextGoesBeforeAStageOfItsName() {
        StageGraph graph = graph("FROM scratch AS a\nFROM a\nCOPY --from=a / /\n", "a");
        assertThat(graph.stages().get(1).base()).isEqualTo(new Reference.OfContext("a"));
        assertThat(needed(graph, null)).containsExactly(1);
    }

    @Test
    void aContextStandsInForAllOfAStageOfItsName() {
        StageGraph graph = graph("""
                FROM scratch AS other
                FROM other AS A
                COPY --from=other / /
                ONBUILD RUN true
                FROM scratch
                COPY --from=1 / /
                """, "a");
        ResolvedStage replaced = graph.stages().get(1);
        assertThat(replaced.base()).isEqualTo(new Reference.OfContext("a"));
        assertThat(replaced.instructions()).isEmpty();
        assertThat(needed(graph, null)).containsExactly(1, 2);
        assertThat(graph.target("a")).isEqualTo(replaced);
    }

    @Test
    void aNameThatIsUsedTwiceMeansTheNearestStageBefore() {
        StageGraph graph = graph("FROM scratch AS a\nFROM a AS a\nFROM a\nCOPY --from=a / /\nFROM scratch AS a\n");
        assertThat(graph.stages().get(1).base()).isEqualTo(new Reference.OfStage(0));
        assertThat(graph.stages().get(2).base()).isEqualTo(new Reference.OfStage(1));
        assertThat(graph.target("a").stage().index()).isEqualTo(3);
    }

    @Test
    void triggersOfAStageRunInItsChildAndCanNeedOtherStages() {
        StageGraph graph = graph("""
                FROM scratch AS src
                FROM scratch AS parent
                ONBUILD COPY --from=src /a /b
                FROM parent AS child
                USER 1
                FROM child
                """);
        ResolvedStage child = graph.target("child");
        assertThat(child.triggers()).singleElement().isInstanceOf(Copy.class);
        assertThat(child.instructions()).hasSize(2);
        assertThat(child.instructions().getFirst().line()).isEqualTo(4);
        assertThat(graph.target(null).triggers()).isEmpty();
        assertThat(needed(graph, "parent")).containsExactly(1);
        assertThat(needed(graph, null)).containsExactly(0, 1, 2, 3);
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "FROM scratch AS a;COPY --from=a / /                       | 2 | the stage a needs itself",
                "FROM scratch AS a;COPY --from=b / /;FROM a AS b           | 2 | the stage a needs itself",
                "FROM scratch;COPY --from=1 / /                            | 2 | there is no stage 1 to copy from",
                "FROM x;FROM x;RUN --mount=from=0,target=/m x              | 3 | a mount cannot name a stage by its index 0",
                "FROM ${x}                                                 | 1 | the base image of FROM ${x} is empty",
                "FROM a:                                                   | 1 | \"a:\" is not the name of an image",
                "FROM --platform=x/y/z/w a                                 | 1 | \"x/y/z/w\" is not a platform",
                "FROM --platform=$x a                                      | 1 | --platform=$x is empty",
                "ARG a=${b:?needed};FROM scratch                           | 1 | cannot expand \"${b:?needed}\": b: needed",
                "FROM scratch;COPY --from=up/X / /                         | 2 | \"up/X\" is neither a stage nor the name of an image",
                "FROM scratch AS p;ONBUILD COPY a;FROM p                   | 3 | the base image's trigger \"ONBUILD COPY a\" cannot run: COPY needs a source and a destination, and has only \"a\"",
            })
    void refusals(String text, int line, String message) {
        assertThatThrownBy(() -> graph(text.replace(';', '\n')))
                .isInstanceOfSatisfying(DockerfileException.class, e -> {
                    assertThat(e.message()).isEqualTo(message);
                    assertThat(e.line()).isEqualTo(line);
                });
    }

    @Test
    void aLaterStageCannotBeCopiedFrom() {
        StageGraph graph = graph("FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\n");
        assertThat(needed(graph, null)).containsExactly(1);
        assertThatThrownBy(() -> needed(graph, "a"))
                .isInstanceOfSatisfying(
                        DockerfileException.class, e -> assertThat(e.line()).isEqualTo(2));
    }

    @Test
    void aTargetThatIsNotThereGetsAHint() {
        StageGraph graph = graph("FROM scratch AS one\nFROM scratch AS three\nFROM scratch\n");
        assertThatThrownBy(() -> graph.target("on"))
                .isInstanceOfSatisfying(
                        DockerfileException.class, e -> assertThat(e.hint()).isEqualTo("did you mean one?"));
        assertThatThrownBy(() -> graph.target("0"))
                .isInstanceOfSatisfying(
                        DockerfileException.class, e -> assertThat(e.hint()).isEqualTo("the stages are one, three"));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "tree, 2, did you mean the stage three?",
                "tree, 1, -",
                "debs, 0, did you mean the named context deps?",
                "busybox, 2, -",
            })
    void aWordThatNamesNothingGetsAHint(String word, int stage, String hint) {
        Dockerfile dockerfile =
                Dockerfile.parse("FROM scratch AS one\nFROM scratch AS three\nFROM scratch AS busybox\n");
        GlobalScope global =
                GlobalScope.of(dockerfile, Map.of(), PredefinedArguments.ofGlobalScope(AMD64, AMD64, dockerfile, null));
        StageGraph graph = StageGraph.of(dockerfile, global, Set.of("deps"));
        assertThat(graph.hint(word, dockerfile.stages().get(stage))).isEqualTo(hint);
    }

    @Test
    void manyStagesAreResolvedQuickly() {
        StringBuilder text = new StringBuilder("FROM scratch AS s0\n");
        for (int i = 1; i < 4000; i++) {
            text.append("FROM s").append(i - 1).append(" AS s").append(i).append('\n');
            text.append("COPY --from=").append(3999).append(" / /\n");
        }
        assertThatThrownBy(() -> graph(text.toString())).hasMessageContaining("needs itself");
    }

    @ParameterizedTest
    @CsvSource({
        "linux/amd64, linux/amd64",
        "amd64, linux/amd64",
        "x86_64, linux/amd64",
        "linux/x86-64/v1, linux/amd64",
        "linux/amd64/v3, linux/amd64/v3",
        "aarch64, linux/arm64",
        "linux/arm64/v8, linux/arm64",
        "linux/arm, linux/arm/v7",
        "linux/arm/6, linux/arm/v6",
        "armhf, linux/arm/v7",
        "Linux/S390X, linux/s390x",
        "macos/arm64, darwin/arm64",
        "i386, linux/386",
        "linux/amd64/v1, linux/amd64",
        "windows(10.0.17763)/amd64, windows(10.0.17763)/amd64",
    })
    void platforms(String text, String normal) {
        assertThat(PlatformName.parse(text)).hasToString(normal);
    }

    @Test
    void aSystemAloneHasThisMachinesArchitecture() {
        PlatformName here = PlatformName.parse("linux/" + System.getProperty("os.arch"));
        assertThat(PlatformName.parse("Linux")).isEqualTo(here);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b/c/d", "linux/", "/amd64", "li nux/amd64", "frob", "frob/frob"})
    void otherTextIsNoPlatform(String text) {
        assertThatThrownBy(() -> PlatformName.parse(text)).isInstanceOf(InvalidValueException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a/b",
                "a.b/c",
                "localhost/c",
                "h:5000/a:t",
                "a__b",
                "a---b",
                "a.b_c",
                "[::1]:5000/a",
                "a@sha256:0123456789012345678901234567890123456789012345678901234567890123"
            })
    void imageNames(String name) {
        assertThat(StageGraph.isImageName(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "a/B",
                "a:",
                ":t",
                "a b",
                "-a",
                "a..b",
                "a_",
                "a:" + "#",
                "a@sha256:x",
                "UPPER/Case",
                "a//b",
                "0123456789012345678901234567890123456789012345678901234567890123"
            })
    void otherWordsAreNoImageNames(String name) {
        assertThat(StageGraph.isImageName(name)).isFalse();
    }
}
