package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.expansion.Expansion;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.From;
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
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.SourceRange;
import io.slipway.dockerfile.source.Suggestion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The stages of a Dockerfile, what each starts from and which other stages each needs (dockerfile.md §5 FROM). Immutable. */
public final class StageGraph {

    private final List<ResolvedStage> stages;
    private final Map<String, NavigableSet<Integer>> names;
    private final Set<String> contexts;

    private StageGraph(List<ResolvedStage> stages, Map<String, NavigableSet<Integer>> names, Set<String> contexts) {
        this.stages = List.copyOf(stages);
        this.names = names;
        this.contexts = contexts;
    }

    /**
     * Expands every FROM and resolves all references between stages.
     *
     * @param global what FROM can see
     * @param contexts names of the build's named contexts
     * @throws DockerfileException if a FROM names no image and no platform that there can be, if a stage index is too large, or if stages need each
     *     other in a circle
     */
    public static StageGraph of(Dockerfile dockerfile, GlobalScope global, Set<String> contexts) {
        Expander expander = Expander.ofWords(dockerfile.directives().escape());
        Map<String, NavigableSet<Integer>> names = names(dockerfile);
        List<ResolvedStage> resolved = new ArrayList<>();
        for (Stage stage : dockerfile.stages()) {
            resolved.add(resolveFrom(stage, names, expander, global, contexts));
        }
        StageGraph bases = new StageGraph(resolved, names, contexts);
        List<ResolvedStage> complete = new ArrayList<>();
        for (ResolvedStage stage : resolved) {
            complete.add(bases.withNeeds(stage));
        }
        StageGraph graph = new StageGraph(complete, names, contexts);
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
        Integer index = indexOf(name, stages.size());
        if (index == null) {
            String near = suggestStage(name);
            String hint = near != null
                    ? "did you mean " + near + "?"
                    : stageNames().isEmpty()
                            ? "no stage has a name"
                            : "the stages are " + String.join(", ", stageNames());
            throw DockerfileException.nowhere("there is no target stage \"" + name + "\"", hint);
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
     * @param from the word: a stage's index or name in any case, a named context, or an image
     * @param stage the stage that the instruction belongs to
     * @param range the instruction
     * @throws DockerfileException if it is an index of no stage, or no name that an image can have
     */
    public Reference resolve(String from, Stage stage, SourceRange range) {
        String context = context(from, contexts);
        if (context != null) {
            return new Reference.OfContext(context);
        }
        if (from.matches("[0-9]{1,9}")) {
            int index = Integer.parseInt(from);
            if (index >= stages.size()) {
                throw DockerfileException.nowhere(
                        "there is no stage " + index + " to copy from (line " + range.line() + ")",
                        "the stages are counted from 0 to " + (stages.size() - 1));
            }
            return new Reference.OfStage(index);
        }
        Integer earlier = indexOf(from, stage.index());
        Integer any = earlier != null ? earlier : indexOf(from, stages.size());
        if (any != null) {
            return new Reference.OfStage(any);
        }
        if (from.equals("scratch")) {
            return new Reference.Scratch();
        }
        try {
            ImageName.check(from);
        } catch (InvalidValueException e) {
            throw DockerfileException.at(
                    range, "\"" + from + "\" is neither a stage nor the name of an image", suggestion(from));
        }
        return new Reference.OfImage(from);
    }

    /** The stage whose name is most like {@code name}, or null if none is: for the error that an image is not found. */
    @Nullable
    public String suggestStage(String name) {
        return Suggestion.nearest(name, stageNames());
    }

    @Nullable
    private String suggestion(String name) {
        String near = suggestStage(name);
        return near == null ? null : "did you mean the stage " + near + "?";
    }

    private List<String> stageNames() {
        return stages.stream()
                .map(stage -> stage.stage().name())
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /** The last stage before {@code end} that has this name. */
    @Nullable
    private Integer indexOf(String name, int end) {
        return indexOf(names, name, end);
    }

    @Nullable
    private static Integer indexOf(Map<String, NavigableSet<Integer>> names, String name, int end) {
        NavigableSet<Integer> indexes = names.get(name.toLowerCase(Locale.ROOT));
        return indexes == null ? null : indexes.lower(end);
    }

    private static Map<String, NavigableSet<Integer>> names(Dockerfile dockerfile) {
        Map<String, NavigableSet<Integer>> names = new HashMap<>();
        for (Stage stage : dockerfile.stages()) {
            String name = stage.name();
            if (name != null) {
                names.computeIfAbsent(name, ignored -> new TreeSet<>()).add(stage.index());
            }
        }
        return names;
    }

    /** The named context that a word names, or null: contexts are compared as images are, so {@code alpine:latest} is {@code alpine}. */
    @Nullable
    private static String context(String word, Set<String> contexts) {
        String familiar = word;
        for (String prefix : List.of("docker.io/", "library/")) {
            familiar = familiar.startsWith(prefix) ? familiar.substring(prefix.length()) : familiar;
        }
        familiar = familiar.endsWith(":latest") ? familiar.substring(0, familiar.length() - 7) : familiar;
        for (String candidate : List.of(word, familiar, familiar.toLowerCase(Locale.ROOT))) {
            if (contexts.contains(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private static ResolvedStage resolveFrom(
            Stage stage,
            Map<String, NavigableSet<Integer>> names,
            Expander expander,
            GlobalScope global,
            Set<String> contexts) {
        From from = stage.from();
        SourceRange range = from.origin().range();
        try {
            Expansion image = expander.expand(from.image(), global::value);
            if (image.text().isEmpty()) {
                String unset = image.unset().isEmpty() ? null : image.unset().first();
                throw DockerfileException.at(
                        range,
                        "the base image of FROM " + from.image() + " is empty",
                        unset == null ? null : "set it with ARG " + unset + "=IMAGE before the first FROM");
            }
            PlatformName platform = from.platform() == null ? null : platform(from.platform(), expander, global);
            Reference base = base(image.text(), stage, names, contexts);
            return new ResolvedStage(stage, base, image.text(), platform, List.of(), new TreeSet<>());
        } catch (InvalidValueException e) {
            throw e.at(range);
        }
    }

    private static PlatformName platform(String word, Expander expander, GlobalScope global) {
        String text = expander.expand(word, global::value).text();
        if (text.isEmpty()) {
            throw new InvalidValueException("--platform=" + word + " is empty", "set the ARG before the first FROM");
        }
        return PlatformName.parse(text);
    }

    private static Reference base(
            String image, Stage stage, Map<String, NavigableSet<Integer>> names, Set<String> contexts) {
        String context = context(image, contexts);
        if (context != null) {
            return new Reference.OfContext(context);
        }
        Integer earlier = indexOf(names, image, stage.index());
        if (earlier != null) {
            return new Reference.OfStage(earlier);
        }
        if (image.equals("scratch")) {
            return new Reference.Scratch();
        }
        ImageName.check(image);
        return new Reference.OfImage(image);
    }

    /** Adds the triggers of the base stage, and the stages that the instructions name. */
    private ResolvedStage withNeeds(ResolvedStage stage) {
        List<Instruction> triggers = new ArrayList<>();
        NavigableSet<Integer> needs = new TreeSet<>();
        if (stage.base() instanceof Reference.OfStage(int index)) {
            needs.add(index);
            for (Instruction instruction : stages.get(index).stage().instructions()) {
                if (instruction instanceof Onbuild onbuild) {
                    triggers.add(Dockerfile.parseTrigger(
                            onbuild.trigger(), stage.stage().from().origin().range()));
                }
            }
        }
        ResolvedStage triggered =
                new ResolvedStage(stage.stage(), stage.base(), stage.image(), stage.platform(), triggers, needs);
        for (Instruction instruction : triggered.instructions()) {
            for (String from : sources(instruction)) {
                Reference reference =
                        resolve(from, stage.stage(), instruction.origin().range());
                if (reference instanceof Reference.OfStage(int index)) {
                    needs.add(index);
                }
            }
        }
        return triggered;
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

    /** Takes away the stages whose needs are taken away already, until nothing more can be: what is left holds a circle. */
    private void refuseCircles() {
        Map<Integer, NavigableSet<Integer>> users = new HashMap<>();
        int[] open = new int[stages.size()];
        Deque<Integer> free = new ArrayDeque<>();
        for (ResolvedStage stage : stages) {
            int index = stage.stage().index();
            open[index] = stage.stages().size();
            stage.stages()
                    .forEach(need -> users.computeIfAbsent(need, ignored -> new TreeSet<>())
                            .add(index));
            if (open[index] == 0) {
                free.add(index);
            }
        }
        while (!free.isEmpty()) {
            for (int user : users.getOrDefault(free.pop(), new TreeSet<>())) {
                if (--open[user] == 0) {
                    free.add(user);
                }
            }
        }
        for (ResolvedStage stage : stages) {
            int index = stage.stage().index();
            boolean forward = !stage.stages().tailSet(index, true).isEmpty();
            if (open[index] > 0 && forward && reaches(index, index)) {
                throw DockerfileException.at(
                        placeOfNeed(stage, index),
                        "the stage " + stage.stage().label() + " needs itself",
                        "copy from an earlier stage");
            }
        }
    }

    /** Whether {@code from} needs {@code to}, through at least one step. */
    private boolean reaches(int from, int to) {
        NavigableSet<Integer> seen = new TreeSet<>();
        Deque<Integer> open = new ArrayDeque<>(stages.get(from).stages());
        while (!open.isEmpty()) {
            int next = open.pop();
            if (next == to) {
                return true;
            }
            if (seen.add(next)) {
                open.addAll(stages.get(next).stages());
            }
        }
        return false;
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
                if (resolve(from, stage.stage(), range) instanceof Reference.OfStage(int index) && index >= first) {
                    return range;
                }
            }
        }
        return stage.stage().from().origin().range();
    }
}
