package io.slipway.dockerfile.outline;

import io.slipway.dockerfile.Beginning;
import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.check.BaseImage;
import io.slipway.dockerfile.check.CheckReport;
import io.slipway.dockerfile.check.CheckRequest;
import io.slipway.dockerfile.check.CheckedStages;
import io.slipway.dockerfile.check.CheckedStages.ExpandedRun;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.check.Warning;
import io.slipway.dockerfile.directive.Directives;
import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.ResolvedStage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes the {@link Outline} of a Dockerfile. One object makes one; not thread-safe. */
public final class Outliner {

    /** The one code that a refusal of a Dockerfile has (docs/errors.md). */
    private static final String CODE = "dockerfile_invalid";

    private final Dockerfile dockerfile;
    private final CheckReport report;

    @Nullable
    private final CheckedStages checked;

    /** Indexes of the stages that the target needs, or of all if that is not known. */
    private final Set<Integer> needed = new TreeSet<>();

    private final Expander words;

    /** Whether the Dockerfile is known to its end. */
    private final boolean complete;

    private final FileText text;
    private final Map<String, String> buildArguments;

    private Outliner(
            Dockerfile dockerfile,
            FileText text,
            boolean complete,
            Map<String, String> buildArguments,
            CheckReport report) {
        this.buildArguments = buildArguments;
        this.text = text;
        this.complete = complete;
        this.dockerfile = dockerfile;
        this.report = report;
        this.checked = report.stages();
        this.words = Expander.ofWords(dockerfile.directives().escape());
        List<ResolvedStage> stages = checked == null ? null : checked.needed();
        if (stages == null) {
            dockerfile.stages().forEach(stage -> needed.add(stage.index()));
        } else {
            stages.forEach(stage -> needed.add(stage.stage().index()));
        }
    }

    /**
     * Looks at a Dockerfile whose base images are not known: nothing is said about variables that they may set.
     *
     * @param file the Dockerfile's bytes
     * @param request how it would be built
     * @return never null; a Dockerfile that cannot be built is a problem in the outline, which has what could be read of it
     */
    public static Outline outline(byte[] file, OutlineRequest request) {
        return outline(file, request, _ -> Optional.empty());
    }

    /**
     * Looks at a Dockerfile.
     *
     * @param file the Dockerfile's bytes
     * @param request how it would be built
     * @param bases gives the image that a stage starts from, as {@link CheckRequest#bases} does
     * @return never null; a Dockerfile that cannot be built is a problem in the outline, which has what could be read of it
     */
    public static Outline outline(
            byte[] file, OutlineRequest request, Function<ResolvedStage, Optional<BaseImage>> bases) {
        FileText text = FileText.of(file);
        Beginning beginning = Beginning.of(text.text());
        Dockerfile dockerfile = beginning.dockerfile();
        DockerfileException refusal = text.refusal() != null ? text.refusal() : beginning.refusal();
        CheckReport report = refusal != null
                ? Checks.refused(dockerfile, request.buildArguments(), refusal)
                : Checks.check(new CheckRequest(
                        dockerfile,
                        request.buildArguments(),
                        request.target(),
                        request.targetPlatform(),
                        request.buildPlatform(),
                        request.contexts(),
                        bases,
                        request.ignored()));
        return new Outliner(dockerfile, text, refusal == null, request.buildArguments(), report).outline();
    }

    private Outline outline() {
        Mounts mounts = new Mounts();
        runs().forEach(mounts::add);
        return new Outline(
                syntax(),
                problems(),
                stages(),
                targets(),
                arguments(),
                mounts.secrets(),
                mounts.ssh(),
                mounts.caches());
    }

    private Outline.@Nullable Syntax syntax() {
        String frontend = dockerfile.directives().frontend(buildArguments);
        return frontend == null ? null : new Outline.Syntax(frontend, Directives.BUILT_IN);
    }

    private List<Outline.Problem> problems() {
        List<Outline.Problem> problems = new ArrayList<>();
        if (text.replaced()) {
            problems.add(new Outline.Problem(
                    Outline.Problem.WARNING,
                    "NotUtf8",
                    null,
                    null,
                    null,
                    null,
                    "The Dockerfile is not UTF-8; what is not was replaced by U+FFFD",
                    "save it as UTF-8"));
        }
        for (Warning warning : report.warnings()) {
            problems.add(new Outline.Problem(
                    Outline.Problem.WARNING,
                    warning.rule().label(),
                    null,
                    orNull(warning.line()),
                    orNull(warning.column()),
                    orNull(warning.endLine()),
                    warning.message(),
                    warning.rule().hint()));
        }
        if (report.refusal() != null) {
            DockerfileException refusal = report.refusal().in(text.text());
            problems.add(new Outline.Problem(
                    Outline.Problem.ERROR,
                    null,
                    CODE,
                    orNull(refusal.line()),
                    orNull(refusal.column()),
                    orNull(refusal.endLine()),
                    refusal.message(),
                    refusal.hint()));
        }
        return problems;
    }

