package io.slipway.worker.build;

import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.check.Entitlements;
import io.slipway.dockerfile.check.Rule;
import io.slipway.dockerfile.expansion.InstructionExpander;
import io.slipway.dockerfile.history.CreatedBy;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.AddSource;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.CommandLine;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.CopySource;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.GitAddress;
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Ownership;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.dockerfile.stage.StageScope;
import io.slipway.image.ImageConfig;
import io.slipway.image.Platform;
import io.slipway.image.layer.Layer;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.SecretPolicy;
import io.slipway.protocol.StepOutcome;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.copy.CopyRequest;
import io.slipway.worker.copy.Unpack;
import io.slipway.worker.remote.Remote;
import io.slipway.worker.sandbox.Emulation;
import io.slipway.worker.sandbox.EmulationException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds one stage: its instructions in order, each giving the next state of the image. One small method for each kind of
 * instruction. Used by one thread.
 */
final class StageRun {
    private final Session session;
    private final BuildPlan plan;
    private final Bases bases;
    private final Push push;
    private final StageResults results;
    private final ResolvedStage stage;
    private final Consumer<BuildFailure> failures;
    private final PolicyGate gate;
    private final Sources sources;
    private final InstructionExpander expander;
    private int begun;

    /**
     * A stage that is not built yet.
     *
     * @param failures is told what fails beside the stage's own work: the commit of a layer
     */
    StageRun(
            Session session,
            BuildPlan plan,
            Bases bases,
            Push push,
            StageResults results,
            ResolvedStage stage,
            Consumer<BuildFailure> failures) {
        this.session = session;
        this.plan = plan;
        this.bases = bases;
        this.push = push;
        this.results = results;
        this.stage = stage;
        this.failures = failures;
        this.gate = new PolicyGate(session.spec().policy());
        this.sources = new Sources(session, plan, bases, results, stage);
        this.expander = new InstructionExpander(plan.dockerfile().directives().escape());
    }

    /** Gives the image of a stage, waiting for it. */
    @FunctionalInterface
    interface StageResults {
        ImageState await(int stage) throws IOException, InterruptedException, BuildFailure;
    }

    /**
     * FROM: the image that the stage starts from.
     *
     * @param found is told when it is known what that is
     */
    ImageState base(Runnable found) throws InterruptedException, BuildFailure {
        try {
            ImageState base = new StageBase(session, plan, bases, results, stage, found).state();
            found.run();
            return base;
        } catch (IOException | RuntimeException e) {
            throw Failures.of(e, stage.stage().from().origin());
        }
    }

    /** What the instructions make of it. */
    ImageState build(ImageState base) throws InterruptedException, BuildFailure {
        ImageState state = base;
        List<Instruction> instructions = new ArrayList<>(triggers(state));
        state = state.withConfig(new ConfigDraft(state.config()).onBuild(null).build());
        if (goesAhead(state.history().stream().noneMatch(HistoryLine.OfStep.class::isInstance))) {
            state.layers().forEach(layer -> push.ahead(layer, false));
            bases.keep(state.layers());
        }
        instructions.addAll(stage.instructions());
        for (int i = 0; i < instructions.size(); i++) {
            Instruction instruction = instructions.get(i);
            try {
                ImageState next = apply(instruction, state, instructions.subList(i + 1, instructions.size()));
                guard(instruction, state, next);
                state = next;
            } catch (IOException | RuntimeException e) {
                throw Failures.of(e, instruction.origin());
            }
        }
        return state;
    }

    /**
     * Whether layers are layers of the image as they are, and may be pushed.
     *
     * @param ofBase whether they are a base's, and not of this build
     */
    private boolean goesAhead(boolean ofBase) {
        return plan.isPartOfImage(stage)
                && switch (session.spec().layers().kind()) {
                    case INSTRUCTION -> true;
                    case STAGE, STEPS -> ofBase;
                    case FLAT -> false;
                };
    }

