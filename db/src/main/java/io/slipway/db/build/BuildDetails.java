package io.slipway.db.build;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build with everything that belongs to it but its log; all read at one moment.
 *
 * @param cause why a trigger has submitted it, or null if somebody else has
 */
public record BuildDetails(
        Build build,
        List<Step> steps,
        List<Warning> warnings,
        List<Base> bases,
        @Nullable BuildCause cause) {
    public BuildDetails {
        steps = List.copyOf(steps);
        warnings = List.copyOf(warnings);
        bases = List.copyOf(bases);
    }
}
