package io.slipway.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClaimPatternTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "refs/heads/main | refs/heads/main     | true",
                "refs/heads/main | refs/heads/main2    | false",
                "refs/heads/main | refs/heads/mai      | false",
                "refs/heads/main | REFS/heads/main     | false",
                "refs/heads/*    | refs/heads/a/b      | true",
                "refs/heads/*    | refs/heads/         | true",
                "refs/heads/*    | refs/tags/a         | false",
                "refs/heads/*    | x/refs/heads/a      | false",
                "org/*/app       | org/a/app           | true",
                "org/*/app       | org/a/app/app       | true",
                "org/*/app       | org/app             | false",
                "*               | anything            | true",
                "**a*            | bab                 | true",
                "a*b*c           | abcbcbc             | true",
                "a*b*c           | abcbcb              | false",
                "a.c             | abc                 | false",
                "a?c             | abc                 | false",
                "[ab]            | a                   | false",
            })
    void onlyStarsStandForAnythingElse(String pattern, String value, boolean matches) {
        assertThat(ClaimPattern.matches(pattern, value)).isEqualTo(matches);
    }

    @Test
    void everyExpectedClaimMustBeThere() {
        Map<String, Object> claims = Map.of(
                "repository",
                "org/app",
                "protected",
                true,
                "number",
                12,
                "groups",
                List.of("a", "b"),
                "nested",
                Map.of("a", "b"));
        assertThat(ClaimPattern.matchesAll(Map.of("repository", "org/app", "protected", "true"), claims))
                .isTrue();
        assertThat(ClaimPattern.matchesAll(Map.of("repository", "org/app", "ref", "*"), claims))
                .isFalse();
        assertThat(ClaimPattern.matchesAll(Map.of("number", "12"), claims)).isTrue();
        assertThat(ClaimPattern.matchesAll(Map.of("groups", "b"), claims)).isTrue();
        assertThat(ClaimPattern.matchesAll(Map.of("groups", "c"), claims)).isFalse();
        assertThat(ClaimPattern.matchesAll(Map.of("nested", "*"), claims)).isFalse();
    }

    @Test
    void anAdversarysValueTakesNoTime() {
        String pattern = "a*".repeat(200) + "b";
        assertThat(org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(10), () -> ClaimPattern.matches(pattern, "a".repeat(20_000))))
                .isFalse();
    }
}
