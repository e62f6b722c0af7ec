package io.slipway.dockerfile.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.instruction.AddSource;
import io.slipway.dockerfile.source.DockerfileException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What SOURCE_DATE_EPOCH can name, dockerfile.md §6. */
class EpochSourceTest {
    private static final PlatformName HERE = PlatformName.parse("linux/amd64");

    private static @Nullable EpochSource read(String text, Map<String, String> arguments, String... contexts) {
        Dockerfile dockerfile = Dockerfile.parse(text);
        GlobalScope global =
                GlobalScope.of(dockerfile, arguments, PredefinedArguments.ofGlobalScope(HERE, HERE, dockerfile, null));
        return EpochSource.of(dockerfile, global, Set.of(contexts));
    }

    private static @Nullable EpochSource given(String value, String text, String... contexts) {
        return read(text, Map.of(EpochSource.ARGUMENT, value), contexts);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1700000000, 1700000000", "+5, 5", "-5, -5", "253402300799, 253402300799"})
    void aNumberIsSeconds(String value, long seconds) {
        assertThat(given(value, "FROM x")).isEqualTo(new EpochSource.Seconds(seconds));
    }

    @Test
    void nothingIsNothing() {
        assertThat(read("FROM x\nARG SOURCE_DATE_EPOCH=5", Map.of())).isNull();
        assertThat(given("", "ARG SOURCE_DATE_EPOCH=5\nFROM x")).isNull();
    }

    @Test
    void theDefaultOfTheGlobalArgumentCountsUnlessItIsGiven() {
        String dockerfile = "ARG t=context\nARG SOURCE_DATE_EPOCH=$t\nFROM x";
        assertThat(read(dockerfile, Map.of())).isEqualTo(new EpochSource.OfMainContext());
        assertThat(given("7", dockerfile)).isEqualTo(new EpochSource.Seconds(7));
    }

    @Test
    void aNamedContextGoesBeforeAStageAndTheBuildsOwnBeforeBoth() {
        String dockerfile = "FROM x AS lib\nFROM x AS context\n";
        assertThat(given("lib", dockerfile, "lib", "context")).isEqualTo(new EpochSource.OfContext("lib"));
        assertThat(given("docker.io/library/lib:latest", dockerfile, "lib"))
                .isEqualTo(new EpochSource.OfContext("lib"));
        assertThat(given("context", dockerfile, "lib", "context")).isEqualTo(new EpochSource.OfMainContext());
    }

    @Test
    void aStageGivesItsOneAddWithItsArguments() {
        EpochSource source = read("""
                ARG base=scratch SOURCE_DATE_EPOCH=Source version=1
                FROM $base AS source
                ARG version
                ARG host=http://a/$version$SOURCE_DATE_EPOCH
                ADD ${host}/f /
                FROM busybox
                """, Map.of("version", "2"));
        assertThat(source)
                .isInstanceOfSatisfying(
                        EpochSource.OfAdd.class,
                        add -> assertThat(add.source()).isEqualTo(new AddSource.Http("http://a/2/f")));
    }

    @Test
    void aRepositoryIsAsGoodAsAUrl() {
        EpochSource source = given("s", "FROM scratch AS s\nADD --keep-git-dir https://a/b.git#v1 /\n");
        assertThat(source)
                .isInstanceOfSatisfying(
                        EpochSource.OfAdd.class, add -> assertThat(add.source()).isInstanceOf(AddSource.Git.class));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            FROM x AS s|starts from x
            FROM scratch AS s|has no ADD
            FROM scratch AS s;ADD f /|adds a file of the build context
            FROM scratch AS s;ADD http://a/b http://a/c /|more than one source
            FROM scratch AS s;ADD http://a/b /;ADD http://a/c /|more than one ADD
            FROM scratch AS s;ADD http://a/b /;RUN true|has RUN
            FROM scratch AS s;COPY f /|has COPY
            """)
    void aStageOfAnotherFormIsRefusedAtItsFrom(String stage, String why) {
        String dockerfile = "FROM y\n" + stage.replace(';', '\n') + "\nFROM z\n";
        assertThatThrownBy(() -> given("S", dockerfile)).isInstanceOfSatisfying(DockerfileException.class, e -> {
            assertThat(e.line()).isEqualTo(2);
            assertThat(e.message()).contains("the stage s").contains(why);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"frob", "1.5", " 5", "1700000000000", "99999999999999999999", "٣"})
    void whatIsNoTimeAndNoNameIsRefused(String value) {
        assertThatThrownBy(() -> given(value, "FROM x AS y"))
                .isInstanceOf(DockerfileException.class)
                .hasMessageContaining(value);
    }

    @Test
    void aMisspelledNameIsSuggested() {
        assertThatThrownBy(() -> given("contxt", "FROM x"))
                .isInstanceOfSatisfying(
                        DockerfileException.class, e -> assertThat(e.hint()).isEqualTo("did you mean context?"));
    }

    @Test
    void whatItNamesIsReplacedWhereItWasSaid() {
        GlobalScope given = new GlobalScope(Map.of("a", "context"), Map.of("a", "context", "b", "1"));
        assertThat(given.withValue("a", "5")).isEqualTo(new GlobalScope(Map.of("a", "5"), Map.of("a", "5", "b", "1")));
        assertThat(given.withValue("c", "5")).isEqualTo(given);
    }
}
