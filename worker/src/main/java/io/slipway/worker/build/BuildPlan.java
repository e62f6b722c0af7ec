package io.slipway.worker.build;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.check.Entitlements;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.Suggestion;
import io.slipway.dockerfile.stage.GlobalScope;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.dockerfile.stage.StageGraph;
import io.slipway.image.Digest;
import io.slipway.image.Platform;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.StepInfo;
import io.slipway.protocol.StepNames;
import io.slipway.worker.cache.KeyHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a build is going to do: the stages that the target needs, and the steps that its user will see. Immutable.
 *
 * @param stages the stages that are built, each after all that it needs
 * @param target the last of them
 * @param platform what it is built for
 * @param steps the steps but the export, numbered on from those of other platforms' plans
 * @param names the names of the steps
 * @param numbers the step of each instruction that has one
 */
record BuildPlan(
        Dockerfile dockerfile,
        GlobalScope global,
        StageGraph graph,
        List<ResolvedStage> stages,
        ResolvedStage target,
        Platform platform,
        List<StepInfo> steps,
        List<String> names,
        Map<Origin, Integer> numbers) {
    /** How many steps a hint lists. */
    private static final int MOST_NAMED = 20;

    /**
     * Plans.
     *
     * @param label comes before the names of stages in steps; empty if there is one platform only
     * @param before how many steps other plans have
     * @throws BuildFailure if the target, or something in it, cannot be built
     */
    static BuildPlan of(
            Dockerfile dockerfile,
            GlobalScope global,
            StageGraph graph,
            ResolvedStage target,
            Platform platform,
            String label,
            int before)
            throws BuildFailure {
        List<ResolvedStage> stages = graph.needed(target);
        List<StepInfo> steps = new ArrayList<>();
        Map<Origin, Integer> numbers = new HashMap<>();
        for (ResolvedStage stage : stages) {
            if (stage.base() instanceof Reference.OfImage || stage.base() instanceof Reference.OfContext) {
                add(
                        steps,
                        numbers,
                        before,
                        label + stage.stage().label(),
                        stage.stage().from().origin());
            }
            for (Instruction instruction : stage.instructions()) {
                refuse(instruction);
                if (instruction instanceof Run
                        || instruction instanceof Copy
                        || instruction instanceof Add
                        || instruction instanceof Workdir) {
                    add(steps, numbers, before, label + stage.stage().label(), instruction.origin());
                }
            }
        }
        StepNames names = new StepNames();
        return new BuildPlan(
                dockerfile,
                global,
                graph,
                stages,
                target,
                platform,
                List.copyOf(steps),
                steps.stream()
                        .map(step -> names.next(step.stage(), step.instruction(), step.line()))
                        .toList(),
                numbers);
    }

    private static void refuse(Instruction instruction) throws BuildFailure {
        try {
            Entitlements.check(instruction);
        } catch (DockerfileException e) {
            throw Failures.of(e, instruction.origin());
        }
    }

    private static void add(
            List<StepInfo> steps, Map<Origin, Integer> numbers, int before, String stage, Origin origin) {
        int number = before + steps.size() + 1;
        steps.add(new StepInfo(number, stage, origin.text(), origin.range().line()));
        numbers.put(origin, number);
    }

    /** The number of an instruction's step; a trigger of a base image belongs to the FROM that fired it, or to the last step. */
    int step(Origin origin) {
        Integer number = numbers.get(origin);
        if (number != null) {
            return number;
        }
        return steps.stream()
                .filter(step ->
                        step.line() != null && step.line() == origin.range().line())
                .findFirst()
                .orElse(steps.getLast())
                .number();
    }

    /** The name of an instruction's step. */
    String stepName(Origin origin) {
        return names.get(step(origin) - steps.getFirst().number());
    }

    /**
     * Names a place in the Dockerfile, the same in every build whatever its target: the n-th step of a stage.
     *
     * @param name the Dockerfile's
     * @param ordinal 0 for FROM
     */
    Digest place(String name, ResolvedStage stage, int ordinal) {
        return new KeyHash("place")
                .add(name)
                .add(platform.toString())
                .add(stage.stage().label())
                .add(ordinal)
                .digest();
    }

    /** What a stage is built for: what its FROM says, or that of the stage that it starts from, or what the plan is for. */
    Platform platformOf(ResolvedStage stage) {
        if (stage.base() instanceof Reference.OfStage(int index)) {
            return platformOf(stage(index));
        }
        return stage.platform() == null
                ? platform
                : Platform.parse(stage.platform().toString());
    }

    private ResolvedStage stage(int index) {
        return graph.stages().get(index);
    }

    /** @throws BuildFailure for the first instruction that may not be used, as far as that can be told before it is expanded */
    void require(PolicyGate gate) throws BuildFailure {
        for (ResolvedStage stage : stages) {
            for (Instruction instruction : stage.instructions()) {
                gate.require(instruction);
            }
        }
    }

    /**
     * Looks whether the steps that layers are to end after are steps of the image.
     *
     * @throws BuildFailure for the first that is none
     */
    void requireSteps(LayerRule rule) throws BuildFailure {
        List<String> known = new ArrayList<>();
        for (ResolvedStage stage : stages) {
            if (isPartOfImage(stage)) {
                numbers.keySet().stream()
                        .filter(origin -> isOf(origin, stage))
                        .sorted(Comparator.comparingInt(this::step))
                        .forEach(origin -> known.add(stepName(origin)));
            }
        }
        for (String step : rule.steps()) {
            if (!known.contains(step)) {
                String nearest = Suggestion.hint(step, known);
                String all = known.isEmpty()
                        ? "the image has no steps"
                        : "steps of the image are "
                                + String.join(", ", known.subList(0, Math.min(known.size(), MOST_NAMED)));
                String why = names.contains(step)
                        ? ", which is a step of a stage that the image is not made of"
                        : ", which is no step of this build";
                throw new BuildFailure(
                        new BuildError(
                                ErrorCode.DOCKERFILE_INVALID,
                                "layers names " + step + why,
                                null,
                                null,
                                null,
                                nearest == null ? all : nearest),
                        null);
            }
        }
    }

    private static boolean isOf(Origin origin, ResolvedStage stage) {
        return origin.equals(stage.stage().from().origin())
                || stage.instructions().stream()
                        .anyMatch(instruction -> instruction.origin().equals(origin));
    }

    /** Whether another stage starts or copies from this one. */
    boolean isUsedByOthers(ResolvedStage stage) {
        return stages.stream()
                .anyMatch(other -> other.stages().contains(stage.stage().index()));
    }

    /** Whether the layers of this stage are layers of the image: it is the target, or the target starts from it. */
    boolean isPartOfImage(ResolvedStage stage) {
        ResolvedStage current = target;
        while (current.stage().index() != stage.stage().index()) {
            if (!(current.base() instanceof Reference.OfStage(int index))) {
                return false;
            }
            current = stage(index);
        }
        return true;
    }
}
