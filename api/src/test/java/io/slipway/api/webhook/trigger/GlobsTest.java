package io.slipway.api.webhook.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.protocol.Globs;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GlobsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                     | main           | true",
                "main                 | main           | true",
                "main                 | mainline       | false",
                "main                 | Main           | false",
                "release/*            | release/1      | true",
                "release/*            | release/1/x    | false",
                "release/**           | release/1/x    | true",
                "release/**           | release        | false",
                "**                   | a/b/c          | true",
                "*                    | a              | true",
                "*                    | a/b            | false",
                "v?.?                 | v1.2           | true",
                "v?.?                 | v1/2           | false",
                "v?.?                 | v1x2           | false",
                "v?                   | v/             | false",
                "**/Dockerfile        | Dockerfile     | true",
                "**/Dockerfile        | a/b/Dockerfile | true",
                "**/Dockerfile        | aDockerfile    | false",
                "src/**/x             | src/x          | true",
                "src/**/x             | src/a/b/x      | true",
                "src/**/x             | src/ax         | false",
                "a**/x                | ab/c/x         | true",
                "a**/x                | ax             | false",
                "*.md                 | README.md      | true",
                "a.c                  | abc            | false",
                "main,!main           | main           | false",
                "release/*,!release/0 | release/0      | false",
                "release/*,!release/0 | release/1      | true",
                "!docs/**             | docs/a         | false",
                "!docs/**             | src/a          | true",
                "**,!docs/**,docs/api | docs/api       | true",
                "**,!docs/**,docs/api | docs/web       | false",
            })
    void theLastPatternThatMatchesDecides(@Nullable String patterns, String name, boolean chosen) {
        Globs globs = new Globs(patterns == null ? List.of() : List.of(patterns.split(",")));
        assertThat(globs.choose(name)).isEqualTo(chosen);
    }

    @Test
    void manyStarsTakeNoTime() {
        Globs globs = new Globs(List.of("*a".repeat(100) + "b"));
        Assertions.assertTimeout(Duration.ofSeconds(5), () -> globs.choose("a".repeat(250)));
    }
}
