package io.slipway.dockerfile.check;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.expansion.InstructionExpander;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.CommandLine;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.ExposedPort;
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.KeyValue;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.SourceRange;
import io.slipway.dockerfile.source.Suggestion;
import io.slipway.dockerfile.stage.GlobalScope;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.dockerfile.stage.StageScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Goes through the instructions that a target needs, expanding as the build does, and says what can only be said there. Not thread-safe. */
final class StageChecks {

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Pattern SECRET_NAME =
            Pattern.compile("(?i)(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)");
    private static final Pattern NO_SECRET_NAME = Pattern.compile("(?i)(?:_|^)(?:public|file|version)(?:_|$)");

    private final CheckRequest request;
    private final GlobalScope global;
    private final WarningCollector warnings;
    private final Consumer<CheckedStages.ExpandedRun> runs;
    private final Consumer<Arg> arguments;
    private final Expander words;
    private final InstructionExpander expander;
    private final IgnoredSources ignoredSources;

    /** Index of the stage that is checked now. */
    private int stage;

    /** The stages that are checked already, by their indexes. */
    private final Map<Integer, Course> courses = new LinkedHashMap<>();

    /**
     * @param runs is given each RUN, expanded
     * @param arguments is given each ARG with the values that it comes to, as far as they are known
     */
    StageChecks(
            CheckRequest request,
            GlobalScope global,
            WarningCollector warnings,
            Consumer<CheckedStages.ExpandedRun> runs,
            Consumer<Arg> arguments) {
        this.request = request;
        this.global = global;
        this.warnings = warnings;
        this.runs = runs;
        this.arguments = arguments;
        this.words = Expander.ofWords(request.dockerfile().directives().escape());
        this.expander = new InstructionExpander(words);
        this.ignoredSources = new IgnoredSources(request.ignored(), warnings);
    }

    /**
     * What is known at one place of a stage.
     *
     * @param complete whether the scope holds all variables that there are
     * @param workdirSet whether WORKDIR stood before
     * @param shellSet whether SHELL stood before
     */
    private record State(StageScope scope, boolean complete, boolean workdirSet, boolean shellSet) {

        State with(StageScope next) {
            return new State(next, complete, workdirSet, shellSet);
        }
    }

    /**
     * A stage and what is known where the checks stand in it.
     *
     * @param triggers those of the image that it starts from, which it runs first
     */
    private record Course(ResolvedStage stage, List<Instruction> triggers, State state) {

        Course at(State next) {
            return new Course(stage, triggers, next);
        }
    }

    /**
     * @param stages the stages in their order
     * @throws DockerfileException if an instruction cannot be expanded, or is not valid after it
     */
    void check(List<ResolvedStage> stages) {
        for (ResolvedStage next : stages) {
            stage = next.stage().index();
            Course start = start(next);
            State state = start.state();
            List<Instruction> instructions = new ArrayList<>(start.triggers());
            instructions.addAll(next.instructions());
            Map<String, Origin> once = new HashMap<>();
            for (Instruction instruction : instructions) {
                checkOnce(instruction, once);
                state = step(instruction, state);
            }
            courses.put(stage, start.at(state));
        }
    }

    /** Whether every image that a checked stage starts from is known. */
    boolean knowsAllBases() {
        return courses.values().stream().allMatch(course -> course.state().complete());
    }

    /** Notes what the triggers of base images name. */
    void addTriggers(UsedContexts used) {
        courses.values().forEach(course -> used.add(course.stage(), course.triggers()));
    }

    private Course start(ResolvedStage next) {
        Course before = next.base() instanceof Reference.OfStage(int index) ? courses.get(index) : null;
        if (before != null) {
            State end = before.state();
            return new Course(next, List.of(), end.with(end.scope().ofNextStage()));
        }
        Optional<BaseImage> known = next.base() instanceof Reference.Scratch
                ? Optional.of(BaseImage.EMPTY)
                : request.bases().apply(next);
        BaseImage base = known.orElse(BaseImage.EMPTY);
        SourceRange from = next.stage().from().origin().range();
        List<Instruction> triggers = base.triggers().stream()
                .map(trigger -> Dockerfile.parseTrigger(trigger, from))
                .toList();
        checkBase(next, base);
        Map<String, String> environment = new LinkedHashMap<>(base.environment());
        environment.putIfAbsent("PATH", DEFAULT_PATH);
        State state = new State(StageScope.of(global, environment), known.isPresent(), false, base.hasShell());
        return new Course(next, triggers, state);
    }

