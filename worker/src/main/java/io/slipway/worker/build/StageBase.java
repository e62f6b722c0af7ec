package io.slipway.worker.build;

import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.image.Descriptor;
import io.slipway.image.Platform;
import io.slipway.image.layer.Layer;
import io.slipway.image.registry.RegistryException;
import io.slipway.protocol.StepOutcome;
import io.slipway.worker.copy.CopyRequest;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** FROM: the image that a stage starts from. Used by one thread. */
final class StageBase {
    private final Session session;
    private final BuildPlan plan;
    private final Bases bases;
    private final StageRun.StageResults results;
    private final ResolvedStage stage;
    private final Runnable found;

    /** @param found is told when there is a context, whose files are still to be copied */
    StageBase(
            Session session,
            BuildPlan plan,
            Bases bases,
            StageRun.StageResults results,
            ResolvedStage stage,
            Runnable found) {
        this.session = session;
        this.plan = plan;
        this.bases = bases;
        this.results = results;
        this.stage = stage;
        this.found = found;
    }

    /** The image, as it is there: with the triggers that it may have. */
    ImageState state() throws IOException, InterruptedException, BuildFailure {
        return switch (stage.base()) {
            // Whatever its FROM says: the image of nothing is for what is built for.
            case Reference.Scratch() -> bases.scratch(plan.platform());
            case Reference.OfStage(int index) -> results.await(index).ofNextStage();
            case Reference.OfContext(String name) -> step(log -> context(name, log));
            case Reference.OfImage(String name) -> step(_ -> image(name, named(name)));
        };
    }

    private ImageState named(String name) throws IOException, BuildFailure {
        try {
            return bases.image(name, platform());
        } catch (RegistryException e) {
            throw Failures.ofName(
                    e,
                    plan.graph().hint(name, stage.stage()),
                    stage.stage().from().origin());
        }
    }

    /** What FROM came to, and the layer that it made itself, if it did. */
    private record Found(
            ImageState state, StepOutcome outcome, @Nullable Descriptor layer) {}

    @FunctionalInterface
    private interface Search {
        Found find(StepLog.Running log) throws IOException, InterruptedException, BuildFailure;
    }

    private ImageState step(Search search) throws IOException, InterruptedException, BuildFailure {
        StepLog.Running log = session.log()
                .start(
                        plan.step(stage.stage().from().origin()),
                        plan.place(session.spec().dockerfileName(), stage, 0));
        boolean done = false;
        try {
            Found found = search.find(log);
            log.finished(found.outcome(), found.layer());
            done = true;
            return found.state();
        } finally {
            if (!done) {
                log.finished(StepOutcome.FAILED, null);
            }
        }
    }

    private Platform platform() {
        return plan.platformOf(stage);
    }

    private Found context(String name, StepLog.Running log) throws IOException, InterruptedException, BuildFailure {
        return switch (bases.context(name, platform())) {
            case Source.Image(ImageState image) -> image(name, image);
            case Source.Files files -> files(name, files, log);
        };
    }

    private Found image(String name, ImageState image) throws PlatformMissingException {
        checkPlatform(name, image.platform(), platform());
        return new Found(image, StepOutcome.EXECUTED, null);
    }

    /** The empty image with all files of a context, as {@code COPY / /} would copy them. */
    private Found files(String name, Source.Files files, StepLog.Running log)
            throws IOException, InterruptedException, BuildFailure {
        found.run();
        ImageState empty = bases.scratch(plan.platform());
        CopyRequest all = CopyRequest.plain("/", "/");
        boolean needed = !stage.instructions().isEmpty() || plan.isUsedByOthers(stage);
        StepResult copied = new CopyStep(session, empty, all, files, Map.of()).execute(needed, log);
        Layer layer = copied.layer().layer();
        return new Found(
                empty.plus(
                        copied.layer(),
                        "FROM " + name,
                        stage.stage().index(),
                        plan.stepName(stage.stage().from().origin())),
                copied.cached() ? StepOutcome.CACHED : StepOutcome.EXECUTED,
                layer.isEmpty() ? null : layer.descriptor());
    }

    /**
     * A name that means one manifest is answered with it whatever platform was asked for. Of one platform's build that is said in a warning, as
     * in the reference; an index that has another image than it says would help nobody.
     */
    private void checkPlatform(String image, Platform found, Platform wanted) throws PlatformMissingException {
        boolean same = found.os().equals(wanted.os()) && found.architecture().equals(wanted.architecture());
        if (!same && session.spec().platforms().size() > 1 && plan.isPartOfImage(stage)) {
            throw new PlatformMissingException(image + " is for " + found + " only, and not for " + wanted);
        }
    }
}
