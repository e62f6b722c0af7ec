package io.slipway.dockerfile.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.dockerfile.source.InvalidValueException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and values of {@code --build-context}. */
final class ContextAddressTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    lib                                | Directory[path=lib]
                    ../lib:1                           | Directory[path=../lib:1]
                    docker-image://alpine:3            | Image[name=alpine:3]
                    docker-image://scratch             | Image[name=scratch]
                    https://host/a.tar.gz?x=y          | Http[url=https://host/a.tar.gz?x=y]
                    oci-layout://dir                   | Layout[path=dir, name=null]
                    oci-layout:///dir/a:v1             | Layout[path=/dir/a, name=v1]
                    oci-layout://a:b/c                 | Layout[path=a:b/c, name=null]
                    oci-layout://d@sha256:0123456789012345678901234567890123456789012345678901234567890123 | Layout[path=d, name=sha256:0123456789012345678901234567890123456789012345678901234567890123]
                    slipway://bld_1                    | Build[id=bld_1]
                    """)
    void aValueSaysItsKind(String value, String address) {
        assertThat(ContextAddress.parse(value)).hasToString(address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://host/a.git#main:src", "git@host:a.git", "ssh://git@host/a", "git://host/a"})
    void aRepositoryIsTakenAsADDTakesIt(String value) {
        assertThat(ContextAddress.parse(value))
                .isInstanceOfSatisfying(
                        ContextAddress.Git.class,
                        git -> assertThat(git.written()).isEqualTo(value));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                    | it is empty
                    docker-image://       | is not the name of an image
                    docker-image://A      | is not the name of an image
                    oci-layout://         | names no directory
                    docker-images://a     | docker-images:// is no kind of context
                    target://a            | target:// is no kind of context
                    https://h/a.git?tag=  | has no value
                    """)
    void aValueThatCantBeMeantIsRefused(String value, String message) {
        assertThatThrownBy(() -> ContextAddress.parse(value))
                .isInstanceOf(InvalidValueException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "alpine, alpine",
        "alpine:latest, alpine",
        "docker.io/library/alpine:3, alpine:3",
        "docker.io/team/app, team/app",
        "docker.io/library/a/b, library/a/b",
        "registry.example/library/a, registry.example/library/a",
    })
    void aNameIsComparedInItsShortForm(String name, String familiar) {
        assertThat(ContextName.of(name)).isEqualTo(familiar);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a b", "a/", "scratch", "docker.io/library/scratch:latest"})
    void aNameThatNothingCouldUseIsRefused(String name) {
        assertThatThrownBy(() -> ContextName.of(name)).isInstanceOf(InvalidValueException.class);
    }
}
