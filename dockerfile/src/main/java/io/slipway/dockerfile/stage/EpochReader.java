package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.expansion.InstructionExpander;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.AddSource;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.CopySource;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.SourceRange;
import io.slipway.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the values that {@code SOURCE_DATE_EPOCH} can have. */
final class EpochReader {
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+");

    /** The first second of the year 1. */
    private static final long EARLIEST = -62_135_596_800L;

    private final Dockerfile dockerfile;
    private final GlobalScope global;
    private final Set<String> contexts;
    private final Expander words;

    EpochReader(Dockerfile dockerfile, GlobalScope global, Set<String> contexts) {
        this.dockerfile = dockerfile;
        this.global = global;
        this.contexts = contexts;
        this.words = Expander.ofWords(dockerfile.directives().escape());
    }

    EpochSource read(String value) {
        if (NUMBER.matcher(value).matches()) {
            return new EpochSource.Seconds(seconds(value));
        }
        if (value.equals(EpochSource.CONTEXT)) {
            return new EpochSource.OfMainContext();
        }
        String context = ContextName.familiar(value);
        if (contexts.contains(context)) {
            return new EpochSource.OfContext(context);
        }
        for (Stage stage : dockerfile.stages()) {
            if (value.equalsIgnoreCase(stage.name())) {
                return ofStage(stage);
            }
        }
        throw DockerfileException.nowhere("SOURCE_DATE_EPOCH is \"" + value + "\"", hint(value));
    }

    private static long seconds(String value) {
        try {
            long seconds = Long.parseLong(value);
            if (seconds >= EARLIEST && seconds <= EpochSource.LATEST) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // More digits than any time has.
        }
        throw DockerfileException.nowhere(
                "SOURCE_DATE_EPOCH is " + value + ", which is no time",
                "it counts seconds since 1970, not milliseconds, such as 1700000000");
    }

    private String hint(String value) {
        List<String> names = new ArrayList<>(contexts);
        names.add(EpochSource.CONTEXT);
        dockerfile.stages().stream().map(Stage::name).filter(Objects::nonNull).forEach(names::add);
        String near = Suggestion.nearest(value, names);
        return near != null
                ? "did you mean " + near + "?"
                : "it must be seconds since 1970, such as 1700000000, or context, or the name of a named context or of a"
                        + " stage that only adds one URL or repository";
    }

    /** Its own arguments can be used in its ADD, and those before the first FROM, but SOURCE_DATE_EPOCH: that is what is asked for. */
    private EpochSource ofStage(Stage stage) {
        Map<String, String> values = new LinkedHashMap<>(global.values());
        values.remove(EpochSource.ARGUMENT);
        GlobalScope own = new GlobalScope(global.buildArguments(), values);
        requireScratch(stage, own);
        StageScope scope = StageScope.of(own, values);
        EpochSource found = null;
        for (Instruction instruction : stage.instructions()) {
            if (instruction instanceof Arg arg) {
                scope = scope.declare(arg, words).scope();
            } else if (!(instruction instanceof Add add)) {
                throw refused(stage, "has " + instruction.origin().name());
            } else if (found != null) {
                throw refused(stage, "has more than one ADD");
            } else {
                found = remote(stage, add, scope);
            }
        }
        if (found == null) {
            throw refused(stage, "has no ADD");
        }
        return found;
    }

    private void requireScratch(Stage stage, GlobalScope own) {
        String image;
        try {
            image = words.expand(stage.from().image(), own::value).text();
        } catch (InvalidValueException e) {
            throw e.at(range(stage));
        }
        if (!image.equals("scratch")) {
            throw refused(stage, "starts from " + image);
        }
    }

    private EpochSource remote(Stage stage, Add written, StageScope scope) {
        Instruction expanded = new InstructionExpander(words).expand(written, scope::value, _ -> {});
        if (!(expanded instanceof Add add)
                || add.sources().size() != 1
                || !(add.sources().getFirst() instanceof CopySource.Path(String word))) {
            throw refused(stage, "has an ADD with more than one source, or with a text");
        }
        add.requireValid();
        AddSource source = AddSource.parse(word);
        if (source instanceof AddSource.Local) {
            throw refused(stage, "adds a file of the build context");
        }
        return new EpochSource.OfAdd(add, source);
    }

    private static DockerfileException refused(Stage stage, String why) {
        return DockerfileException.at(
                range(stage),
                "SOURCE_DATE_EPOCH names the stage " + stage.label() + ", which " + why,
                "it must be FROM scratch with exactly one ADD of one URL or repository, and nothing else but ARG");
    }

    private static SourceRange range(Stage stage) {
        return stage.from().origin().range();
    }
}
