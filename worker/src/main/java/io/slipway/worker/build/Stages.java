package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.dockerfile.stage.StageGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The stages of one plan, each built once, at the same time as far as they need not wait for each other. Thread-safe. */
final class Stages {
    private final Session session;
    private final BuildPlan plan;
    private final Bases bases;
    private final Push push;
    private final CompletableFuture<?> pushable;
    private final Background background;
    private final CompletableFuture<Void> checked = new CompletableFuture<>();
    private final Map<Integer, Begun> stages = new ConcurrentHashMap<>();

    /** @param pushable completes when the image may be pushed where it is to be */
    Stages(
            Session session,
            BuildPlan plan,
            Bases bases,
            Push push,
            CompletableFuture<?> pushable,
            Background background) {
        this.session = session;
        this.plan = plan;
        this.bases = bases;
        this.push = push;
        this.pushable = pushable;
        this.background = background;
    }

    /**
     * Builds what the target needs. The base images are looked for beside the build checks, which need them, too; no instruction runs before
     * the checks are through, everything that is named is found, and it is known that the image may be pushed: nobody waits for a build whose
     * result nobody takes.
     *
     * @return the target's image
     */
    ImageState build() throws InterruptedException, BuildFailure {
        List<CompletableFuture<Void>> found = new ArrayList<>();
        for (ResolvedStage stage : plan.stages()) {
            Begun begun = begin(stage.stage().index());
            if (!(stage.base() instanceof Reference.OfStage)) {
                found.add(begun.based());
            }
            stage.stage().instructions().forEach(instruction -> find(stage, instruction, found));
        }
        background.start(() -> {
            new PlanChecks(session, plan, bases).run();
            background.await(pushable);
            background.await(CompletableFuture.allOf(found.toArray(CompletableFuture[]::new)));
            checked.complete(null);
        });
        return image(plan.target().stage().index());
    }

    /** Looks for the images that an instruction names, so that a name that means nothing is told before anything runs. */
    private void find(ResolvedStage stage, Instruction instruction, List<CompletableFuture<Void>> found) {
        for (String from : StageGraph.sources(instruction)) {
            CompletableFuture<Void> one = new CompletableFuture<>();
            found.add(one);
            background.start(() -> {
                try {
                    sources(stage).find(from, instruction);
                    one.complete(null);
                } catch (BuildFailure e) {
                    one.completeExceptionally(e); // what the checks say comes first
                }
            });
        }
    }

    /**
     * A stage on its way.
     *
     * @param based completes when what its FROM names is found; what it names may still have to be copied
     * @param built its image
     */
    private record Begun(CompletableFuture<Void> based, CompletableFuture<ImageState> built) {
        Begun() {
            this(new CompletableFuture<>(), new CompletableFuture<>());
        }
    }

    private Sources sources(ResolvedStage stage) {
        return new Sources(session, plan, bases, this::image, stage);
    }

    private ImageState image(int index) throws InterruptedException, BuildFailure {
        return background.await(begin(index).built());
    }

    /** Starts a stage if nobody has: one that is not planned is needed by a trigger of a base image. */
    private Begun begin(int index) {
        Begun own = new Begun();
        Begun earlier = stages.putIfAbsent(index, own);
        if (earlier != null) {
            return earlier;
        }
        background.start(() -> {
            StageRun run = new StageRun(
                    session,
                    plan,
                    bases,
                    push,
                    this::image,
                    plan.graph().stages().get(index),
                    background::fail);
            ImageState base = run.base(() -> own.based().complete(null));
            background.await(checked);
            own.built().complete(run.build(base));
        });
        return own;
    }
}