    private List<Outline.OutlinedStage> stages() {
        List<Outline.OutlinedStage> stages = new ArrayList<>();
        for (Stage stage : dockerfile.stages()) {
            ResolvedStage resolved = checked == null ? null : checked.all().get(stage.index());
            String platform = resolved == null || resolved.platform() == null
                    ? stage.from().platform()
                    : resolved.platform().toString();
            stages.add(new Outline.OutlinedStage(
                    stage.index(),
                    stage.name(),
                    resolved == null ? stage.from().image() : resolved.image(),
                    platform,
                    description(stage),
                    stage.from().line(),
                    neededIsKnown() ? (Boolean) needed.contains(stage.index()) : null));
        }
        return stages;
    }

    /** Of stages with the same name the last is meant. */
    private List<Outline.Target> targets() {
        Map<String, Stage> byName = new HashMap<>();
        for (Stage stage : dockerfile.stages()) {
            if (stage.name() != null) {
                byName.put(stage.name(), stage);
            }
        }
        List<Stage> stages = new ArrayList<>(byName.values());
        if (complete && dockerfile.stages().getLast().name() == null) {
            stages.add(dockerfile.stages().getLast());
        }
        stages.sort(Comparator.comparingInt(Stage::index));
        return stages.stream()
                .map(stage -> new Outline.Target(
                        stage.name(),
                        stage.index(),
                        description(stage),
                        complete && stage.index() == dockerfile.stages().size() - 1))
                .toList();
    }

    private List<Outline.Argument> arguments() {
        List<Outline.Argument> arguments = new ArrayList<>();
        dockerfile.globalArguments().forEach(arg -> add(arg, null, arguments));
        for (Stage stage : dockerfile.stages()) {
            if (needed.contains(stage.index())) {
                for (Instruction instruction : stage.instructions()) {
                    if (instruction instanceof Arg arg) {
                        add(arg, stage.index(), arguments);
                    }
                }
            }
        }
        return arguments;
    }

    private void add(Arg arg, @Nullable Integer stage, List<Outline.Argument> arguments) {
        Map<String, String> descriptions = descriptions(arg.origin().comments());
        Arg evaluated = checked == null ? null : checked.arguments().get(arg.origin());
        for (int i = 0; i < arg.declarations().size(); i++) {
            Arg.Declaration declaration = arg.declarations().get(i);
            arguments.add(new Outline.Argument(
                    declaration.name(),
                    declaration.value() == null ? null : withoutQuotes(declaration.value()),
                    evaluated == null ? null : evaluated.declarations().get(i).value(),
                    descriptions.get(declaration.name()),
                    stage == null ? Outline.Argument.GLOBAL : Outline.Argument.STAGE,
                    stage,
                    arg.line()));
        }
    }

    private String withoutQuotes(String value) {
        if (value.contains("$")) {
            return value;
        }
        try {
            return words.expand(value, name -> null).text();
        } catch (InvalidValueException e) {
            return value; // the refusal says what is wrong with it
        }
    }

    private boolean neededIsKnown() {
        return checked != null && checked.needed() != null;
    }

    private List<ExpandedRun> runs() {
        if (checked != null && neededIsKnown()) {
            return checked.runs();
        }
        List<ExpandedRun> runs = new ArrayList<>();
        for (Stage stage : dockerfile.stages()) {
            for (Instruction instruction : stage.instructions()) {
                if (instruction instanceof Run run) {
                    runs.add(new ExpandedRun(stage.index(), run));
                }
            }
        }
        return runs;
    }

    @Nullable
    private static String description(Stage stage) {
        String name = stage.name();
        return name == null
                ? null
                : descriptions(stage.from().origin().comments()).get(name);
    }

    /** What comments say about names: a comment that starts with a name and a blank describes it, and the first one counts. */
    private static Map<String, String> descriptions(List<String> comments) {
        Map<String, String> descriptions = new HashMap<>();
        for (String comment : comments) {
            int blank = comment.indexOf(' ');
            if (blank > 0) {
                descriptions.putIfAbsent(comment.substring(0, blank), comment.substring(blank + 1));
            }
        }
        return descriptions;
    }

    @Nullable
    private static Integer orNull(int number) {
        return number == 0 ? null : number;
    }
}