    /** The ONBUILD instructions of a base image; those of a base stage are among the stage's own instructions already. */
    private List<Instruction> triggers(ImageState state) throws BuildFailure {
        List<String> triggers = state.config().onBuild();
        if (triggers == null || stage.base() instanceof Reference.OfStage) {
            return List.of();
        }
        List<Instruction> instructions = new ArrayList<>();
        for (String trigger : triggers) {
            try {
                Instruction instruction = io.slipway.dockerfile.Dockerfile.parseTrigger(
                        trigger, stage.stage().from().origin().range());
                Entitlements.check(instruction);
                instructions.add(instruction);
            } catch (RuntimeException e) {
                throw Failures.of(e, stage.stage().from().origin());
            }
        }
        return instructions;
    }

    private ImageState apply(Instruction written, ImageState state, List<Instruction> rest)
            throws IOException, InterruptedException, BuildFailure {
        if (written instanceof Arg arg) {
            gate.require(arg);
            return arg(arg, state);
        }
        Instruction instruction = expander.expand(written, state.scope()::value, _ -> {});
        Entitlements.check(instruction);
        gate.require(instruction);
        return switch (instruction) {
            case Arg arg -> arg(arg, state);
            case Env env -> env(env, state);
            case Label label -> label(label, state);
            case Run run -> run(run, state);
            case Copy copy -> copy(copy, state, rest);
            case Add add -> add(add, state, rest);
            case Workdir workdir -> workdir(workdir, state);
            case User user ->
                config(
                        user,
                        state,
                        new ConfigDraft(state.config()).user(user.user().isEmpty() ? null : user.user()));
            case Cmd cmd -> cmd(cmd, state);
            case Entrypoint entrypoint -> entrypoint(entrypoint, state);
            case Expose expose -> expose(expose, state);
            case Volume volume -> volume(volume, state);
            case Shell shell -> config(shell, state, new ConfigDraft(state.config()).shell(shell.arguments()));
            case Stopsignal stopsignal -> stopsignal(stopsignal, state);
            case Healthcheck healthcheck -> healthcheck(healthcheck, state);
            case Maintainer maintainer ->
                config(maintainer, state.withAuthor(maintainer.author()), new ConfigDraft(state.config()));
            case Onbuild onbuild ->
                state.withConfig(new ConfigDraft(state.config())
                        .addOnBuild(onbuild.trigger())
                        .build());
        };
    }

    private String createdBy(Instruction instruction, ImageState before, String workingDirectory) {
        return String.valueOf(CreatedBy.of(instruction, before.scope(), before.shell(), workingDirectory));
    }

    /** An instruction that changes the config only. */
    private ImageState config(Instruction instruction, ImageState state, ConfigDraft draft) {
        String createdBy = createdBy(instruction, state, state.workingDirectory());
        return state.withConfig(draft.build()).plusEmpty(createdBy);
    }

    private ImageState arg(Arg arg, ImageState state) {
        StageScope.Declared declared =
                state.scope().declare(arg, plan.dockerfile().directives().escape());
        String createdBy = createdBy(declared.arg(), state, state.workingDirectory());
        return state.withScope(declared.scope()).plusEmpty(createdBy);
    }

    private ImageState env(Env env, ImageState state) {
        ConfigDraft draft = new ConfigDraft(state.config());
        env.pairs().forEach(pair -> draft.env(pair.key(), pair.value()));
        return config(env, state, draft).withScope(state.scope().after(env));
    }

    private ImageState label(Label label, ImageState state) {
        ConfigDraft draft = new ConfigDraft(state.config());
        label.pairs().forEach(pair -> draft.label(pair.key(), pair.value()));
        return config(label, state, draft);
    }

    private ImageState cmd(Cmd cmd, ImageState state) {
        List<String> words = CreatedBy.words(cmd.command(), state.shell());
        return config(cmd, state, new ConfigDraft(state.config()).cmd(clearedIfEmpty(cmd.command(), words)))
                .withCmdSet(true);
    }

