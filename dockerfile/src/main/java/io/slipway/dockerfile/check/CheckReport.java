package io.slipway.dockerfile.check;

import io.slipway.dockerfile.source.DockerfileException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the checks found.
 *
 * @param warnings sorted by line, rule and message
 * @param refusal why the Dockerfile cannot be built as it is asked for, or null; the warnings are then those up to there
 */
public record CheckReport(List<Warning> warnings, @Nullable DockerfileException refusal) {

    public CheckReport {
        warnings = List.copyOf(warnings);
    }
}