    /** Another variant is none of its business, as in the reference. */
    private void checkBase(ResolvedStage next, BaseImage base) {
        PlatformName wanted = next.platform() == null ? request.targetPlatform() : next.platform();
        String expected = wanted.os() + "/" + wanted.architecture();
        if (base.platform() != null && !(base.platform() + "/").startsWith(expected + "/")) {
            warnings.warn(
                    Rule.INVALID_BASE_IMAGE_PLATFORM,
                    next.stage().from().origin(),
                    "Base image " + next.image() + " was pulled with platform \"" + base.platform() + "\", expected \""
                            + wanted + "\" for current build");
        }
    }

    private State step(Instruction instruction, State state) {
        if (instruction instanceof Arg arg) {
            return declare(arg, state);
        }
        NavigableSet<String> unset = new TreeSet<>();
        Instruction expanded;
        try {
            expanded = expander.expand(instruction, state.scope()::value, unset::add);
        } catch (DockerfileException e) {
            warnUnset(unset, instruction, state);
            if (state.complete()) {
                throw e;
            }
            // It may be right with a variable of the base; what is wrong with any value is wrong.
            Instruction any = expander.expand(instruction, name -> "x", name -> {});
            return any instanceof Env env ? state.with(state.scope().after(env)) : state;
        }
        warnUnset(unset, instruction, state);
        boolean certain = state.complete() || !instruction.origin().text().contains("$");
        return check(instruction, expanded, state, certain);
    }

    private State declare(Arg arg, State state) {
        StageScope.Declared declared;
        try {
            declared = state.scope().declare(arg, words);
        } catch (DockerfileException e) {
            if (state.complete()) {
                throw e;
            }
            return state;
        }
        warnUnset(declared.unset(), arg, state);
        if (state.complete() || !arg.origin().text().contains("$")) {
            arguments.accept(declared.arg());
        }
        arg.declarations().forEach(declaration -> checkSecret("ARG", declaration.name(), arg.origin()));
        return state.with(declared.scope());
    }

    private State check(Instruction written, Instruction expanded, State state, boolean certain) {
        Origin origin = written.origin();
        switch (expanded) {
            case Env env -> {
                checkLegacy("ENV", env.legacy(), origin);
                env.pairs().forEach(pair -> checkSecret("ENV", pair.key(), origin));
                checkNames("ENV", env.pairs(), origin);
                return state.with(state.scope().after(env));
            }
            case Label label -> {
                checkLegacy("LABEL", label.legacy(), origin);
                checkNames("LABEL", label.pairs(), origin);
            }
            case Cmd cmd -> checkShellForm("CMD", cmd.command(), origin, state);
            case Entrypoint entrypoint -> checkShellForm("ENTRYPOINT", entrypoint.command(), origin, state);
            case Shell shell -> {
                return new State(state.scope(), state.complete(), state.workdirSet(), true);
            }
            case Workdir workdir -> {
                if (!state.workdirSet() && !workdir.path().startsWith("/")) {
                    warnings.warn(
                            Rule.WORKDIR_RELATIVE_PATH,
                            origin,
                            "Relative workdir \"" + workdir.path()
                                    + "\" can have unexpected results if the base image changes");
                }
                return new State(state.scope(), state.complete(), true, state.shellSet());
            }
            case Expose expose -> {
                expose.ports().forEach(port -> checkPort(port, origin));
                if (certain) {
                    expose.exposedPorts();
                }
            }
            case Stopsignal stopsignal -> {
                if (certain) {
                    stopsignal.requireAccepted();
                    if (!stopsignal.exists()) {
                        warnings.warn(
                                Rule.NO_SUCH_SIGNAL,
                                origin,
                                "Linux has no signal " + stopsignal.signal() + " for STOPSIGNAL");
                    }
                }
            }
            case Run run -> {
                runs.accept(new CheckedStages.ExpandedRun(stage, run));
                if (certain) {
                    var _ = run.mounts();
                    run.mountFlags()
                            .forEach(flag -> flag.withoutEffect()
                                    .forEach(field -> warnings.warn(
                                            Rule.FLAG_WITHOUT_EFFECT,
                                            origin,
                                            field + " has no effect in " + flag.written())));
                }
            }
            case Copy copy -> {
                if (certain) {
                    copy.requireValid();
                }
                if (copy.from() == null) {
                    ignoredSources.check("Copy", copy.sources(), origin);
                }
            }
            case Add add -> {
                if (certain) {
                    add.requireValid();
                }
                ignoredSources.check("Add", add.sources(), origin);
            }
            case Healthcheck healthcheck ->
                healthcheck
                        .ignoredFlags()
                        .forEach(flag -> warnings.warn(
                                Rule.FLAG_WITHOUT_EFFECT, origin, "HEALTHCHECK NONE takes no flags: " + flag));
            case Arg _, Maintainer _, Onbuild _, User _, Volume _ -> {
                // Nothing is left to be said about these.
            }
        }
        return state;
    }

