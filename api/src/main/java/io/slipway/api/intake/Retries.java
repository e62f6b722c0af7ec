package io.slipway.api.intake;

import io.slipway.api.HomeId;
import io.slipway.api.access.Caller;
import io.slipway.api.build.BuildSettings;
import io.slipway.api.build.BuildSubmission;
import io.slipway.api.build.Confidential;
import io.slipway.api.build.ContextDirectory;
import io.slipway.api.build.NewBuild;
import io.slipway.api.limit.LimitProblems;
import io.slipway.api.limit.LimitSettings;
import io.slipway.api.limit.RateLimits;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.secret.ProjectSecrets;
import io.slipway.db.DatabaseException;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.access.Projects;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import io.slipway.db.build.ContextFile;
import io.slipway.image.context.ContextArchive;
import io.slipway.protocol.NamedContext;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * Does builds that have ended once more: with the same context, Dockerfile and options. Tags of base images are looked up anew, secrets of
 * the project are as they are now, and it takes no other build's place. Thread-safe.
 */
@Service
final class Retries {
    private final BuildIntake intake;
    private final BuildSubmission submission;
    private final Builds builds;
    private final Projects projects;
    private final LimitSettings limits;
    private final RateLimits rates;
    private final ProjectSecrets secrets;
    private final StrayContexts strays;
    private final HomeId home;
    private final ContextDirectory directory;

    Retries(
            BuildIntake intake,
            BuildSubmission submission,
            Builds builds,
            Projects projects,
            LimitSettings limits,
            RateLimits rates,
            ProjectSecrets secrets,
            StrayContexts strays,
            HomeId home,
            ContextDirectory directory) {
        this.intake = intake;
        this.submission = submission;
        this.builds = builds;
        this.projects = projects;
        this.limits = limits;
        this.rates = rates;
        this.secrets = secrets;
        this.strays = strays;
        this.home = home;
        this.directory = directory;
    }

    /**
     * Queues a build like {@code old}.
     *
     * @param claim the request's idempotency key, held, or null
     * @param response gets the headers that say how the project stands
     * @throws ProblemException if it has not ended, something that it needs is gone, or a limit is met
     */
    Accepted retry(Build old, IdempotentRequests.@Nullable Claim claim, HttpServletResponse response)
            throws IOException {
        ProjectLimits own = projects.limits(old.project()).orElseThrow(() -> Caller.projectNotFound(old.project()));
        ProjectLimits allowed = limits.effective(own);
        rates.spend(old.project(), allowed.of(ProjectLimit.SUBMITS_PER_MINUTE).orElseThrow(), response);
        if (claim != null) {
            Accepted earlier = claim.begin(RequestHash.ofRetry(old.id()));
            if (earlier != null) {
                return earlier;
            }
        }
        if (!old.state().isFinished()) {
            throw new ProblemException(
                            ProblemType.BUILD_NOT_FINISHED,
                            "The build has not ended: it is " + old.state().wireName() + ".")
                    .with("state", old.state().wireName());
        }
        if (old.confidential()) {
            throw new ProblemException(
                    ProblemType.RETRY_SECRETS_GONE,
                    "The build came with secrets, keys or credentials, which were forgotten at its end.");
        }
        ContextFile context = old.context();
        if (old.filesSweptAt() != null) {
            throw contextGone();
        }
        if (!old.isAt(home.value())) {
            throw new ProblemException(
                            ProblemType.RETRY_CONTEXT_GONE,
                            "The build's context is at another service of this database, and not here.")
                    .with("hint", "retry it where it was submitted, or submit it anew");
        }
        long most = allowed.of(ProjectLimit.CONTEXT_SIZE).orElseThrow();
        if (context.bytes() > most) {
            throw LimitProblems.contextTooLarge(context.bytes(), most);
        }
        Links links = new Links(directory, old.id(), intake.newId());
        try {
            Accepted accepted = queue(old, context, links, allowed, claim);
            links.keep();
            return accepted;
        } catch (DatabaseException e) {
            if (e.isOutcomeUnknown()) {
                strays.doubt(links.build());
                links.keep();
            }
            throw e;
        } catch (NoSuchFileException e) {
            throw contextGone();
        } finally {
            links.close();
        }
    }

    private static ProblemException contextGone() {
        return new ProblemException(ProblemType.RETRY_CONTEXT_GONE, "The build's context is not there any more.");
    }

    private Accepted queue(
            Build old,
            ContextFile context,
            Links links,
            ProjectLimits allowed,
            IdempotentRequests.@Nullable Claim claim)
            throws IOException {
        BuildSettings settings = BuildSettings.of(old);
        secrets.require(old.project(), settings.projectSecrets().values());
        Map<String, NamedContext> named = new LinkedHashMap<>();
        for (Map.Entry<String, NamedContext> entry : settings.contexts().entrySet()) {
            named.put(entry.getKey(), linked(entry.getValue(), links));
        }
        long timeout = Math.min(
                old.timeoutMillis(), allowed.of(ProjectLimit.BUILD_TIMEOUT).orElseThrow());
        NewBuild build = new NewBuild(
                links.build(),
                old.project(),
                settings.with(named),
                Confidential.NONE,
                null,
                old.priority(),
                Duration.ofMillis(timeout),
                new ContextFile(links.of(context.name()), context.bytes(), context.sha256(), context.content()),
                old.dockerfile(),
                old.id(),
                builds.submittedWarnings(old.id()));
        Accepted[] accepted = new Accepted[1];
        submission.submit(build, (transaction, resource) -> {
            accepted[0] = intake.accepted(resource);
            if (claim != null) {
                claim.answer(transaction, accepted[0]);
            }
        });
        if (claim != null) {
            claim.settle();
        }
        return accepted[0];
    }

    private static NamedContext linked(NamedContext context, Links links) throws IOException {
        return switch (context) {
            case NamedContext.Files files -> new NamedContext.Files(links.of(files.tar()), files.time());
            case NamedContext.Layout layout ->
                new NamedContext.Layout(links.of(layout.path()), layout.digest(), layout.mediaType());
            case NamedContext.Image _, NamedContext.Stored _, NamedContext.Repository _, NamedContext.Archive _ ->
                context;
        };
    }

    /** The contexts of a new build, which are those of an old one under other names; removed unless they are kept. Not thread-safe. */
    private static final class Links {
        private final ContextDirectory directory;
        private final BuildId old;
        private final BuildId build;
        private final List<Path> made = new ArrayList<>();
        private boolean kept;

        Links(ContextDirectory directory, BuildId old, BuildId build) {
            this.directory = directory;
            this.old = old;
            this.build = build;
        }

        BuildId build() {
            return build;
        }

        /** The new name of a context, whose name begins with the old build's id. */
        String of(String context) throws IOException {
            Path path = directory.of(context);
            Path link = path.resolveSibling(path.getFileName().toString().replace(old.value(), build.value()));
            if (!made.contains(link)) {
                ContextArchive.link(path, link);
                made.add(link);
            }
            return ContextDirectory.name(link);
        }

        void keep() {
            kept = true;
        }

        void close() throws IOException {
            if (!kept) {
                for (Path link : made) {
                    ContextArchive.delete(link);
                }
            }
        }
    }
}
