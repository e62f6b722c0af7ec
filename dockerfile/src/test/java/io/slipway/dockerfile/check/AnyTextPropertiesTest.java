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
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every text that may be a Dockerfile. */
class AnyTextPropertiesTest {

    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");

    private static CheckReport check(String text, Map<String, String> buildArguments, boolean baseIsKnown) {
        return Checks.check(new CheckRequest(
                Dockerfile.parse(text),
                buildArguments,
                null,
                AMD64,
                AMD64,
                Set.of(),
                stage -> baseIsKnown ? Optional.of(BaseImage.EMPTY) : Optional.empty(),
                IgnorePatterns.NONE));
    }

    @Provide
    Arbitrary<String> dockerfiles() {
        return Arbitraries.of(List.of(
                        "FROM ",
                        "scratch",
                        "AS ",
                        "a",
                        "b",
                        "\n",
                        "\n",
                        " ",
                        "ARG ",
                        "ENV ",
                        "LABEL ",
                        "RUN ",
                        "COPY ",
                        "ADD ",
                        "EXPOSE ",
                        "CMD ",
                        "ONBUILD ",
                        "HEALTHCHECK ",
                        "SHELL ",
                        "VOLUME ",
                        "STOPSIGNAL ",
                        "WORKDIR ",
                        "USER ",
                        "--mount=",
                        "--from=",
                        "--chmod=",
                        "type=",
                        "cache,",
                        "target=",
                        "$",
                        "${",
                        "}",
                        ":-",
                        "=",
                        "\"",
                        "'",
                        "\\",
                        "\\\n",
                        "# ",
                        "#",
                        "<<E",
                        "<<-E",
                        "E\n",
                        "[\"a\"]",
                        "[",
                        "]",
                        ",",
                        "0",
                        "80",
                        "/tcp",
                        "git://h/x?tag=",
                        "check=skip=all",
                        "# escape=`\n",
                        "`",
                        "\r\n",
                        "\uDC80",
                        "FROM scratch AS a\n"))
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 600, seed = "1")
    void anyTextIsCheckedOrRefusedWithItsOwnError(@ForAll("dockerfiles") String text) {
        for (String whole : List.of(text, "FROM scratch AS a\n" + text)) {
            try {
                Dockerfile.parse(whole);
            } catch (DockerfileException e) {
                assertThat(e.message()).isNotEmpty();
                assertThat(e.line()).isBetween(0, whole.length() + 1);
                continue;
            }
            assertThat(check(whole, Map.of("a", "1"), true)).isNotNull();
            assertThat(check(whole, Map.of(), false)).isNotNull();
        }
    }

    @Property(tries = 200, seed = "1")
    void lineEndsDoNotMatter(@ForAll("dockerfiles") String text) {
        String unix = "FROM scratch\n" + text.replace("\r", "").replace("<<", "");
        assertThat(outcome(unix.replace("\n", "\r\n"))).isEqualTo(outcome(unix));
    }

    private static Object outcome(String text) {
        try {
            return Dockerfile.parse(text);
        } catch (DockerfileException e) {
            return e.describe();
        }
    }
}
