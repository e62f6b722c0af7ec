package io.slipway.api.intake;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.Caller;
import io.slipway.api.build.BuildResource;
import io.slipway.api.build.BuildSettings;
import io.slipway.api.build.BuildSubmission;
import io.slipway.api.build.Confidential;
import io.slipway.api.build.ContextDirectory;
import io.slipway.api.build.NewBuild;
import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.ContextSource;
import io.slipway.api.intake.option.NamedSource;
import io.slipway.api.limit.LimitProblems;
import io.slipway.api.limit.LimitSettings;
import io.slipway.api.limit.RateLimits;
import io.slipway.api.policy.ProjectPolicies;
import io.slipway.api.policy.Violation;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.secret.ProjectSecrets;
import io.slipway.db.DatabaseException;
import io.slipway.db.Transaction;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.access.Projects;
import io.slipway.db.access.QueueFullException;
import io.slipway.db.access.Role;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.ContextFile;
import io.slipway.dockerfile.check.CheckedStages;
import io.slipway.protocol.CacheKind;
import io.slipway.protocol.CacheSource;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.NamedContext;
import io.slipway.protocol.Policy;
import io.slipway.protocol.RegistrySettings;
import io.slipway.protocol.SshSource;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * From a checked request to a queued build: the context is on disk first, then the Dockerfile is read, then one transaction
 * queues the build and remembers the answer. Whatever goes wrong before leaves nothing. Thread-safe.
 */
@Service
final class BuildIntake {
    private final BuildSubmission submission;
    private final Projects projects;
    private final BuildQueue builds;
    private final LimitSettings limits;
    private final RateLimits rates;
    private final ProjectSecrets secrets;
    private final ProjectPolicies policies;
    private final ContextFiles contexts;
    private final FetchedContexts fetched;
    private final NamedContexts named;
    private final StrayContexts strays;
    private final SlipwayProperties properties;
    private final JsonMapper json;
    private final Clock clock;

    BuildIntake(
            BuildSubmission submission,
            Projects projects,
            BuildQueue builds,
            LimitSettings limits,
            RateLimits rates,
            ProjectSecrets secrets,
            ProjectPolicies policies,
            ContextFiles contexts,
            FetchedContexts fetched,
            NamedContexts named,
            StrayContexts strays,
            SlipwayProperties properties,
            JsonMapper json,
            Clock clock) {
        this.submission = submission;
        this.projects = projects;
        this.builds = builds;
        this.limits = limits;
        this.rates = rates;
        this.secrets = secrets;
        this.policies = policies;
        this.contexts = contexts;
        this.fetched = fetched;
        this.named = named;
        this.strays = strays;
        this.properties = properties;
        this.json = json;
        this.clock = clock;
    }

    /** A new id, under which a context is stored before its build exists. */
    BuildId newId() {
        return BuildId.create(clock.instant());
    }

    /**
     * Counts the request, and checks what can be known before a context is read: the project, whether its queue has room, the time limit, the
     * secrets that it names, and what of its options the policy allows.
     *
     * @param retried whether it may be an earlier request once more, which is answered even if there is no room for another build
     * @param response gets the headers that say how the project stands
     * @return what the project may ask for
     * @throws ProblemException if the build can't be
     */
    ProjectLimits admit(Caller caller, BuildOptions options, boolean retried, HttpServletResponse response) {
        String project = options.project();
        caller.require(project, Role.BUILDER);
        ProjectLimits allowed = allowed(project);
        rates.spend(project, allowed.of(ProjectLimit.SUBMITS_PER_MINUTE).orElseThrow(), response);
        if (!retried) {
            requireRoom(options, allowed);
        }
        requireTime(options, allowed);
        secrets.require(project, options.projectSecrets().values());
        ProjectPolicies.require(violations(policies.of(project), options));
        return allowed;
    }

    /** The same of a build that nobody asks for but the service itself. It is not counted among those that are submitted. */
    ProjectLimits admit(BuildOptions options) {
        ProjectLimits allowed = allowed(options.project());
        requireRoom(options, allowed);
        requireTime(options, allowed);
        secrets.require(options.project(), options.projectSecrets().values());
        return allowed;
    }

    private ProjectLimits allowed(String project) {
        return limits.effective(projects.limits(project).orElseThrow(() -> Caller.projectNotFound(project)));
    }