    private ImageState entrypoint(Entrypoint entrypoint, ImageState state) {
        List<String> words = CreatedBy.words(entrypoint.command(), state.shell());
        ConfigDraft draft = new ConfigDraft(state.config()).entrypoint(clearedIfEmpty(entrypoint.command(), words));
        if (!state.cmdSet()) {
            draft.cmd(null);
        }
        return config(entrypoint, state, draft);
    }

    private static @Nullable List<String> clearedIfEmpty(CommandLine command, List<String> words) {
        return command instanceof CommandLine.Exec exec && exec.arguments().isEmpty() ? null : words;
    }

    private ImageState expose(Expose expose, ImageState state) {
        ConfigDraft draft = new ConfigDraft(state.config());
        expose.exposedPorts().forEach(port -> draft.expose(port.toString()));
        return config(expose, state, draft);
    }

    private ImageState volume(Volume volume, ImageState state) {
        ConfigDraft draft = new ConfigDraft(state.config());
        volume.paths().forEach(draft::volume);
        return config(volume, state, draft);
    }

    private ImageState stopsignal(Stopsignal stopsignal, ImageState state) {
        stopsignal.requireAccepted();
        return config(stopsignal, state, new ConfigDraft(state.config()).stopSignal(stopsignal.signal()));
    }

    private ImageState healthcheck(Healthcheck healthcheck, ImageState state) {
        ImageConfig.Healthcheck check = new ImageConfig.Healthcheck(
                CreatedBy.test(healthcheck),
                positive(healthcheck.interval().toNanos()),
                positive(healthcheck.timeout().toNanos()),
                positive(healthcheck.startPeriod().toNanos()),
                positive(healthcheck.startInterval().toNanos()),
                healthcheck.retries() == 0 ? null : healthcheck.retries());
        return config(healthcheck, state, new ConfigDraft(state.config()).healthcheck(check));
    }

    private static @Nullable Long positive(long nanos) {
        return nanos == 0 ? null : nanos;
    }

    private ImageState run(Run run, ImageState state) throws IOException, InterruptedException, BuildFailure {
        RunMounts.awaitStages(run, sources);
        String createdBy = createdBy(run, state, state.workingDirectory());
        return layer(run, log -> {
                    RunStep step =
                            new RunStep(session, run, state, RunMounts.of(run, state.workingDirectory(), sources));
                    StepKey key = step.key();
                    StepResult result = session.onceInTurn(key, log, () -> {
                        enableEmulation(run, state);
                        return step.execute(key, log);
                    });
                    step.noteMounts();
                    return result;
                })
                .onto(state, createdBy);
    }

    private void enableEmulation(Run run, ImageState state) throws IOException, BuildFailure {
        Emulation emulation = session.workspace().emulation();
        Platform wanted = plan.platformOf(stage);
        try {
            emulation.enable(wanted);
        } catch (EmulationException e) {
            throw Failures.of(e, run.origin());
        }
        try {
            emulation.enable(state.platform());
        } catch (EmulationException e) {
            // It says it is for another platform than was asked for, and may still run here: images are labelled
            // wrongly, too.
        }
    }

    private ImageState copy(Copy copy, ImageState state, List<Instruction> rest)
            throws IOException, InterruptedException, BuildFailure {
        copy.requireValid();
        CopyRequest request = new CopyRequest(
                words(copy.sources()),
                heredocs(copy.sources()),
                copy.destination(),
                state.workingDirectory(),
                copy.ownership(),
                Unpack.NOTHING,
                copy.excludes(),
                copy.parents(),
                isLinked(copy.link(), copy.ownership()));
        String createdBy = createdBy(copy, state, state.workingDirectory());
        if (copy.from() != null) {
            sources.await(copy.from(), copy);
        }
        return layer(copy, log -> {
                    Source from = copy.from() == null ? sources.main() : sources.source(copy.from(), copy);
                    return new CopyStep(session, state, request, from, Map.of()).execute(needsFiles(rest), log);
                })
                .onto(state, createdBy);
    }

