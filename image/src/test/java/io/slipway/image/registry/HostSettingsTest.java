package io.slipway.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostSettingsTest {
    private static final HostSettings HOST = new HostSettings(
            List.of(),
            null,
            new Credentials("all", "p"),
            Map.of("team", new Credentials("team", "p"), "team/app/deep", new Credentials("deep", "p")));

    @ParameterizedTest
    @CsvSource({
        "team, team",
        "team/app, team",
        "team/app/deep, deep",
        "team/app/deep/er, deep",
        "team/app/deeper, team",
        "teams, all",
        "other/team, all"
    })
    void theLongestRepositoryThatFitsCounts(String repository, String username) {
        assertThat(HOST.credentials(repository))
                .isNotNull()
                .extracting(Credentials::username)
                .isEqualTo(username);
        assertThat(HOST.withCredentials(null).credentials("other")).isNull();
    }
}