    private static void requireTime(BuildOptions options, ProjectLimits allowed) {
        Duration most = Duration.ofMillis(allowed.of(ProjectLimit.BUILD_TIMEOUT).orElseThrow());
        if (options.timeout() != null && options.timeout().compareTo(most) > 0) {
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID,
                            "The timeout is longer than the " + most.toSeconds()
                                    + " seconds that a build may take here.")
                    .with("parameter", "timeout");
        }
    }

    /** The usual one if none is named, unless the project may not name that. */
    private Duration timeout(BuildOptions options, ProjectLimits allowed) {
        Duration named = options.timeout();
        if (named != null) {
            return named;
        }
        long most = allowed.of(ProjectLimit.BUILD_TIMEOUT).orElseThrow();
        return Duration.ofMillis(Math.min(properties.limits().buildTimeout().toMillis(), most));
    }

    private void requireRoom(BuildOptions options, ProjectLimits allowed) {
        OptionalLong most = allowed.of(ProjectLimit.QUEUED_BUILDS);
        if (most.isEmpty() || options.supersedes() != null) {
            return; // It may take the place of one that waits.
        }
        try {
            builds.requireRoom(options.project(), most.getAsLong());
        } catch (QueueFullException e) {
            throw LimitProblems.queueFull(options.project(), e);
        }
    }

    /**
     * Queues the build of contexts that came with the request.
     *
     * @param allowed what {@link #admit} said
     * @param contexts contexts on disk, which are removed unless the build is queued
     * @param claim the request's idempotency key, held, or null
     */
    Accepted accept(
            BuildOptions options,
            ProjectLimits allowed,
            RequestContexts contexts,
            IdempotentRequests.@Nullable Claim claim)
            throws IOException {
        try (contexts) {
            CheckedDockerfile dockerfile = checked(options, contexts);
            if (claim != null) {
                Accepted earlier = claim.begin(RequestHash.of(options, contexts));
                if (earlier != null) {
                    return earlier;
                }
            }
            return queue(options, allowed, contexts, dockerfile, claim);
        }
    }

    /**
     * Fetches a context and queues its build.
     *
     * @param allowed what {@link #admit} said
     * @param claim the request's idempotency key, held, or null
     */
    Accepted fetch(
            BuildId id,
            BuildOptions options,
            ProjectLimits allowed,
            ContextSource source,
            IdempotentRequests.@Nullable Claim claim)
            throws IOException {
        if (claim != null) {
            Accepted earlier = claim.begin(RequestHash.of(options, source));
            if (earlier != null) {
                return earlier;
            }
        }
        try (RequestContexts contexts = new RequestContexts(fetched.fetch(id, source, options))) {
            return queue(options, allowed, contexts, checked(options, contexts), claim);
        }
    }

    /**
     * Fetches a context and queues its build, for the service itself.
     *
     * @param allowed what {@link #admit(BuildOptions)} said
     * @param also runs in the transaction that queues the build
     */
    void fetch(
            BuildId id, BuildOptions options, ProjectLimits allowed, ContextSource source, Consumer<Transaction> also)
            throws IOException {
        // It is the project's trigger that names the repository, whatever the build may have.
        try (RequestContexts contexts = new RequestContexts(fetched.fetch(id, source, options, true))) {
            queue(options, allowed, contexts, checked(options, contexts), (transaction, _) -> also.accept(transaction));
        }
    }

    private CheckedDockerfile checked(BuildOptions options, RequestContexts contexts) throws IOException {
        CheckedDockerfile checked = CheckedDockerfile.of(
                contexts.main(), options, contexts.names(options.contexts().keySet()), properties.limits());
        requireAllowed(options, checked.stages());
        return checked;
    }

    /** Refuses what the project's policy does not allow, as far as the Dockerfile tells. */
    private void requireAllowed(BuildOptions options, List<CheckedStages> stages) {
        Policy policy = policies.of(options.project());
        List<Violation> violations = new ArrayList<>(violations(policy, options));
        for (CheckedStages each : stages) {
            violations.addAll(policies.violations(policy, each));
        }
        ProjectPolicies.require(violations.stream().distinct().toList());
    }

    private List<Violation> violations(Policy policy, BuildOptions options) {
        List<String> pushes = new ArrayList<>(options.push() ? options.tags() : List.of());
        options.cacheTo().stream()
                .filter(target -> target.kind() == CacheKind.REGISTRY)
                .map(CacheTarget::place)
                .filter(Objects::nonNull)
                .forEach(pushes::add);
        List<String> caches = options.cacheFrom().stream()
                .filter(source -> source.kind() == CacheKind.REGISTRY)
                .map(CacheSource::place)
                .toList();
        List<String> images = options.contexts().values().stream()
                .filter(NamedSource.Image.class::isInstance)
                .map(source -> ((NamedSource.Image) source).reference())
                .filter(reference -> !reference.equals("scratch"))
                .toList();
        return policies.violations(policy, options.network(), pushes, caches, images);
    }

    /** The most bytes that a Dockerfile may have. */
    int mostDockerfileBytes() {
        return (int) properties.limits().dockerfileSize().toBytes();
    }

    /** Where contexts of requests are stored. */
    ContextFiles contexts() {
        return contexts;
    }

    private Accepted queue(
            BuildOptions options,
            ProjectLimits allowed,
            RequestContexts contexts,
            CheckedDockerfile dockerfile,
            IdempotentRequests.@Nullable Claim claim)
            throws IOException {
        Accepted accepted = queue(options, allowed, contexts, dockerfile, (transaction, answer) -> {
            if (claim != null) {
                claim.answer(transaction, answer);
            }
        });
        if (claim != null) {
            claim.settle();
        }
        return accepted;
    }

    private Accepted queue(
            BuildOptions options,
            ProjectLimits allowed,
            RequestContexts contexts,
            CheckedDockerfile dockerfile,
            BiConsumer<Transaction, Accepted> also)
            throws IOException {
        Map<String, NamedContext> given = named.given(options, contexts);
        contexts.requireSize(allowed.of(ProjectLimit.CONTEXT_SIZE).orElseThrow());
        StoredContext context = contexts.main();
        NewBuild build = new NewBuild(
                context.id(),
                options.project(),
                settings(options, context, given, NamedContexts.origins(options, contexts), dockerfile),
                confidential(options),
                options.supersedes(),
                options.priority(),
                timeout(options, allowed),
                new ContextFile(
                        ContextDirectory.name(context.path()),
                        context.bytes(),
                        context.sha256(),
                        json.writeValueAsString(context.content())),
                dockerfile.text(),
                null,
                dockerfile.warnings());
        Accepted[] accepted = new Accepted[1];
        try {
            submission.submit(build, (transaction, resource) -> {
                accepted[0] = accepted(resource);
                also.accept(transaction, accepted[0]);
            });
        } catch (DatabaseException e) {
            if (e.isOutcomeUnknown()) {
                strays.doubt(context.id());
                contexts.keep();
            }
            throw e;
        }
        contexts.keep();
        return accepted[0];
    }

    /** The answer to a request whose build is queued. */
    Accepted accepted(BuildResource resource) {
        return new Accepted(HttpStatus.ACCEPTED.value(), resource.links().self(), json.writeValueAsBytes(resource));
    }

    private static BuildSettings settings(
            BuildOptions options,
            StoredContext context,
            Map<String, NamedContext> contexts,
            List<BuildResource.NamedContext> origins,
            CheckedDockerfile dockerfile) {
        return new BuildSettings(
                context.time(),
                contexts,
                origins,
                dockerfile.ignore(),
                options.target(),
                options.buildArgs(),
                options.tags(),
                options.labels(),
                options.annotations(),
                options.platforms(),
                options.noCache(),
                options.pull(),
                options.network(),
                options.format(),
                options.compression(),
                options.compressionLevel(),
                options.layers(),
                options.secretsGuard(),
                options.sourceDateEpoch(),
                options.stepTimeout() == null ? null : options.stepTimeout().toMillis(),
                options.push(),
                options.projectSecrets(),
                options.projectCredentials(),
                options.cacheFrom(),
                options.cacheTo(),
                options.cacheScope());
    }

    private static Confidential confidential(BuildOptions options) {
        Map<String, SshSource> ssh = new HashMap<>();
        options.ssh().forEach((id, key) -> ssh.put(id, new SshSource(null, key)));
        return new Confidential(registries(options), options.secrets(), ssh);
    }

    private static List<RegistrySettings> registries(BuildOptions options) {
        return options.registryAuth().entrySet().stream()
                .map(entry -> new RegistrySettings(
                        entry.getKey(),
                        List.of(),
                        false,
                        entry.getValue().username(),
                        entry.getValue().password(),
                        true))
                .toList();
    }
}
