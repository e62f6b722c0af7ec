package io.slipway.db.build;

import java.util.List;

/** A build with everything that belongs to it but its log; all read at one moment. */
public record BuildDetails(Build build, List<Step> steps, List<Warning> warnings, List<Base> bases) {
    public BuildDetails {
        steps = List.copyOf(steps);
        warnings = List.copyOf(warnings);
        bases = List.copyOf(bases);
    }
}
