package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.image.registry.RegistryException;
import io.slipway.protocol.NamedContext;
import java.io.IOException;

/** What {@code --from} of COPY and {@code from} of a mount name in one stage. Used by one thread. */
final class Sources {
    private final Session session;
    private final BuildPlan plan;
    private final Bases bases;
    private final StageRun.StageResults results;
    private final ResolvedStage stage;

    Sources(Session session, BuildPlan plan, Bases bases, StageRun.StageResults results, ResolvedStage stage) {
        this.session = session;
        this.plan = plan;
        this.bases = bases;
        this.results = results;
        this.stage = stage;
    }

    /** Waits for the stage, if a stage is named: a step has not begun while it waits for another one. */
    void await(String from, Instruction instruction) throws IOException, InterruptedException, BuildFailure {
        if (resolve(from, instruction) instanceof Reference.OfStage(int index)) {
            results.await(index);
        }
    }

    /** Looks for what is named, if it is an image of a registry; without its files. */
    void find(String from, Instruction instruction) throws BuildFailure {
        Origin origin = instruction.origin();
        try {
            switch (resolve(from, instruction)) {
                case Reference.OfImage(String name) -> image(name, from, origin);
                case Reference.OfContext(String name) -> {
                    if (session.contexts().named(name) instanceof NamedContext.Image) {
                        bases.context(name, session.platform());
                    }
                }
                case Reference.OfStage _, Reference.Scratch _ -> {
                    // Nothing to look for.
                }
            }
        } catch (IOException | RuntimeException e) {
            throw Failures.of(e, origin);
        }
    }

    /** The build's own context. */
    Source main() {
        return new Source.Files(session.contexts().main());
    }

    /** What is named. */
    Source source(String from, Instruction instruction) throws IOException, InterruptedException, BuildFailure {
        return switch (resolve(from, instruction)) {
            case Reference.OfStage(int index) -> new Source.Image(results.await(index));
            case Reference.Scratch() -> new Source.Image(bases.scratch(session.platform()));
            case Reference.OfImage(String name) -> new Source.Image(image(name, from, instruction.origin()));
            case Reference.OfContext(String name) -> bases.context(name, session.platform());
        };
    }

    /** Only earlier stages are waited for, so that none can wait for itself: the triggers of a base image are checked nowhere else. */
    private Reference resolve(String from, Instruction instruction) {
        Reference reference = plan.graph().resolve(from, instruction, stage.stage());
        if (reference instanceof Reference.OfStage(int index)
                && index >= stage.stage().index()) {
            throw DockerfileException.at(
                    instruction.origin().range(),
                    "the base image's trigger \"ONBUILD " + instruction.origin().text() + "\" copies from the stage "
                            + plan.graph().stages().get(index).stage().label()
                            + ", which does not stand before this one",
                    "move that stage up");
        }
        return reference;
    }

    private ImageState image(String name, String from, Origin origin) throws IOException, BuildFailure {
        try {
            return bases.image(name, session.platform());
        } catch (RegistryException e) {
            throw Failures.ofName(e, plan.graph().hint(from, stage.stage()), origin);
        }
    }
}
