package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.expansion.Expansion;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.SourceRange;
import io.slipway.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Expands the FROMs of a Dockerfile, and finds what each stage needs. */
final class StageResolver {

    /** As many as a Dockerfile may have instructions: each FROM of a stage fires all of that stage's. */
    private static final int MOST_TRIGGERS = 10_000;

    private final References references;
    private final Expander expander;
    private final GlobalScope global;
    private int triggersFired;

    StageResolver(References references, Expander expander, GlobalScope global) {
        this.references = references;
        this.expander = expander;
        this.global = global;
    }

    /**
     * The stage with its base and platform, and without what its instructions need.
     *
     * @throws DockerfileException if FROM names no image and no platform that there can be
     */
    ResolvedStage from(Stage stage) {
        String replacement = stage.name() == null ? null : references.context(stage.name());
        if (replacement != null) {
            return replaced(stage, replacement);
        }
        From from = stage.from();
        SourceRange range = from.origin().range();
        try {
            Expansion image = expander.expand(from.image(), global::value);
            if (image.text().isEmpty()) {
                throw DockerfileException.at(
                        range, "the base image of FROM " + from.image() + " is empty", hint(image, "IMAGE"));
            }
            PlatformName platform =
                    from.platform() == null || from.platform().isEmpty() ? null : platform(from.platform());
            Reference base = references.ofBase(image.text(), stage);
            return new ResolvedStage(stage, base, image.text(), platform, List.of(), new TreeSet<>());
        } catch (InvalidValueException e) {
            throw e.at(range);
        }
    }

    /** A named context stands in for all of a stage of its name, also where that is named by its index. */
    private static ResolvedStage replaced(Stage stage, String context) {
        Stage empty = new Stage(stage.index(), stage.from(), List.of());
        return new ResolvedStage(empty, new Reference.OfContext(context), context, null, List.of(), new TreeSet<>());
    }

    private PlatformName platform(String word) {
        Expansion platform = expander.expand(word, global::value);
        if (platform.text().isEmpty()) {
            throw new InvalidValueException(
                    "--platform=" + word + " is empty", hint(platform, "PLATFORM"), "--platform=" + word);
        }
        return PlatformName.parse(platform.text());
    }

    /** What to do about a word that came to nothing, or null if no variable of it is to blame. */
    @Nullable
    private String hint(Expansion empty, String value) {
        for (String name : empty.unset()) {
            String near = Suggestion.nearest(name, global.values().keySet());
            if (near != null) {
                return "did you mean $" + near + "?";
            }
        }
        return empty.unset().isEmpty()
                ? null
                : "set it with ARG " + empty.unset().first() + "=" + value + " before the first FROM";
    }

    /** Adds the triggers of the base stage, and the stages that the instructions name. */
    ResolvedStage withNeeds(ResolvedStage stage, Dockerfile dockerfile) {
        List<Instruction> triggers = new ArrayList<>();
        NavigableSet<Integer> needs = new TreeSet<>();
        if (stage.base() instanceof Reference.OfStage(int index)) {
            needs.add(index);
            for (Instruction instruction : dockerfile.stages().get(index).instructions()) {
                if (instruction instanceof Onbuild onbuild) {
                    SourceRange range = stage.stage().from().origin().range();
                    if (++triggersFired > MOST_TRIGGERS) {
                        throw DockerfileException.at(
                                range,
                                "the Dockerfile's stages fire more than " + MOST_TRIGGERS + " triggers of ONBUILD",
                                null);
                    }
                    triggers.add(Dockerfile.parseTrigger(onbuild.trigger(), range));
                }
            }
        }
        ResolvedStage triggered =
                new ResolvedStage(stage.stage(), stage.base(), stage.image(), stage.platform(), triggers, needs);
        for (Instruction instruction : triggered.instructions()) {
            for (String from : StageGraph.sources(instruction)) {
                Reference reference = references.ofSource(
                        from,
                        instruction instanceof Copy,
                        stage.stage(),
                        instruction.origin().range());
                if (reference instanceof Reference.OfStage(int index)) {
                    needs.add(index);
                }
            }
        }
        return triggered;
    }
}
