package io.slipway.worker.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.remote.Authorization;
import io.slipway.remote.SourceException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RemoteSecretsTest {
    @Test
    void aTokenOfHttpIsForItsHostInEitherCase() {
        RemoteSecrets secrets = secrets("HTTP_AUTH_TOKEN_Files.Example", "t\n");
        assertThat(secrets.forFiles("files.example")).isEqualTo("Bearer t");
        assertThat(secrets.forFiles("example")).isNull();
        assertThat(secrets.forFiles("files.example.org")).isNull();
        assertThat(secrets.forRepositories(List.of("files.example"))).isNull();
    }

    @Test
    void aHeaderIsSentAsItIsAndGoesBeforeAToken() {
        assertThat(secrets("HTTP_AUTH_TOKEN_h", "t", "HTTP_AUTH_HEADER_h", "Basic abc")
                        .forFiles("h"))
                .isEqualTo("Basic abc");
        assertThat(secrets("GIT_AUTH_TOKEN", "t", "GIT_AUTH_HEADER", "Basic abc")
                        .forRepositories(List.of("h")))
                .isEqualTo("Basic abc");
    }

    @Test
    void aTokenOfGitIsForItsHostElseForAll() {
        RemoteSecrets secrets =
                secrets("GIT_AUTH_TOKEN.git.example", "one", "GIT_AUTH_TOKEN", "all", "GIT_AUTH_TOKEN.h:8443", "port");
        assertThat(secrets.forRepositories(List.of("git.example:443", "git.example")))
                .isEqualTo(Authorization.basic("x-access-token", "one"));
        assertThat(secrets.forRepositories(List.of("h:8443", "h")))
                .isEqualTo(Authorization.basic("x-access-token", "port"));
        assertThat(secrets.forRepositories(List.of("other:443", "other")))
                .isEqualTo(Authorization.basic("x-access-token", "all"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "a\nX-Other: b", "tökén"})
    void whatIsNoHeaderIsRefusedAndNotRepeated(String value) {
        RemoteSecrets secrets = secrets("HTTP_AUTH_TOKEN_h", value);
        assertThatThrownBy(() -> secrets.forFiles("h"))
                .isInstanceOf(SourceException.class)
                .hasMessage("the secret HTTP_AUTH_TOKEN_h is empty or not in one line of ASCII characters");
    }

    private static RemoteSecrets secrets(String... pairs) {
        Map<String, byte[]> secrets = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            secrets.put(pairs[i], pairs[i + 1].getBytes(UTF_8));
        }
        return new RemoteSecrets(secrets);
    }
}
