package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Instruction;
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
    private final Map<Integer, CompletableFuture<ImageState>> started = new ConcurrentHashMap<>();

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
     * the checks are through, and before it is known that the image may be pushed: nobody waits for a build whose result nobody takes.
     *
     * @return the target's image
     */
    ImageState build() throws InterruptedException, BuildFailure {
        List<CompletableFuture<Void>> found = new ArrayList<>();
        for (ResolvedStage stage : plan.stages()) {
            var _ = start(stage.stage().index());
            stage.stage().instructions().forEach(instruction -> find(stage, instruction, found));
        }
        background.start(() -> {
            new PlanChecks(session, plan, bases).run();
            background.await(pushable);
            background.await(CompletableFuture.allOf(found.toArray(CompletableFuture[]::new)));
            checked.complete(null);
        });
        return background.await(start(plan.target().stage().index()));
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

    private Sources sources(ResolvedStage stage) {
        return new Sources(session, plan, bases, needed -> background.await(start(needed)), stage);
    }

    /** Starts a stage if nobody has: one that is not planned is needed by a trigger of a base image. */
    private CompletableFuture<ImageState> start(int index) {
        CompletableFuture<ImageState> own = new CompletableFuture<>();
        CompletableFuture<ImageState> earlier = started.putIfAbsent(index, own);
        if (earlier != null) {
            return earlier;
        }
        background.start(() -> {
            StageRun run = new StageRun(
                    session,
                    plan,
                    bases,
                    push,
                    needed -> background.await(start(needed)),
                    plan.graph().stages().get(index),
                    background::fail);
            ImageState base = run.base();
            background.await(checked);
            own.complete(run.build(base));
        });
        return own;
    }
}
