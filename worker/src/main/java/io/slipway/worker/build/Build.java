package io.slipway.worker.build;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.directive.Directives;
import io.slipway.dockerfile.stage.GlobalScope;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.dockerfile.stage.PredefinedArguments;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.dockerfile.stage.StageGraph;
import io.slipway.image.Descriptor;
import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.compression.Compression;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.registry.RegistryException;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.CacheKind;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.StepInfo;
import io.slipway.protocol.StepOutcome;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.cache.RunningSteps;
import io.slipway.worker.cache.StepCache;
import io.slipway.worker.cache.StepHistory;
import io.slipway.worker.guard.SecretGuard;
import io.slipway.worker.linux.AvailableMemory;
import io.slipway.worker.mount.CacheDirectories;
import io.slipway.worker.remote.Remotes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One build, from its spec to the pushed image. Every build ends with exactly one {@link BuildEvent.Succeeded} or
 * {@link BuildEvent.Failed}. {@link #cancel} may be called from any thread.
 */
public final class Build {
    /** What the last step's instruction is called, which no line of the Dockerfile has. */
    static final String EXPORT = "export";

    private static final int COMMITS_AT_ONCE = 2;

    private final Workspace workspace;
    private final BuildSpec spec;
    private final StepLog log;
    private final CacheOrigins origins;
    private final CompletableFuture<BuildEvent> end = new CompletableFuture<>();
    private volatile @Nullable List<StepInfo> steps;
    private final AtomicReference<@Nullable BuildFailure> stopped = new AtomicReference<>();
    private final StepLimit limit;
    /** Threads of the build; others when it begins again. */
    private volatile ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    /** A build that has not begun. */
    public Build(Workspace workspace, BuildSpec spec, EventSink sink) {
        this.workspace = workspace;
        this.spec = spec;
        this.log = new StepLog(MaskedEvents.over(sink, spec.secrets().values()));
        this.origins = new CacheOrigins(log);
        this.limit = new StepLimit(spec.stepTimeoutMillis(), step -> stop(stepTimeout(step)));
    }

    /** Ends the build soon, as {@link ErrorCode#CANCELLED}. Nothing happens if it has ended. */
    public void cancel() {
        stop(BuildFailure.of(ErrorCode.CANCELLED, "the build was cancelled", null));
    }

    private void stop(BuildFailure why) {
        if (stopped.compareAndSet(null, why)) {
            executor.shutdownNow();
        }
    }

    /** Builds. Returns the last event, which has been emitted. */
    public BuildEvent run() {
        Thread.ofVirtual().start(() -> end.complete(result()));
        BuildEvent last;
        try (DiskWatch _ = diskWatch()) {
            try {
                last = end.get(spec.timeoutMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                stop(timeout());
                last = end.join();
            }
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        }
        BuildError error = error(last);
        if (error != null && (error.code() == ErrorCode.DISK_FULL || error.code() == ErrorCode.LIMIT_EXCEEDED)) {
            makeRoom();
        }
        log.emit(last);
        return last;
    }

    private @Nullable DiskWatch diskWatch() {
        Long most = spec.limits().diskBytes();
        Path directory = workspace.work();
        return most == null || directory == null
                ? null
                : new DiskWatch(
                        directory,
                        most,
                        () -> stop(atStep(
                                ErrorCode.LIMIT_EXCEEDED,
                                "the build has more than " + most
                                        + " bytes on the disk that are not finished yet, which is the limit of its project",
                                log.firstRunning())));
    }

    /** Whoever is to store the build's last events may keep them on the same disk. */
    private void makeRoom() {
        try {
            workspace.end();
        } catch (IOException e) {
            System.err.println("the build's directory can't be removed: " + e);
        }
    }

    /** Names the step that was running, as far as one was. */
    private BuildFailure timeout() {
        return atStep(
                ErrorCode.BUILD_TIMEOUT,
                "the build took longer than its limit of " + seconds(spec.timeoutMillis()),
                log.firstRunning());
    }

    private BuildFailure stepTimeout(int step) {
        long millis = Objects.requireNonNull(spec.stepTimeoutMillis(), "without a limit none is overrun");
        return atStep(ErrorCode.STEP_TIMEOUT, "the step took longer than its limit of " + seconds(millis), step);
    }

    private static String seconds(long millis) {
        return (millis % 1000 == 0 ? Long.toString(millis / 1000) : Double.toString(millis / 1000.0)) + " s";
    }

    private BuildFailure atStep(ErrorCode code, String message, @Nullable Integer step) {
        List<StepInfo> planned = steps;
        if (step == null || planned == null) {
            return BuildFailure.of(code, message, null);
        }
        StepInfo info = planned.get(step - 1);
        return new BuildFailure(new BuildError(code, message, info.instruction(), info.line(), null, null), null);
    }

    /** Builds; once again without an imported cache if what that lists turns out not to be there. */
    private BuildEvent result() {
        Set<String> without = new HashSet<>();
        while (true) {
            try {
                // Whatever stops the build interrupts all of its threads.
                return executor.submit(this::build).get();
            } catch (Throwable t) {
                ImportedCacheException broken = ImportedCacheException.in(t);
                if (stopped.get() != null || broken == null || !without.add(broken.place())) {
                    return failed(t);
                }
                origins.giveUp(broken.place(), broken);
            } finally {
                executor.shutdownNow();
                awaitEnd();
            }
            log.restart();
            executor = Executors.newVirtualThreadPerTaskExecutor();
            if (stopped.get() != null) {
                executor.shutdownNow();
            }
        }
    }

    private BuildEvent failed(Throwable thrown) {
        BuildFailure reason = stopped.get();
        BuildFailure failure = reason != null ? reason : Failures.of(thrown, null);
        return new BuildEvent.Failed(Instant.now(), failure.error());
    }

    /** What was interrupted still has to let go of mounts and files. */
    private void awaitEnd() {
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                System.err.println("some threads of the build did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private BuildEvent build() throws IOException, InterruptedException, BuildFailure {
        Dockerfile dockerfile = Dockerfile.parse(spec.dockerfile());
        try (Remotes remotes = new Remotes(
                        spec, workspace.content(), workspace.home().resolve("store/downloads"), workspace::newPath);
                Contexts contexts = Contexts.open(workspace, spec, remotes)) {
            String frontend = dockerfile.directives().frontend(spec.buildArgs());
            if (frontend != null) {
                log.sayFirst("# syntax=" + frontend + ": the language of " + Directives.BUILT_IN + " is built in");
            }
            Epoch epoch = new Epoch(spec, dockerfile, contexts, remotes, log);
            List<BuildPlan> plans = plans(dockerfile, contexts, epoch);
            announce(plans);
            for (BuildPlan plan : plans) {
                plan.requireSteps(spec.layers());
            }
            PolicyGate gate = new PolicyGate(spec.policy());
            gate.requireOptions(spec);
            for (BuildPlan plan : plans) {
                plan.require(gate);
            }
            SecretGuard guard = SecretGuard.of(spec.secrets());
            new GuardedOptions(spec, dockerfile, guard, log).check();
            for (BuildPlan plan : plans) {
                Emulators.require(workspace.emulation(), plan);
            }
            BuildPlan first = plans.getFirst();
            return run(session(first.platform(), contexts, remotes, guard, epoch.of(first.global())), plans, epoch);
        }
    }

    private List<BuildPlan> plans(Dockerfile dockerfile, Contexts contexts, Epoch epoch)
            throws IOException, BuildFailure {
        List<Platform> platforms = spec.platforms().isEmpty()
                ? List.of(Platform.local())
                : spec.platforms().stream().map(Platform::parse).toList();
        List<BuildPlan> plans = new ArrayList<>();
        int before = 0;
        for (Platform platform : platforms) {
            GlobalScope global = epoch.resolve(global(dockerfile, name(platform)));
            StageGraph graph = StageGraph.of(dockerfile, global, contexts.names());
            ResolvedStage wanted = graph.target(spec.target());
            String label = platforms.size() == 1 ? "" : platform + " ";
            BuildPlan plan = BuildPlan.of(dockerfile, global, graph, wanted, platform, label, before);
            before += plan.steps().size();
            plans.add(plan);
        }
        return plans;
    }

    /** Tells of the steps, once: a build that begins again has the same. */
    private void announce(List<BuildPlan> plans) {
        List<StepInfo> all = new ArrayList<>();
        plans.forEach(plan -> all.addAll(plan.steps()));
        all.add(new StepInfo(all.size() + 1, plans.getLast().target().stage().label(), EXPORT, null));
        boolean again = steps != null;
        steps = List.copyOf(all);
        if (!again) {
            log.emit(new BuildEvent.Planned(Instant.now(), all));
        }
    }

    private static PlatformName name(Platform platform) {
        return PlatformName.parse(platform.toString());
    }

    private GlobalScope global(Dockerfile dockerfile, PlatformName target) {
        return GlobalScope.of(
                dockerfile,
                spec.buildArgs(),
                PredefinedArguments.ofGlobalScope(target, name(Platform.local()), dockerfile, spec.target()));
    }

    private Session session(
            Platform platform, Contexts contexts, Remotes remotes, SecretGuard guard, @Nullable Instant epoch)
            throws IOException {
        RegistryClient registry = new RegistryClient(
                RegistryAccess.settings(
                        spec.registries(), spec.caFile(), spec.fetching().deniedRegistryNetworks()),
                workspace.content());
        return new Session(
                workspace,
                spec,
                platform,
                compression(),
                epoch,
                contexts,
                new StepCache(
                        workspace.home().resolve("store/cache"), spec.scope().tenant(), workspace::newPath),
                new StepHistory(
                        workspace.home().resolve("store/history"), spec.scope().tenant(), workspace::newPath),
                ImportedCache.of(spec, registry, workspace.content(), origins),
                new Results(),
                RunningSteps.at(
                        workspace.home().resolve("store/running"), spec.scope().tenant()),
                CacheDirectories.at(workspace.home().resolve("store/mounts"), workspace::newPath),
                registry,
                remotes,
                guard,
                log,
                limit,
                executor,
                new Semaphore(COMMITS_AT_ONCE),
                new CommandTurns(spec.stepBudget(), AvailableMemory.ofMachine()::bytes));
    }

    private Compression compression() {
        int level = spec.compressionLevel() == null ? Compression.DEFAULT_LEVEL : spec.compressionLevel();
        return switch (spec.compression()) {
            case GZIP -> new Compression(Compression.Algorithm.GZIP, level);
            case ZSTD -> new Compression(Compression.Algorithm.ZSTD, level);
            case NONE -> Compression.none();
        };
    }

    /** Platforms go side by side: what they have in common, one of them does and the others wait for and find in the cache. */
    private BuildEvent run(Session session, List<BuildPlan> plans, Epoch epoch)
            throws IOException, InterruptedException, BuildFailure {
        CacheExport.remarkOnMerged(session);
        Push push = Push.of(session);
        Background background = new Background(executor);
        CompletableFuture<?> pushable = pushable(session, push, background);
        PinnedNames names = new PinnedNames(session.registry(), log);
        List<Bases> bases = new ArrayList<>();
        List<CompletableFuture<ImageState>> making = new ArrayList<>();
        for (BuildPlan plan : plans) {
            Session own = session.of(plan.platform(), epoch.of(plan.global()));
            Bases its = new Bases(own, plan.global(), names);
            bases.add(its);
            CompletableFuture<ImageState> state = new CompletableFuture<>();
            making.add(state);
            background.start(() -> state.complete(new Stages(own, plan, its, push, pushable, background).build()));
        }
        List<ImageState> made = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            ImageState state = background.await(making.get(i));
            made.add(
                    spec.platforms().isEmpty()
                            ? state
                            : state.builtFor(plans.get(i).platform()));
        }
        StepLog.Running step =
                log.start(Objects.requireNonNull(steps, "the steps are planned").size(), new KeyHash(EXPORT).digest());
        boolean exported = false;
        try {
            BuildEvent success = limit.within(step, () -> export(session, bases, push, made, step));
            step.finished(StepOutcome.EXECUTED, null);
            exported = true;
            return success;
        } finally {
            if (!exported) {
                step.finished(stopped.get() == null ? StepOutcome.FAILED : StepOutcome.CANCELLED, null);
            }
        }
    }

    /** Finds out whether the image and the caches that it must have could be pushed, beside all that needs no instruction to run. */
    private static CompletableFuture<?> pushable(Session session, Push push, Background background) {
        List<CompletableFuture<Boolean>> checks = new ArrayList<>();
        List<ImageReference> targets = new ArrayList<>(push.targets());
        for (CacheTarget cache : session.spec().cacheTo()) {
            if (cache.kind() == CacheKind.REGISTRY && cache.required()) {
                targets.add(ImageReference.parse(Objects.requireNonNull(cache.place())));
            }
        }
        for (ImageReference target : targets) {
            CompletableFuture<Boolean> checked = new CompletableFuture<>();
            checks.add(checked);
            background.start(() -> {
                try {
                    session.registry().checkPush(target);
                } catch (IOException e) {
                    throw Failures.ofExport(e);
                }
                checked.complete(true);
            });
        }
        return CompletableFuture.allOf(checks.toArray(CompletableFuture[]::new));
    }

    private BuildEvent export(
            Session session, List<Bases> bases, Push push, List<ImageState> made, StepLog.Running step)
            throws IOException, InterruptedException, BuildFailure {
        fetchUnlessMounted(made);
        ImageExport export = new ImageExport(session, push);
        ImageExport.Exported image = isIndex(made) ? export.index(made) : export.write(made.getFirst());
        Descriptor document = image.document();
        for (ImageState state : made) {
            new PolicyGate(spec.policy()).requireLabels(state, spec.labels());
        }
        Long most = spec.limits().imageBytes();
        if (most != null && image.bytes() > most) {
            throw new BuildFailure(
                    new BuildError(
                            ErrorCode.LIMIT_EXCEEDED,
                            "the image has " + image.bytes() + " bytes, compressed; those of its project may have "
                                    + most,
                            null,
                            null,
                            null,
                            "leave out what it does not need, for instance by copying from a stage"),
                    null);
        }
        // Before the image has a name anywhere: what an imported cache lists may turn out to be something else, or not
        // to be there.
        session.results().awaitWorks();
        RegistryException refusal = null;
        try {
            push.image(image);
        } catch (RegistryException e) {
            refusal = e;
        }
        for (Bases its : bases) {
            its.awaitPulls();
        }
        String digest = document.digest().toString();
        if (refusal != null) {
            log.emit(new BuildEvent.Kept(Instant.now(), digest, document.mediaType(), image.bytes()));
            throw Failures.ofExport(refusal);
        }
        new CacheExport(session).run(made, step);
        return new BuildEvent.Succeeded(Instant.now(), digest, document.mediaType(), image.bytes());
    }

    /** What is in no registry can't be taken from there by the one that the image is pushed to. */
    private static void fetchUnlessMounted(List<ImageState> made) throws IOException {
        for (ImageState state : made) {
            for (StepLayer layer : state.layers()) {
                if (layer.origin() == null) {
                    layer.fetch();
                }
            }
        }
    }

    /** Several platforms are; one is if the reference frontend's argument asks for it (dockerfile.md §6). */
    private boolean isIndex(List<ImageState> made) {
        return made.size() > 1 || PredefinedArguments.isMultiPlatform(spec.buildArgs());
    }

    /** The error of an event that ends a build badly, or null. */
    public static @Nullable BuildError error(BuildEvent last) {
        return last instanceof BuildEvent.Failed failed ? failed.error() : null;
    }
}
