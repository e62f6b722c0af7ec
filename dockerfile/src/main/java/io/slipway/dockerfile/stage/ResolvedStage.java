package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.instruction.Instruction;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * A stage whose FROM is expanded.
 *
 * @param base what it starts from
 * @param image the word of FROM after expansion
 * @param platform the platform of {@code --platform}, or null
 * @param triggers the ONBUILD instructions of the stage that it starts from; they run before its own. Those of an image are in its config
 * @param stages indexes of the stages that it needs itself
 */
public record ResolvedStage(
        Stage stage,
        Reference base,
        String image,
        @Nullable PlatformName platform,
        List<Instruction> triggers,
        NavigableSet<Integer> stages) {

    public ResolvedStage {
        triggers = List.copyOf(triggers);
    }

    /** The triggers of the base stage, and after them the instructions of the stage. */
    public List<Instruction> instructions() {
        if (triggers.isEmpty()) {
            return stage.instructions();
        }
        List<Instruction> all = new ArrayList<>(triggers);
        all.addAll(stage.instructions());
        return List.copyOf(all);
    }
}
