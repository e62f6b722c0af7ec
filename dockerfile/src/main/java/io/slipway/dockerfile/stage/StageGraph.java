package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.MountFlag;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.SourceRange;
import io.slipway.dockerfile.source.Suggestion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The stages of a Dockerfile, what each starts from and which other stages each needs (dockerfile.md §5 FROM). Immutable. */
public final class StageGraph {

    private final List<ResolvedStage> stages;
    private final References references;

    private StageGraph(List<ResolvedStage> stages, References references) {
        this.stages = List.copyOf(stages);
        this.references = references;
    }

    /**
     * Expands every FROM and resolves all references between stages.
     *
     * @param global what FROM can see
     * @param contexts names of the build's named contexts
     * @throws DockerfileException if a FROM names no image and no platform that there can be, if a stage index is too large, if stages need each
     *     other in a circle, or if a context is to be the frontend
     */
    public static StageGraph of(Dockerfile dockerfile, GlobalScope global, Set<String> contexts) {
        References references = new References(dockerfile.stages(), contexts);
        refuseFrontend(references, dockerfile.directives().syntax());
        refuseFrontend(references, global.buildArguments().get("BUILDKIT_SYNTAX"));
        Expander expander = Expander.ofWords(dockerfile.directives().escape());
        StageResolver resolver = new StageResolver(references, expander, global);
        List<ResolvedStage> bases =
                dockerfile.stages().stream().map(resolver::from).toList();
        List<ResolvedStage> complete = bases.stream()
                .map(stage -> resolver.withNeeds(stage, dockerfile))
                .toList();
        StageGraph graph = new StageGraph(complete, references);
        graph.refuseCircles();
        return graph;
    }

    /** All stages, in the order of the Dockerfile. */
    public List<ResolvedStage> stages() {
        return stages;
    }

    /**
     * The stage to build.
     *
     * @param name its name in any case; null or empty for the last stage
     * @throws DockerfileException if there is no stage of that name
     */
    public ResolvedStage target(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            return stages.getLast();
        }
        Integer index = references.stage(name, stages.size());
        if (index == null) {
            List<String> names = references.stageNames();
            String near = Suggestion.nearest(name, names);
            String all = names.isEmpty()
                    ? "no stage has a name"
                    : (names.size() == 1 ? "the only stage with a name is " : "the stages are ")
                            + String.join(", ", names);
            throw DockerfileException.nowhere(
                    "there is no target stage \"" + name + "\"", near != null ? "did you mean " + near + "?" : all);
        }
        return stages.get(index);
    }

    /**
     * The stages that a target needs, itself included, in the order of the Dockerfile: each stands after all that it needs.
     *
     * @throws DockerfileException if one of them copies from a stage that stands after it
     */
    public List<ResolvedStage> needed(ResolvedStage target) {
        NavigableSet<Integer> found = new TreeSet<>();
        Deque<Integer> open = new ArrayDeque<>(List.of(target.stage().index()));
        while (!open.isEmpty()) {
            int index = open.pop();
            if (found.add(index)) {
                refuseLaterStages(stages.get(index));
                open.addAll(stages.get(index).stages());
            }
        }
        return found.stream().map(stages::get).toList();
    }

    /**
     * What {@code --from} of COPY or {@code from} of a mount names.
     *
     * @param from the word: a stage's name in any case, of COPY also its index, a named context, or an image
     * @param instruction the COPY or RUN
     * @param stage the stage that the instruction belongs to
     * @throws DockerfileException if it is an index of no stage, or no name that an image can have
     */
    public Reference resolve(String from, Instruction instruction, Stage stage) {
        return references.ofSource(
                from, instruction instanceof Copy, stage, instruction.origin().range());
    }

    /**
     * A hint for a word of FROM or {@code --from} whose image is not found: the earlier stage or the named context that was probably meant.
     *
     * @param stage the stage that has the word
     * @return a sentence, or null if nothing is like it
     */
    @Nullable
    public String hint(String word, Stage stage) {
        return references.hint(word, stage.index());
    }

    /** Whether {@code name} is a well-formed image reference. */
    public static boolean isImageName(String name) {
        return ImageName.isValid(name);
    }

    /** The words of {@code --from} and of the mounts' {@code from} of an instruction, in order. */
    public static List<String> sources(Instruction instruction) {
        return switch (instruction) {
            case Copy copy -> copy.from() == null ? List.of() : List.of(copy.from());
            case Run run ->
                run.mountFlags().stream()
                        .map(MountFlag::from)
                        .filter(Objects::nonNull)
                        .toList();
            case Add _, Arg _, Cmd _, Entrypoint _, Env _, Expose _, Healthcheck _, Label _ -> List.of();
            case Maintainer _, Onbuild _, Shell _, Stopsignal _, User _, Volume _, Workdir _ -> List.of();
        };
    }

    /** A named context that is called as the frontend would be the frontend (dockerfile.md §2). */
    private static void refuseFrontend(References references, @Nullable String syntax) {
        String image = syntax == null ? "" : syntax.strip().split("\\s", 2)[0];
        String context = image.isEmpty() ? null : references.context(image);
        if (context != null) {
            throw DockerfileException.nowhere(
                    "the named context " + context + " would stand in for the frontend " + image
                            + ", and another frontend is not supported",
                    "give the context another name, or leave the syntax out");
        }
    }

    private void refuseCircles() {
        NavigableSet<Integer> inCircles =
                Circles.of(stages.stream().map(ResolvedStage::stages).toList());
        for (int index : inCircles) {
            ResolvedStage stage = stages.get(index);
            if (!stage.stages().tailSet(index, true).isEmpty()) {
                throw DockerfileException.at(
                        placeOfNeed(stage, index),
                        "the stage " + stage.stage().label() + " needs itself",
                        "copy from an earlier stage");
            }
        }
    }

    private void refuseLaterStages(ResolvedStage stage) {
        int index = stage.stage().index();
        NavigableSet<Integer> later = stage.stages().tailSet(index, true);
        if (!later.isEmpty()) {
            throw DockerfileException.at(
                    placeOfNeed(stage, index),
                    "the stage " + stage.stage().label() + " copies from the stage "
                            + stages.get(later.first()).stage().label() + ", which stands after it",
                    "move that stage up");
        }
    }

    /** The first instruction of a stage that names a stage from {@code first} on. */
    private SourceRange placeOfNeed(ResolvedStage stage, int first) {
        for (Instruction instruction : stage.instructions()) {
            SourceRange range = instruction.origin().range();
            for (String from : sources(instruction)) {
                if (resolve(from, instruction, stage.stage()) instanceof Reference.OfStage(int index)
                        && index >= first) {
                    return range;
                }
            }
        }
        return stage.stage().from().origin().range();
    }
}
