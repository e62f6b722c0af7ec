package io.slipway.remote.git;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.remote.SourceException.Kind;
import java.net.URISyntaxException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.transport.URIish;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GitErrorsTest {
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
