package io.slipway.dockerfile.check;

import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.source.Suggestion;
import io.slipway.dockerfile.stage.EpochSource;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.dockerfile.stage.StageGraph;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The named contexts that a Dockerfile uses anywhere, also in stages that the target does not need. Not thread-safe. */
final class UsedContexts {

    private final StageGraph graph;
    private final Set<String> used = new TreeSet<>();

    /** The words that might have named a context, and do not. */
    private final Set<String> others = new TreeSet<>();

    UsedContexts(StageGraph graph, @Nullable EpochSource epoch) {
        this.graph = graph;
        if (epoch instanceof EpochSource.OfContext(String name)) {
            used.add(name);
        }
        for (ResolvedStage stage : graph.stages()) {
            note(stage.image(), stage.base());
            add(stage, stage.instructions());
        }
    }

    /** Notes what instructions of a stage name that are not written in the Dockerfile. */
    void add(ResolvedStage stage, List<Instruction> instructions) {
        for (Instruction instruction : instructions) {
            for (String from : StageGraph.sources(instruction)) {
                note(from, graph.resolve(from, instruction, stage.stage()));
            }
        }
    }

    private void note(String word, Reference reference) {
        if (reference instanceof Reference.OfContext(String name)) {
            used.add(name);
        } else {
            others.add(word);
        }
    }

    /** Warns of the contexts that are not used. */
    void warnOfOthers(Set<String> contexts, WarningCollector warnings) {
        for (String name : new TreeSet<>(contexts)) {
            if (!used.contains(name)) {
                String near = Suggestion.nearest(name, others);
                warnings.warnOfRequest(
                        Rule.CONTEXT_WITHOUT_EFFECT,
                        "The named context " + name + " is named nowhere in the Dockerfile"
                                + (near == null ? "" : "; did you mean " + near + "?"));
            }
        }
    }
}