    private ImageState add(Add add, ImageState state, List<Instruction> rest)
            throws IOException, InterruptedException, BuildFailure {
        add.requireValid();
        CopyRequest request = new CopyRequest(
                words(add.sources()),
                heredocs(add.sources()),
                add.destination(),
                state.workingDirectory(),
                add.ownership(),
                Unpack.of(add.unpack()),
                add.excludes(),
                false,
                isLinked(add.link(), add.ownership()));
        String createdBy = createdBy(add, state, state.workingDirectory());
        return layer(
                        add,
                        log -> new CopyStep(session, state, request, sources.main(), remotes(add))
                                .execute(needsFiles(rest), log))
                .onto(state, createdBy);
    }

    /** What the words of ADD stand for that are addresses, in their order. */
    private Map<String, Remote> remotes(Add add) throws IOException {
        String checksum = add.checksum() == null || add.checksum().isEmpty() ? null : add.checksum();
        Map<String, Remote> remotes = new LinkedHashMap<>();
        for (String word : words(add.sources())) {
            switch (AddSource.parse(word)) {
                case AddSource.Local _ -> {
                    // Of the build context.
                }
                case AddSource.Http(String url) ->
                    remotes.put(word, session.remotes().file(url, checksum));
                case AddSource.Git(GitAddress address) ->
                    remotes.put(word, session.remotes().repository(address, checksum, add.keepGitDir()));
            }
        }
        return remotes;
    }

    private static List<String> words(List<CopySource> sources) {
        return sources.stream()
                .filter(CopySource.Path.class::isInstance)
                .map(source -> ((CopySource.Path) source).word())
                .toList();
    }

    private static List<Heredoc> heredocs(List<CopySource> sources) {
        return sources.stream()
                .filter(CopySource.Inline.class::isInstance)
                .map(source -> ((CopySource.Inline) source).heredoc())
                .toList();
    }

    /** As in the reference, {@code --chmod} makes an ordinary copy of a linked one. */
    private static boolean isLinked(boolean link, Ownership ownership) {
        return link && ownership.chmod() == null;
    }

    /** Whether somebody will look at the files of a layer that is made now. */
    private boolean needsFiles(List<Instruction> rest) {
        boolean here = rest.stream()
                .anyMatch(next ->
                        next instanceof Run || next instanceof Copy || next instanceof Add || next instanceof Workdir);
        return here || plan.isUsedByOthers(stage);
    }

    private ImageState workdir(Workdir workdir, ImageState state)
            throws IOException, InterruptedException, BuildFailure {
        String path =
                workdir.path().startsWith("/") ? workdir.path() : relative(state.workingDirectory(), workdir.path());
        ImageState moved = state.withConfig(
                new ConfigDraft(state.config()).workingDir(path).build());
        String createdBy = createdBy(workdir, moved, path);
        if (io.slipway.worker.rootfs.RootTree.clean(path).isEmpty()) {
            return moved.plusEmpty(createdBy, plan.stepName(workdir.origin()));
        }
        return layer(workdir, log -> new WorkdirStep(session, workdir, moved).execute(log))
                .onto(moved, createdBy);
    }

    private static String relative(String workingDirectory, String path) {
        return "/" + io.slipway.worker.rootfs.RootTree.clean(workingDirectory + "/" + path);
    }

    private void warn(Instruction instruction, Remark remark) {
        Checks.whileBuilding(
                        plan.dockerfile(),
                        session.spec().buildArgs(),
                        remark.rule(),
                        instruction.origin(),
                        remark.message())
                .forEach(session.log()::emit);
    }

    /** Whether a secret in what this stage makes would be one in the image. */
    private boolean isGuarded() {
        return session.spec().secretsGuard() != SecretPolicy.OFF && plan.isPartOfImage(stage);
    }

    /** The secrets that are in a layer: found when it was committed, now or by the build that filled the cache. */
    private List<Remark> found(StepLayer step, Layer layer) {
        if (!isGuarded()) {
            return List.of();
        }
        return Stream.concat(
                        step.remarks().stream().filter(remark -> remark.rule() == Rule.SECRET_IN_LAYER),
                        session.guard().found(layer.diffId()).stream())
                .distinct()
                .toList();
    }

