package io.slipway.dockerfile.check;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.Suggestion;
import io.slipway.dockerfile.stage.EpochSource;
import io.slipway.dockerfile.stage.GlobalScope;
import io.slipway.dockerfile.stage.PredefinedArguments;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.dockerfile.stage.StageGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One run of all checks, which keeps what it found even if it ends with a refusal. Not thread-safe. */
final class CheckRun {

    private final CheckRequest request;
    private final WarningCollector warnings;
    private final List<CheckedStages.ExpandedRun> runs = new ArrayList<>();
    private final Map<Origin, Arg> arguments = new HashMap<>();

    @Nullable
    private StageGraph graph;

    @Nullable
    private List<ResolvedStage> needed;

    CheckRun(CheckRequest request, WarningCollector warnings) {
        this.request = request;
        this.warnings = warnings;
    }

    /** Runs the checks; the answer is why the Dockerfile cannot be built, or null. */
    @Nullable
    DockerfileException run() {
        try {
            check();
            return null;
        } catch (DockerfileException e) {
            return e;
        }
    }

    List<Warning> warnings() {
        return warnings.warnings();
    }

    @Nullable
    CheckedStages stages() {
        return graph == null ? null : new CheckedStages(graph.stages(), needed, images(graph), runs, arguments);
    }

    private List<CheckedStages.NamedImage> images(StageGraph stages) {
        List<CheckedStages.NamedImage> images = new ArrayList<>();
        for (ResolvedStage stage : needed == null ? List.<ResolvedStage>of() : needed) {
            if (stage.base() instanceof Reference.OfImage(String name)) {
                images.add(
                        new CheckedStages.NamedImage(name, stage.stage().from().origin()));
            }
            for (Instruction instruction : stage.instructions()) {
                for (String source : StageGraph.sources(instruction)) {
                    if (stages.resolve(source, instruction, stage.stage()) instanceof Reference.OfImage(String name)) {
                        images.add(new CheckedStages.NamedImage(name, instruction.origin()));
                    }
                }
            }
        }
        return images;
    }

    private void check() {
        Dockerfile dockerfile = request.dockerfile();
        TextChecks.check(dockerfile, warnings);
        checkArguments();
        Map<String, String> predefined = PredefinedArguments.ofGlobalScope(
                request.targetPlatform(), request.buildPlatform(), dockerfile, request.target());
        GlobalScope global = GlobalScope.of(dockerfile, request.buildArguments(), predefined);
        dockerfile.globalArguments().forEach(arg -> arguments.put(arg.origin(), global.evaluated(arg)));
        FromChecks.check(dockerfile, global, predefined, warnings);
        StageGraph stages = StageGraph.of(dockerfile, global, request.contexts());
        graph = stages;
        EpochSource epoch = EpochSource.of(dockerfile, global, request.contexts());
        List<ResolvedStage> inOrder = stages.needed(stages.target(request.target()));
        needed = inOrder;
        StageChecks checks =
                new StageChecks(request, global, warnings, runs::add, arg -> arguments.put(arg.origin(), arg));
        checks.check(inOrder);
        if (checks.knowsAllBases()) {
            UsedContexts used = new UsedContexts(stages, epoch);
            checks.addTriggers(used);
            used.warnOfOthers(request.contexts(), warnings);
        }
        inOrder.forEach(stage -> stage.instructions().forEach(Entitlements::check));
    }

    private void checkArguments() {
        var _ = PredefinedArguments.isMultiPlatform(request.buildArguments());
        var _ = PredefinedArguments.hostname(request.buildArguments());
        for (String name : PredefinedArguments.withoutEffect(request.buildArguments())) {
            warnings.warnOfRequest(
                    Rule.ARGUMENT_WITHOUT_EFFECT,
                    "The build argument " + name + " has no effect: Slipway does not attach that to an image");
        }
        Set<String> declared = declaredArguments(request.dockerfile());
        for (String name : new TreeSet<>(request.buildArguments().keySet())) {
            if (!declared.contains(name) && !PredefinedArguments.isPredefined(name)) {
                String near = Suggestion.nearest(name, declared);
                warnings.warnOfRequest(
                        Rule.ARGUMENT_WITHOUT_EFFECT,
                        "The build argument " + name + " is declared by no ARG of the Dockerfile"
                                + (near == null ? "" : "; did you mean " + near + "?"));
            }
        }
    }

    /** Those of all stages, and of what ONBUILD keeps for others. */
    private static Set<String> declaredArguments(Dockerfile dockerfile) {
        Set<String> names = new TreeSet<>();
        dockerfile.globalArguments().forEach(arg -> add(arg, names));
        for (Stage stage : dockerfile.stages()) {
            for (Instruction instruction : stage.instructions()) {
                if (instruction instanceof Arg arg) {
                    add(arg, names);
                } else if (instruction instanceof Onbuild onbuild && trigger(onbuild) instanceof Arg arg) {
                    add(arg, names);
                }
            }
        }
        return names;
    }

    /** What ONBUILD keeps; null if it could not run: it is kept all the same. */
    private static @Nullable Instruction trigger(Onbuild onbuild) {
        try {
            return Dockerfile.parseTrigger(onbuild.trigger(), onbuild.origin().range());
        } catch (DockerfileException e) {
            return null;
        }
    }

    private static void add(Arg arg, Set<String> names) {
        arg.declarations().forEach(declaration -> names.add(declaration.name()));
    }
}
