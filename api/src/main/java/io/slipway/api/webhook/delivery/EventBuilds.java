package io.slipway.api.webhook.delivery;

import io.slipway.api.ServiceAddress;
import io.slipway.api.intake.CommitBuilds;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.api.webhook.trigger.StatusSettings;
import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.db.Transaction;
import io.slipway.db.base.BaseRebuilds;
import io.slipway.db.base.PushOrder;
import io.slipway.db.build.BuildCause;
import io.slipway.db.webhook.ClaimedDelivery;
import io.slipway.db.webhook.CommitProblem;
import io.slipway.db.webhook.CommitStatuses;
import io.slipway.db.webhook.Deliveries;
import io.slipway.protocol.ErrorCode;
import io.slipway.remote.git.GitSource;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Submits the builds of events. Thread-safe. */
@Component
final class EventBuilds {
    /** After so many attempts a problem that could have passed is what came of it: some eight minutes later. */
    static final int MOST_ATTEMPTS = 8;

    /** A commit that is not there yet, since another server of the host's has told of it, is there half a minute later. */
    private static final int ATTEMPTS_FOR_COMMIT = 4;

    /** What has changed is known a quarter of a minute later, or not at all: servers don't say of a commit that it is gone for good. */
    private static final int ATTEMPTS_FOR_PATHS = 3;

    private final CommitBuilds builds;

    EventBuilds(CommitBuilds builds) {
        this.builds = builds;
    }

    /**
     * Whether the same is worth another attempt: a repository that can't be reached, a commit that is not there yet, a full queue or
     * disk, a stop.
     *
     * @param problem why a build could not be submitted
     * @param attempts how many there were
     */
    static boolean isPassing(ProblemException problem, int attempts) {
        return switch (problem.type()) {
            case DISK_FULL, QUEUE_FULL, STOPPING, DATABASE_UNAVAILABLE -> attempts < MOST_ATTEMPTS;
            case CONTEXT_UNREACHABLE -> {
                Object code = problem.fields().get("code");
                if (ErrorCode.GIT_REF_NOT_FOUND.wireName().equals(code)) {
                    yield attempts < ATTEMPTS_FOR_COMMIT;
                }
                yield ErrorCode.CONTEXT_UNREACHABLE.wireName().equals(code) && attempts < MOST_ATTEMPTS;
            }
            default -> false;
        };
    }

    /**
     * Queues the build of an event's commit, once: that is part of the transaction.
     *
     * @param position of the event in the delivery
     * @param moved bases that have moved, if that is why, or null
     * @throws ProblemException if there can't be a build
     * @throws io.slipway.db.base.NewerBuildException if there is a build already, with the same key, of what was told later, or, if bases have moved, a newer one
     */
    void submit(
            ClaimedDelivery claim,
            int position,
            String project,
            TriggerSettings trigger,
            HostEvent event,
            @Nullable MovedBases moved)
            throws IOException {
        ObjectNode options = trigger.build()
                .fill(
                        event,
                        trigger.repository().fullName(),
                        project,
                        claim.delivery().triggerId());
        if (moved != null) {
            options.put("pull", true);
        }
        BuildCause cause = new BuildCause(
                claim.delivery().triggerId(),
                claim.delivery().id(),
                event.kind().wireName(),
                event.ref(),
                event.commit(),
                claim.serviceUrl(),
                moved == null ? null : moved.build(),
                moved == null ? null : moved.json());
        ServiceAddress.aside(
                URI.create(claim.serviceUrl()),
                () -> builds.submit(options, commit(trigger, event), (transaction, build) -> {
                    Deliveries.built(transaction, claim, position, build);
                    cause.note(transaction, build);
                    if (moved == null) {
                        PushOrder.requireNewest(transaction, cause, build);
                    } else {
                        BaseRebuilds.queued(
                                transaction, cause, build, claim.delivery().redeliveryOf() == null);
                    }
                    note(transaction, claim, trigger, event, build.value(), null);
                }));
    }

    private static GitSource commit(TriggerSettings trigger, HostEvent event) {
        GitSource commit = trigger.repository().at(event.commit());
        return event.isOfFork() ? commit.ofStranger() : commit;
    }

    /** Notes what is to be said of an event's commit to its host, if the trigger says so. */
    static void note(
            Transaction transaction,
            ClaimedDelivery claim,
            TriggerSettings trigger,
            HostEvent event,
            @Nullable String build,
            @Nullable ProblemException problem) {
        StatusSettings status = trigger.status();
        if (status != null && event.hasWholeCommit()) {
            CommitStatuses.note(
                    transaction,
                    claim.delivery().triggerId(),
                    event.commit(),
                    status.context(event, trigger.repository().fullName()),
                    build,
                    problem == null ? null : why(problem, trigger),
                    event.ref(),
                    claim.serviceUrl());
        }
    }

    private static CommitProblem why(ProblemException problem, TriggerSettings trigger) {
        String text = String.valueOf(problem.getMessage());
        return problem.fields().get("dockerfile") instanceof String dockerfile
                        && problem.fields().get("line") instanceof Integer line
                        && !trigger.build().hasDockerfile()
                ? new CommitProblem(text, dockerfile, line)
                : new CommitProblem(text, null, null);
    }

    /**
     * Where a branch or tag is now.
     *
     * @return the whole id of the commit, or null if it is gone
     * @throws ProblemException if the repository can't be asked
     */
    @Nullable
    String commitNow(String project, TriggerSettings trigger, String ref) throws IOException {
        try {
            return builds.commitOf(trigger.repository().at(ref), project);
        } catch (ProblemException e) {
            if (ErrorCode.GIT_REF_NOT_FOUND.wireName().equals(e.fields().get("code"))) {
                return null;
            }
            throw e;
        }
    }

    /**
     * The event with what has changed, as the repository has it, where the host has not told it; as it is if that can't be known.
     *
     * @param attempts how often the delivery was begun
     * @throws ProblemException if the repository can't be asked, for the first few times
     */
    HostEvent withPaths(String project, TriggerSettings trigger, HostEvent event, int attempts) throws IOException {
        String base = event.base();
        if (base == null) {
            return event;
        }
        try {
            return event.changing(builds.changes(commit(trigger, event), base, project));
        } catch (ProblemException e) {
            if (isPassing(e, attempts) && attempts < ATTEMPTS_FOR_PATHS) {
                throw e;
            }
            return event; // the commit before is gone, or can't be had by its id
        }
    }

    /**
     * The event at its whole commit id, which not every host tells: then the ref is asked, and only believed if it still is where the host says.
     *
     * @return null if the ref has moved on
     * @throws ProblemException if the repository can't be asked
     */
    @Nullable
    HostEvent whole(String project, TriggerSettings trigger, HostEvent event) throws IOException {
        if (event.hasWholeCommit()) {
            return event;
        }
        String commit = builds.commitOf(trigger.repository().at(event.ref()), project);
        return commit.startsWith(event.commit()) ? event.at(commit) : null;
    }
}