    private @Nullable BuildFailure objection(Instruction instruction, List<Remark> secrets) {
        return secrets.isEmpty() || session.spec().secretsGuard() != SecretPolicy.FAIL
                ? null
                : BuildFailure.at(
                        instruction.origin(),
                        ErrorCode.SECRET_IN_IMAGE,
                        secrets.getFirst().message(),
                        secrets.getFirst().rule().hint());
    }

    /** Looks through what an instruction has written to the config and to the history. */
    private void guard(Instruction instruction, ImageState before, ImageState after) throws BuildFailure {
        if (!isGuarded()) {
            return;
        }
        List<String> texts = new ArrayList<>();
        List<HistoryLine> lines = after.history();
        for (HistoryLine line : lines.subList(before.history().size(), lines.size())) {
            texts.add(
                    switch (line) {
                        case HistoryLine.OfBase _ -> "";
                        case HistoryLine.OfStep step -> step.createdBy();
                        case HistoryLine.Empty empty -> empty.createdBy();
                    });
        }
        // The history has words in quotation marks, in which a secret may look otherwise.
        Set<String> known = before.config().texts();
        after.config().texts().stream().filter(text -> !known.contains(text)).forEach(texts::add);
        for (String text : texts) {
            String what = session.guard().inText(text);
            if (what != null) {
                Remark remark = new Remark(
                        Rule.SECRET_IN_CONFIG, "The image's history, and perhaps its config, has %s".formatted(what));
                warn(instruction, remark);
                BuildFailure objection = objection(instruction, List.of(remark));
                if (objection != null) {
                    throw objection;
                }
                return; // once for each instruction
            }
        }
    }

    @FunctionalInterface
    private interface Work {
        StepResult run(StepLog.Running log) throws IOException, InterruptedException, BuildFailure;
    }

    /** A layer that a step made. */
    private record Made(StepLayer layer, int stage, String step) {
        ImageState onto(ImageState state, String createdBy) throws IOException {
            return state.plus(layer, createdBy, stage, step);
        }
    }

    private Made layer(Instruction instruction, Work work) throws IOException, InterruptedException, BuildFailure {
        StepLog.Running log = session.log()
                .start(
                        plan.step(instruction.origin()),
                        plan.place(session.spec().dockerfileName(), stage, ++begun));
        StepResult result;
        try {
            result = work.run(log);
        } catch (InterruptedException e) {
            log.finished(StepOutcome.CANCELLED, null);
            throw e;
        } catch (IOException | RuntimeException | BuildFailure e) {
            log.finished(Failures.isInterrupt(e) ? StepOutcome.CANCELLED : StepOutcome.FAILED, null);
            throw e;
        }
        StepLayer made = result.layer()
                .unless(layer -> {
                    List<Remark> secrets = found(result.layer(), layer);
                    secrets.forEach(remark -> warn(instruction, remark));
                    return objection(instruction, secrets);
                })
                .blaming(e -> Failures.isInterrupt(e) ? e : Failures.of(e, instruction.origin()));
        StepOutcome outcome = result.cached() ? StepOutcome.CACHED : StepOutcome.EXECUTED;
        made.whenCommitted((layer, failure) -> {
            if (layer != null) {
                log.finished(outcome, layer.isEmpty() ? null : layer.descriptor());
            } else if (failure == null || Failures.isInterrupt(failure)) {
                log.finished(StepOutcome.CANCELLED, null);
            } else {
                failures.accept(Failures.of(failure, instruction.origin()));
                log.finished(StepOutcome.FAILED, null);
            }
        });
        for (Remark remark : result.layer().remarks()) {
            if (remark.rule() != Rule.SECRET_IN_LAYER) {
                warn(instruction, remark);
            }
        }
        if (!result.cached()) {
            push.madeNew();
        }
        if (goesAhead(false)) {
            session.results().neededHere(made, session.executor());
            push.ahead(made, !result.cached());
        }
        return new Made(made, stage.stage().index(), plan.stepName(instruction.origin()));
    }
}
