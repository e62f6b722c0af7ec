package io.slipway.dockerfile.check;

import io.slipway.dockerfile.source.DockerfileException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the checks found.
 *
 * @param warnings sorted by line, rule and message
 * @param refusal why the Dockerfile cannot be built as it is asked for, or null; the warnings are then those up to there
 * @param stages what is known of the stages, or null if they could not be resolved
 */
public record CheckReport(
        List<Warning> warnings,
        @Nullable DockerfileException refusal,
        @Nullable CheckedStages stages) {

    public CheckReport {
        warnings = List.copyOf(warnings);
    }

    /** Of a Dockerfile of which no more is known than why it cannot be built. */
    public static CheckReport refused(DockerfileException refusal) {
        return new CheckReport(List.of(), refusal, null);
    }
}
