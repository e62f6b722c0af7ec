package io.slipway.dockerfile.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.OutlineRequest;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.dockerfile.stage.PlatformName;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each is read and checked, or refused with the name of a limit, in time that grows with its size. The limit of time is generous: what
 * takes the square of its size would take minutes.
 */
class HostileDockerfileTest {

    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void isAnsweredInTimeAndMemoryThatAreBounded(Hostile hostile) {
        Outline outline = Outliner.outline(
                hostile.text().getBytes(StandardCharsets.UTF_8),
                new OutlineRequest(Map.of(), null, AMD64, AMD64, ignored(hostile)));
        String refusal = outline.problems().stream()
                .filter(problem -> problem.severity().equals(Outline.Problem.ERROR))
                .map(Outline.Problem::message)
                .findFirst()
                .orElse(null);
        if (hostile.refusal() == null) {
            assertThat(refusal).isNull();
        } else {
            assertThat(refusal).contains(hostile.refusal());
        }
        assertThat(outline.problems())
                .hasSizeLessThanOrEqualTo(1_001)
                .allMatch(problem -> problem.message().length() < 1_100);
    }

    private static IgnorePatterns ignored(Hostile hostile) {
        @Nullable String ignored = hostile.ignored();
        return ignored == null ? IgnorePatterns.NONE : IgnorePatterns.parse(ignored);
    }
}
