package io.slipway.dockerfile.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.source.DockerfileException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where build arguments and variables are visible, dockerfile.md §5 ARG and §6. */
class ScopeTest {

    private static final PlatformName ARM = PlatformName.parse("linux/arm/v7");
    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");

    private static GlobalScope global(Dockerfile dockerfile, Map<String, String> buildArguments) {
        return GlobalScope.of(
                dockerfile, buildArguments, PredefinedArguments.ofGlobalScope(ARM, AMD64, dockerfile, "last"));
    }

    private static StageScope end(String text, Map<String, String> buildArguments) {
        Dockerfile dockerfile = Dockerfile.parse(text);
        StageScope scope = StageScope.of(global(dockerfile, buildArguments), Map.of("base", "b"));
        for (Instruction instruction : dockerfile.stages().getFirst().instructions()) {
            if (instruction instanceof Arg arg) {
                scope = scope.declare(arg, '\\').scope();
            } else if (instruction instanceof Env env) {
                scope = scope.after(env);
            }
        }
        return scope;
    }

    @Test
    void globalArgumentsSeeEarlierOnesAndThePredefined() {
        Dockerfile dockerfile = Dockerfile.parse("ARG a=1 b=${a}2\nARG c=$b-$TARGETARCH d\nFROM scratch\n");
        assertThat(global(dockerfile, Map.of()).value("c")).isEqualTo("12-arm");
        assertThat(global(dockerfile, Map.of()).value("d")).isNull();
        assertThat(global(dockerfile, Map.of("a", "9", "TARGETARCH", "mine")).value("c"))
                .isEqualTo("92-mine");
    }

    @Test
    void platformsAreTakenApart() {
        GlobalScope global = global(Dockerfile.parse("FROM scratch\n"), Map.of());
        assertThat(global.values())
                .containsEntry("TARGETPLATFORM", "linux/arm/v7")
                .containsEntry("TARGETVARIANT", "v7")
                .containsEntry("TARGETOSVERSION", "")
                .containsEntry("BUILDPLATFORM", "linux/amd64")
                .containsEntry("BUILDVARIANT", "")
                .containsEntry("TARGETSTAGE", "last");
    }

    @Test
    void theLaterOfArgAndEnvWins() {
        assertThat(end("FROM x\nENV v=env\nARG v=arg", Map.of()).value("v")).isEqualTo("arg");
        assertThat(end("FROM x\nARG v=arg\nENV v=env", Map.of("v", "given")).value("v"))
                .isEqualTo("env");
        assertThat(end("FROM x\nARG base", Map.of()).value("base")).isEqualTo("b");
        assertThat(end("FROM x\nARG base=c", Map.of()).value("base")).isEqualTo("c");
    }

    @Test
    void anArgumentWithoutAValueIsDeclaredAndNotSet() {
        StageScope scope = end("FROM x\nARG a", Map.of());
        assertThat(scope.value("a")).isNull();
        assertThat(scope.declares("a")).isTrue();
        assertThat(scope.arguments()).containsExactly(new Arg.Declaration("a", null));
    }

    @Test
    void anArgumentThatIsDeclaredAgainKeepsItsPlaceAndTakesTheNewValue() {
        StageScope scope = end("FROM x\nARG a=1 b=2\nARG a=3", Map.of());
        assertThat(scope.arguments()).containsExactly(new Arg.Declaration("a", "3"), new Arg.Declaration("b", "2"));
    }

    @Test
    void aDefaultSeesWhatStandsBeforeItInTheSameInstruction() {
        StageScope scope = end("FROM x\nARG a=1 b=${a}2 c=$b", Map.of("a", "9"));
        assertThat(scope.value("c")).isEqualTo("92");
    }

    @Test
    void globalArgumentsAreImportedByNameOnly() {
        assertThat(end("ARG g=1\nFROM x\nARG g", Map.of()).value("g")).isEqualTo("1");
        assertThat(end("ARG g=1\nFROM x\n", Map.of()).value("g")).isNull();
        assertThat(end("ARG g=1\nFROM x\nARG g=2", Map.of()).value("g")).isEqualTo("2");
        assertThat(end("FROM x\nARG TARGETPLATFORM", Map.of()).value("TARGETPLATFORM"))
                .isEqualTo("linux/arm/v7");
    }

    @Test
    void argumentsForTheScannerAreNoVariables() {
        StageScope scope = end("FROM x\nARG BUILDKIT_SBOM_SCAN_STAGE=true", Map.of());
        assertThat(scope.value("BUILDKIT_SBOM_SCAN_STAGE")).isNull();
        assertThat(scope.declares("BUILDKIT_SBOM_SCAN_STAGE")).isTrue();
    }

    @Test
    void proxiesAreThereInBothCases() {
        assertThat(PredefinedArguments.proxies(Map.of("HTTP_PROXY", "p", "no_proxy", "n", "X", "x")))
                .isEqualTo(Map.of("HTTP_PROXY", "p", "http_proxy", "p", "NO_PROXY", "n", "no_proxy", "n"));
        assertThat(PredefinedArguments.isProxy("all_proxy")).isTrue();
    }

    @Test
    void aDefaultThatCannotBeExpandedIsRefusedAtItsLine() {
        assertThatThrownBy(() -> end("FROM x\nARG a=${b:?set it}", Map.of()))
                .isInstanceOfSatisfying(
                        DockerfileException.class, e -> assertThat(e.line()).isEqualTo(2));
    }

    @Test
    void anotherFrontendCannotBeAskedForWithABuildArgument() {
        Dockerfile dockerfile = Dockerfile.parse("FROM scratch\n");
        assertThat(global(dockerfile, Map.of("BUILDKIT_SYNTAX", "docker/dockerfile:1")))
                .isNotNull();
        assertThatThrownBy(() -> global(dockerfile, Map.of("BUILDKIT_SYNTAX", "other/frontend")))
                .hasMessageContaining("other/frontend");
    }
}
