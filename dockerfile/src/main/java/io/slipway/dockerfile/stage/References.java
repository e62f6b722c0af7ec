package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.SourceRange;
import io.slipway.dockerfile.source.Suggestion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What words name in one Dockerfile: named contexts go before stages, and stages before images. */
final class References {

    private static final Pattern INDEX = Pattern.compile("[0-9]{1,9}");

    private final int stages;
    private final Set<String> contexts;

    /** The indexes of the stages of each name, in small letters. */
    private final Map<String, NavigableSet<Integer>> names = new LinkedHashMap<>();

    References(List<Stage> stages, Set<String> contexts) {
        this.stages = stages.size();
        this.contexts = Set.copyOf(contexts);
        for (Stage stage : stages) {
            String name = stage.name();
            if (name != null) {
                names.computeIfAbsent(name, ignored -> new TreeSet<>()).add(stage.index());
            }
        }
    }

    /** The names of stages, in order. */
    List<String> stageNames() {
        return List.copyOf(names.keySet());
    }

    /** The last stage of this name, in any case, before {@code end}; null if there is none. */
    @Nullable
    Integer stage(String name, int end) {
        NavigableSet<Integer> indexes = names.get(name.toLowerCase(Locale.ROOT));
        return indexes == null ? null : indexes.lower(end);
    }

    /**
     * What the word of FROM names.
     *
     * @param image the word after expansion
     * @throws InvalidValueException if it is no name that an image can have
     */
    Reference ofBase(String image, Stage stage) {
        String context = context(image);
        if (context != null) {
            return new Reference.OfContext(context);
        }
        Integer earlier = stage(image, stage.index());
        // Here, unlike in COPY --from, the reference looks for the word as it is written, and stages are named in small
        // letters.
        if (earlier != null && image.equals(image.toLowerCase(Locale.ROOT))) {
            return new Reference.OfStage(earlier);
        }
        if (image.equals("scratch")) {
            return new Reference.Scratch();
        }
        if (earlier != null && !ImageName.isValid(image)) {
            throw new InvalidValueException(
                    "\"" + image + "\" is not the name of an image",
                    "did you mean the stage " + image.toLowerCase(Locale.ROOT)
                            + "? FROM finds stages in small letters only",
                    image);
        }
        ImageName.check(image);
        return new Reference.OfImage(image);
    }

    /**
     * What {@code --from} of COPY or {@code from} of a mount names. A stage that stands before goes before one that stands after.
     *
     * @param copies whether it is COPY that names it, which alone may name a stage by its index
     * @throws DockerfileException if it is an index of no stage, or no name that an image can have
     */
    Reference ofSource(String from, boolean copies, Stage stage, SourceRange range) {
        String context = context(from);
        if (context != null) {
            return new Reference.OfContext(context);
        }
        if (INDEX.matcher(from).matches()) {
            if (!copies) {
                throw new InvalidValueException(
                                "a mount cannot name a stage by its index " + from,
                                "give the stage a name: only COPY --from takes an index",
                                "from=" + from)
                        .at(range);
            }
            return ofIndex(Integer.parseInt(from), range);
        }
        Integer earlier = stage(from, stage.index());
        Integer any = earlier != null ? earlier : stage(from, stages);
        if (any != null) {
            return new Reference.OfStage(any);
        }
        if (from.equals("scratch")) {
            return new Reference.Scratch();
        }
        if (!ImageName.isValid(from)) {
            throw new InvalidValueException(
                            "\"" + from + "\" is neither a stage nor the name of an image", hint(from, stages), from)
                    .at(range);
        }
        return new Reference.OfImage(from);
    }

    /**
     * For a word that names nothing that there is: the stage before {@code end} or the named context that is most like it.
     *
     * @return a sentence, or null if nothing is like it
     */
    @Nullable
    String hint(String word, int end) {
        Map<String, String> options = new LinkedHashMap<>();
        contexts.forEach(context -> options.put(context, "the named context " + context));
        names.forEach((name, indexes) -> {
            if (indexes.first() < end) {
                options.put(name, "the stage " + name);
            }
        });
        String near = Suggestion.nearest(word, options.keySet());
        return near == null ? null : "did you mean " + options.get(near) + "?";
    }

    private Reference ofIndex(int index, SourceRange range) {
        if (index >= stages) {
            throw new InvalidValueException(
                            "there is no stage " + index + " to copy from",
                            "the stages are counted from 0 to " + (stages - 1),
                            "from=" + index)
                    .at(range);
        }
        return new Reference.OfStage(index);
    }

    /** The named context that a word names, or null. */
    @Nullable
    String context(String word) {
        String familiar = ContextName.familiar(word);
        for (String candidate : List.of(word, familiar, familiar.toLowerCase(Locale.ROOT))) {
            if (contexts.contains(candidate)) {
                return candidate;
            }
        }
        return null;
    }
}
