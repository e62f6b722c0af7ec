package io.slipway.remote.git;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.transport.URIish;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class GitErrorsTest {
    static Stream<Arguments> whatSocketsSay() {
        return Stream.of(
                Arguments.of(new ConnectException("Connection refused"), "its server does not accept connections"),
                Arguments.of(new SocketTimeoutException("Read timed out"), "its server does not answer in time"),
                Arguments.of(new UnknownHostException("git.example"), "there is no host of this name"),
                Arguments.of(new SSLHandshakeException("PKIX path building failed"), "no secure connection"));
    }

    @ParameterizedTest
    @MethodSource("whatSocketsSay")
    void whatSocketsSayIsToldInWords(IOException said, String told) throws URISyntaxException {
        SourceException error =
                GitErrors.of(new URIish("https://git.example/app.git"), new TransportException("cannot open", said));
        assertThat(error.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(error).hasMessageContaining(told).hasMessageContaining("https://git.example/app.git");
    }

    @ParameterizedTest
    @CsvSource({
        "https://git.example/app.git, 503 Service Unavailable, true",
        "https://git.example/app.git, 502 Bad Gateway, true",
        "https://git.example/app.git, 429 Too Many Requests, true",
        "https://git.example/503.git, connection reset, false",
        "https://git.example/app.git, 403 Forbidden, false",
        "https://git.example/app.git, not found, false",
    })
    void whatMayPassIsKnownByTheStatus(String url, String said, boolean passing) throws URISyntaxException {
        SourceException error = GitErrors.of(new URIish(url), new TransportException(url + ": " + said));
        assertThat(GitErrors.isPassing(error)).isEqualTo(passing);
    }

    @Test
    void aServerThatTakesNoConnectionMayBeStarting() throws URISyntaxException {
        URIish uri = new URIish("https://git.example/app.git");
        assertThat(GitErrors.isPassing(
                        GitErrors.of(uri, new TransportException("no", new ConnectException("refused")))))
                .isTrue();
        assertThat(GitErrors.isPassing(
                        GitErrors.of(uri, new TransportException("no", new UnknownHostException("git.example")))))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:34039/app.git, Remote does not have abc available for fetch., UNREACHABLE",
        "https://git.example/not-found/403/authentication.git, connection reset, UNREACHABLE",
        "https://git.example/app.git, 403 Forbidden, AUTH",
        "https://git.example/app.git, git-upload-pack not permitted on 'https://git.example/app.git', AUTH",
        "https://git.example/403.git, not found, REPOSITORY_NOT_FOUND",
    })
    void whatAUrlHasInItIsNoReason(String url, String said, Kind kind) throws URISyntaxException {
        URIish uri = new URIish(url);
        assertThat(GitErrors.of(uri, new TransportException(url + ": " + said)).kind())
                .isEqualTo(kind);
    }
}