    private void warnUnset(NavigableSet<String> unset, Instruction instruction, State state) {
        // The reference says nothing of those of EXPOSE.
        if (!state.complete() || unset.isEmpty() || instruction instanceof Expose) {
            return;
        }
        Set<String> known = state.scope().variables().keySet();
        for (String name : unset) {
            if (!warnings.isFull() && !state.scope().declares(name)) {
                String near = Suggestion.nearest(name, known);
                warnings.warn(
                        Rule.UNDEFINED_VAR,
                        instruction.origin(),
                        "Usage of undefined variable '$" + name + "'"
                                + (near == null ? "" : " (did you mean $" + near + "?)"));
            }
        }
    }

    /** The warning stands at the earlier of the two, which is the one that does not count. */
    private void checkOnce(Instruction instruction, Map<String, Origin> once) {
        boolean single =
                instruction instanceof Cmd || instruction instanceof Entrypoint || instruction instanceof Healthcheck;
        if (!single) {
            return;
        }
        String name = instruction.origin().name();
        Origin earlier = once.put(name, instruction.origin());
        if (earlier != null) {
            warnings.warn(
                    Rule.MULTIPLE_INSTRUCTIONS_DISALLOWED,
                    earlier,
                    "Multiple " + name
                            + " instructions should not be used in the same stage because only the last one will be used");
        }
    }

    private void checkLegacy(String name, boolean legacy, Origin origin) {
        if (legacy) {
            warnings.warn(
                    Rule.LEGACY_KEY_VALUE_FORMAT,
                    origin,
                    "\"" + name + " key=value\" should be used instead of legacy \"" + name + " key value\" format");
        }
    }

    private void checkNames(String instruction, List<KeyValue> pairs, Origin origin) {
        if (pairs.stream().anyMatch(pair -> pair.key().isEmpty())) {
            warnings.warn(Rule.EMPTY_NAME, origin, "A name of " + instruction + " expands to nothing");
        }
    }

    private void checkSecret(String instruction, String name, Origin origin) {
        if (SECRET_NAME.matcher(name).find() && !NO_SECRET_NAME.matcher(name).find()) {
            warnings.warn(
                    Rule.SECRETS_USED_IN_ARG_OR_ENV,
                    origin,
                    "Do not use ARG or ENV instructions for sensitive data (" + instruction + " \"" + name + "\")");
        }
    }

    private void checkShellForm(String name, CommandLine command, Origin origin, State state) {
        if (!state.shellSet() && command instanceof CommandLine.ShellText) {
            warnings.warn(
                    Rule.JSON_ARGS_RECOMMENDED,
                    origin,
                    "JSON arguments recommended for " + name + " to prevent unintended behavior related to OS signals");
        }
    }

    private void checkPort(String port, Origin origin) {
        String protocol = port.substring(port.indexOf('/') + 1);
        if (port.contains("/") && !protocol.equals(protocol.toLowerCase(Locale.ROOT))) {
            warnings.warn(
                    Rule.EXPOSE_PROTO_CASING,
                    origin,
                    "Defined protocol '" + port + "' in EXPOSE instruction should be lowercase");
        }
        if (ExposedPort.namesHost(port)) {
            warnings.warn(
                    Rule.EXPOSE_INVALID_FORMAT,
                    origin,
                    "EXPOSE instruction should not define an IP address or host-port mapping, found '" + port + "'");
        }
    }
}
