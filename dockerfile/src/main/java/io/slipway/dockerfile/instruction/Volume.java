package io.slipway.dockerfile.instruction;

import java.util.List;

/** {@code VOLUME PATH …} or {@code VOLUME ["PATH", …]}: mount points for data from outside; never empty. */
public record Volume(Origin origin, List<String> paths) implements Instruction {

    public Volume {
        paths = List.copyOf(paths);
    }
}
