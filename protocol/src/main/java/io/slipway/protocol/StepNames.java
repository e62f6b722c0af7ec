package io.slipway.protocol;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of a build are called: {@code build.2} is the second step of the stage {@code build}, its FROM counted if that is a step. So
 * names stay the same when other stages change. The steps of each platform have the same names. Not thread-safe.
 */
public final class StepNames {
    private final Map<String, Integer> counts = new HashMap<>();

    /**
     * The name of the next step.
     *
     * @param stage its stage, as {@link StepInfo} has it: if there are several platforms, behind the platform and a blank
     * @param instruction what it is called if it is no line of the Dockerfile
     * @param line its line, or null
     */
    public String next(String stage, String instruction, @Nullable Integer line) {
        if (line == null) {
            return instruction;
        }
        return stage.substring(stage.lastIndexOf(' ') + 1) + "." + counts.merge(stage, 1, Integer::sum);
    }
}
