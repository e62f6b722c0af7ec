package io.slipway.db.build;

import io.slipway.db.Channel;
import io.slipway.db.Database;
import io.slipway.db.Transaction;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.access.QueueFullException;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The queue and everything that moves a build from one state to the next. Leases are given and end by the database's
 * clock. Each method is one transaction and notifies after its commit. Thread-safe.
 */
public final class BuildQueue {
    /** How often a build is given to another worker after one was lost. */
    static final int MAX_LOSSES = 1;

    private static final int IDLE_AT_ONCE = 100;

    /** Builds whose service this is. */
    private static final String OWN = "coalesce(home, '') in ('', ?)";

    private final Database database;
    private final ProjectLimits limits;
    private final @Nullable String home;

    /**
     * A queue without limits but those that projects have of their own.
     *
     * @param database migrated
     */
    public BuildQueue(Database database) {
        this(database, ProjectLimits.NONE, null);
    }

    /**
     * @param database migrated
     * @param limits those of projects that have none of their own
     * @param home where the files of builds lie that are submitted here: these, and those of no home, are the ones that are claimed here; or null
     */
    public BuildQueue(Database database, ProjectLimits limits, @Nullable String home) {
        this.database = database;
        this.limits = limits;
        this.home = home;
    }

    /**
     * Queues a build.
     *
     * @return the build as stored
     * @throws NoSuchProjectException when the project does not exist
     * @throws QueueFullException when the project has as many builds in the queue as it may have
     */
    public Build submit(BuildDraft draft) {
        return submit(draft, (transaction, build) -> {});
    }

    /** Like {@link #submit(BuildDraft)}; {@code also} runs in the same transaction, with the build as stored. */
    public Build submit(BuildDraft draft, BiConsumer<Transaction, Build> also) {
        List<LockedBuild> superseded = new ArrayList<>();
        Build build = database.inTransaction(transaction -> {
            lockKey(transaction, draft);
            Build stored = transaction
                    .first(
                            """
                            insert into builds
                                (id, project, state, priority, options, sealed, confidential, tags, supersedes, timeout_millis,
                                 dockerfile_name, dockerfile, context_path, context_bytes, context_sha256, context_content, retry_of, trace_parent, home)
                            select ?, name, 'queued', ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                            from (select name from projects where name = ? and deleted_at is null for key share) project
                            returning *
                            """,
                            Build::from,
                            draft.id().value(),
                            draft.priority(),
                            draft.options(),
                            draft.sealed(),
                            draft.sealed() != null,
                            draft.tags(),
                            draft.supersedes(),
                            draft.timeoutMillis(),
                            draft.dockerfile().name(),
                            draft.dockerfile().text(),
                            draft.context().name(),
                            draft.context().bytes(),
                            draft.context().sha256(),
                            draft.context().content(),
                            draft.retryOf() == null ? null : draft.retryOf().value(),
                            draft.traceParent(),
                            home,
                            draft.project())
                    .orElseThrow(() -> new NoSuchProjectException(draft.project()));
            noteSubmission(transaction, draft);
            recordWarnings(transaction, draft);
            if (draft.retryOf() != null) {
                BuildCause.copy(transaction, draft.retryOf(), draft.id());
            }
            also.accept(transaction, stored);
            superseded.addAll(supersede(transaction, draft));
            QueueRoom.require(transaction, draft.project(), limits);
            ProjectQueues.join(transaction, draft.project());
            return stored;
        });
        database.notify(Channel.BUILD_QUEUED, draft.id().value());
        superseded.forEach(old -> database.notify(Channel.BUILD_EVENTS, old.id().value()));
        return build;
    }

    private static void noteSubmission(Transaction transaction, BuildDraft draft) {
        BuildId retried = draft.retryOf();
        String build = draft.id().value();
        if (retried == null) {
            AuditLog.note(transaction, AuditAction.BUILD_SUBMITTED, draft.project(), build);
        } else {
            AuditLog.note(
                    transaction, AuditAction.BUILD_RETRIED, draft.project(), retried.value(), Map.of("build", build));
        }
    }

    /** Of two builds with the same key that come at the same time the second must see the first. */
    private static void lockKey(Transaction transaction, BuildDraft draft) {
        if (draft.supersedes() != null) {
            transaction.first(
                    "select pg_advisory_xact_lock(hashtextextended('superseded in ' || ? || ': ' || ?, 0))",
                    _ -> true,
                    draft.project(),
                    draft.supersedes());
        }
    }

    /** Cancels what the build takes the place of: at once what is queued; workers are told with their next report. */
    private static List<LockedBuild> supersede(Transaction transaction, BuildDraft draft) {
        if (draft.supersedes() == null) {
            return List.of();
        }
        List<LockedBuild> older = LockedBuild.supersede(transaction, draft.id(), draft.project(), draft.supersedes());
        older.forEach(build -> AuditLog.note(
                transaction,
                AuditAction.BUILD_CANCELLED,
                draft.project(),
                build.id().value(),
                Map.of("supersededBy", draft.id().value())));
        older.stream()
                .filter(build -> build.state() == BuildState.QUEUED)
                .forEach(build -> finish(transaction, build, BuildState.CANCELLED, build.cancellation()));
        return older;
    }

    /**
     * Asks whether a build may be submitted, before anything is done for it.
     *
     * @param most how many builds of the project may wait
     * @throws QueueFullException when the project has as many builds in the queue
     */
    public void requireRoom(String project, long most) {
        long queued = database.first(QueueRoom.QUEUED, row -> row.number("queued"), QueueRoom.parameters(project, most))
                .orElse(0L);
        if (queued >= most) {
            throw new QueueFullException(project, most);
        }
    }

    /** Where a build stands in the queue; empty if it is not queued (any more). */
    public Optional<QueuePlace> place(BuildId id) {
        return database.inTransaction(
                transaction -> QueuePlaces.of(transaction, id, limits.orNull(ProjectLimit.CONCURRENT_BUILDS)));
    }

    private static void recordWarnings(Transaction transaction, BuildDraft draft) {
        if (draft.warnings().isEmpty()) {
            return;
        }
        BuildRows.insertWarnings(transaction, draft.id(), 0, draft.warnings());
        LogWriter log = new LogWriter(transaction, draft.id(), 0);
        draft.warnings().forEach(warning -> log.warning(BuildRows.now(transaction), warning.line(), warning.message()));
        BuildRows.storeLastEntry(transaction, draft.id(), log.flush());
    }

    /**
     * Ends builds that wait for a home whose service was not seen for {@code limit}: {@code home_lost}. Several services may do so at the same time; if
     * that service is back meanwhile, none is ended any more.
     *
     * @param most at most so many
     * @return which; if they are fewer than {@code most}, there are no more but those that somebody else works on
     */
    public List<BuildId> endLost(String home, Duration limit, int most) {
        List<BuildId> ended = database.inTransaction(transaction -> {
            Optional<Instant> seenAt = Homes.lockLost(transaction, home, limit);
            if (seenAt.isEmpty()) {
                return List.of();
            }
            Failure failure = Failure.homeLost(seenAt.get());
            List<LockedBuild> lost = LockedBuild.lockQueued(transaction, home, most);
            lost.forEach(build -> finish(transaction, build, BuildState.FAILED, failure));
            return lost.stream().map(LockedBuild::id).toList();
        });
        ended.forEach(build -> database.notify(Channel.BUILD_EVENTS, build.value()));
        return ended;
    }

    /**
     * Hands a build to a worker: of the project that was served longest ago, of those that have builds to claim and may run one more, the first
     * by priority, then by age. No two claims get the same build.
     *
     * @param worker the worker's id
     * @param project whose build it may be only, of a worker that has just done one of it, or null for any: if it is another project's turn, or
     *     the next build has a cache scope, and is for a worker of its own, nothing is claimed
     * @param attemptTokenHash SHA-256 of the bearer token that this attempt will report with
     * @param lease how long the worker may be silent
     * @return the build, or empty when none is waiting
     */
    public Optional<ClaimedBuild> claim(
            String worker, @Nullable String project, byte[] attemptTokenHash, Duration lease) {
        Long most = limits.orNull(ProjectLimit.CONCURRENT_BUILDS);
        Set<String> passed = new HashSet<>();
        while (true) {
            Attempted attempted = database.inTransaction(transaction -> {
                Optional<String> turn = project == null
                        ? ProjectQueues.next(transaction, passed, home, most)
                        : Optional.of(project).filter(own -> ProjectQueues.isNext(transaction, own, home, most));
                if (turn.isEmpty()) {
                    return new Attempted(null, null);
                }
                Optional<ClaimedBuild> claimed = ProjectQueues.claim(
                        transaction,
                        turn.get(),
                        most,
                        home,
                        worker,
                        attemptTokenHash,
                        lease.toMillis(),
                        project == null);
                // That the project waits no more is noted later: whoever waits for the build would wait for that, too.
                return new Attempted(turn.get(), claimed.orElse(null));
            });
            ClaimedBuild claimed = attempted.build();
            if (claimed != null) {
                database.notify(Channel.BUILD_EVENTS, claimed.build().id().value());
                return Optional.of(claimed);
            }
            if (attempted.project() == null || project != null) {
                return Optional.empty();
            }
            // Its builds were cancelled, or another claim was quicker.
            passed.add(attempted.project());
        }
    }

    /** Whose turn it was, if anybody's, and the build that was claimed, if any. */
    private record Attempted(
            @Nullable String project, @Nullable ClaimedBuild build) {}

    /** Looks for builds to claim that are not known to be there: those of an older version of the service that runs beside this one. */
    public void findUnnoticed() {
        database.run(ProjectQueues::find);
        for (String idle : database.inTransaction(transaction -> ProjectQueues.idle(transaction, IDLE_AT_ONCE))) {
            var _ = database.inTransaction(transaction -> ProjectQueues.leave(transaction, idle));
        }
    }

    /**
     * Ends a build that was just claimed, because what its worker needs can't be had.
     *
     * @param fencingToken the claim's
     * @return false when the claim is not the newest any more, or the build does not run
     */
    public boolean failClaimed(BuildId id, long fencingToken, Failure failure) {
        List<EndedAttempt> ended = end(
                "id = ? and fencing_token = ?",
                (transaction, build) -> finish(transaction, build, BuildState.FAILED, failure),
                id.value(),
                fencingToken);
        return !ended.isEmpty();
    }

    /** Whether {@code tokenHash} (SHA-256) is that of the build's newest attempt, finished or not. */
    public boolean isAttemptToken(BuildId id, byte[] tokenHash) {
        return database.inTransaction(transaction -> transaction
                .first(
                        "select true as known from builds where id = ? and attempt_token_hash = ?",
                        row -> row.flag("known"),
                        id.value(),
                        tokenHash)
                .isPresent());
    }

    /**
     * Stores what a worker reports and renews its lease, in one transaction. Events that are stored already are skipped, so
     * a report can be sent again.
     *
     * @param fencingToken the worker's; any but the newest is refused
     * @param firstSequence number of the first of {@code events}
     * @param events consecutively numbered; may be empty
     * @param lease how long the worker may be silent from now
     * @param apply writes events, in their order
     */
    public <E> Recorded record(
            BuildId id,
            long fencingToken,
            long firstSequence,
            List<E> events,
            Duration lease,
            BiConsumer<AttemptWriter, List<E>> apply) {
        Recorded recorded = database.inTransaction(transaction -> {
            LockedBuild build = LockedBuild.lock(transaction, id).orElse(null);
            Long current = build == null ? null : build.fencingToken();
            if (build == null || current == null || current != fencingToken) {
                return new Recorded.LeaseLost();
            }
            long known = build.lastSequence();
            long last = firstSequence + events.size() - 1;
            if (build.state().isFinished() && last <= known) {
                return new Recorded.Stored(known, build.cancelRequested(), false);
            }
            if (build.state() != BuildState.RUNNING) {
                return new Recorded.LeaseLost();
            }
            if (firstSequence > known + 1) {
                return new Recorded.Gap(known);
            }
            List<E> fresh =
                    last <= known ? List.of() : events.subList((int) (known + 1 - firstSequence), events.size());
            return store(transaction, build, fresh, Math.max(known, last), lease, apply);
        });
        if (!events.isEmpty() && recorded instanceof Recorded.Stored) {
            database.notify(Channel.BUILD_EVENTS, id.value());
        }
        if (recorded instanceof Recorded.Stored stored && stored.ended()) {
            wakeForProjectOf(id);
        }
        return recorded;
    }

    /** A build of the project has ended, so that another one may run if the project was at its limit. */
    private void wakeForProjectOf(BuildId id) {
        // Indexes: primary keys.
        boolean waiting = database.inTransaction(transaction -> {
            Optional<String> project = transaction.first("""
                    select project from project_queues
                    where waiting and project = (select project from builds where id = ?)
                    """, row -> row.text("project"), id.value());
            return project.isPresent() && ProjectQueues.leave(transaction, project.get());
        });
        if (waiting) {
            database.notify(Channel.BUILD_QUEUED, id.value());
        }
    }

    private static <E> Recorded store(
            Transaction transaction,
            LockedBuild build,
            List<E> events,
            long lastSequence,
            Duration lease,
            BiConsumer<AttemptWriter, List<E>> apply) {
        LogWriter log = new LogWriter(transaction, build.id(), build.lastEntry());
        AttemptWriter writer = new AttemptWriter(transaction, build, log);
        apply.accept(writer, events);
        writer.flush();
        long lastEntry = log.flush();
        // Touches no indexed column: a heap-only update. A finished build keeps its lease column null.
        transaction.update(
                """
                update builds
                set last_sequence = ?, last_entry = ?,
                    lease_until = case when state = 'running' then clock_timestamp() + ? * interval '1 millisecond' end
                where id = ?
                """, lastSequence, lastEntry, lease.toMillis(), build.id().value());
        return new Recorded.Stored(lastSequence, build.cancelRequested(), writer.isFinished());
    }

    /** Cancels a build: at once when it is queued; when it runs, its worker is told with its next report. */
    public CancelOutcome cancel(BuildId id) {
        CancelOutcome outcome = database.inTransaction(transaction -> {
            Optional<LockedBuild> locked = LockedBuild.lock(transaction, id);
            if (locked.isEmpty()) {
                return new CancelOutcome.Unknown();
            }
            LockedBuild build = locked.get();
            if (!build.state().isFinished() && !build.cancelRequested()) {
                AuditLog.note(transaction, AuditAction.BUILD_CANCELLED, build.project(), id.value());
            }
            return switch (build.state()) {
                case QUEUED -> {
                    finish(transaction, build, BuildState.CANCELLED, build.cancellation());
                    yield new CancelOutcome.Cancelled();
                }
                case RUNNING -> {
                    transaction.update("""
                            update builds set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
                            where id = ?
                            """, id.value());
                    yield new CancelOutcome.Requested();
                }
                case CANCELLED -> new CancelOutcome.Cancelled();
                case SUCCEEDED, FAILED -> new CancelOutcome.Finished(build.state());
            };
        });
        database.notify(Channel.BUILD_EVENTS, id.value());
        return outcome;
    }

    /**
     * Ends the attempts of workers that were silent for longer than their lease: retried once, then {@code worker_lost}.
     *
     * @param now the database's time, as {@link #now} gave it: if its clock has leapt since then, the earlier of both counts
     */
    public List<EndedAttempt> expireLeases(Instant now) {
        // Index: builds_running, a few rows.
        return end("lease_until < least(?::timestamptz, clock_timestamp())", BuildQueue::lose, now);
    }

    /** Ends the attempt of a worker that is known to be dead: retried once, then {@code worker_lost}. */
    public List<EndedAttempt> workerDied(String worker) {
        return endOf(worker, BuildQueue::lose);
    }

    /** Queues what a worker was building again, in its old place and without counting the attempt as lost. */
    public List<EndedAttempt> handBack(String worker) {
        return endOf(
                worker,
                (transaction, build) -> build.cancelRequested()
                        ? finish(transaction, build, BuildState.CANCELLED, build.cancellation())
                        : requeue(transaction, build, 0, "The service is stopping; the build goes back to the queue."));
    }

    /**
     * Ends builds of this home whose cancellation was asked for longer than {@code grace} ago and that still run.
     *
     * @param now as for {@link #expireLeases}
     */
    public List<EndedAttempt> cancelOverdue(Instant now, Duration grace) {
        return end(
                OWN
                        + " and cancel_requested_at < least(?::timestamptz, clock_timestamp()) - ? * interval '1 millisecond'",
                (transaction, build) -> finish(transaction, build, BuildState.CANCELLED, build.cancellation()),
                home,
                now,
                grace.toMillis());
    }

    /**
     * Ends builds of this home whose attempt runs for longer than their time limit and {@code grace} (the worker should have).
     *
     * @param now as for {@link #expireLeases}
     */
    public List<EndedAttempt> timeOutOverdue(Instant now, Duration grace) {
        return end(
                OWN
                        + " and attempt_started_at"
                        + " < least(?::timestamptz, clock_timestamp()) - (timeout_millis + ?) * interval '1 millisecond'",
                (transaction, build) -> finish(
                        transaction,
                        build,
                        BuildState.FAILED,
                        new Failure(
                                "build_timeout",
                                "The build took longer than its time limit.",
                                null,
                                null,
                                null,
                                "Raise the build's `timeout`, or make its steps faster.")),
                home,
                now,
                grace.toMillis());
    }

    /**
     * Gives every running build at least {@code lease} from now: after a time in which workers could not report, such as a
     * restart of the service, their silence means nothing.
     */
    public void forgiveSilence(Duration lease) {
        database.run(transaction -> transaction.update("""
                update builds
                set lease_until = greatest(lease_until, clock_timestamp() + ? * interval '1 millisecond')
                where state = 'running'
                """, lease.toMillis()));
    }

    /** The time by the database's clock. */
    public Instant now() {
        return database.first("select clock_timestamp() as now", row -> row.time("now"))
                .orElseThrow();
    }

    /**
     * Makes up for a leap of the database's clock, as if it had not been: of all running builds the leases begin anew, since every service does that, and those of this
     * home have as much time as before, and as much to heed a cancellation.
     *
     * @param by how far it has leapt; negative: back
     * @param since a time by the clock as it is now, before which it leapt at the latest: what has begun since then has the right time
     */
    public void clockLeapt(Duration by, Instant since, Duration lease) {
        database.run(transaction -> {
            transaction.update(
                    "update builds set lease_until = clock_timestamp() + ? * interval '1 millisecond' where state = 'running'",
                    lease.toMillis());
            for (String column : List.of("attempt_started_at", "cancel_requested_at")) {
                transaction.update(
                        "update builds set " + column + " = " + column + " + ? * interval '1 millisecond'"
                                + " where state = 'running' and not " + column + " between ? and clock_timestamp() and "
                                + OWN,
                        by.toMillis(),
                        since,
                        home);
            }
        });
    }

    private List<EndedAttempt> endOf(String worker, Ending ending) {
        return end(transaction -> LockedBuild.lockRunningOf(transaction, worker), ending);
    }

    private List<EndedAttempt> end(String condition, Ending ending, @Nullable Object... parameters) {
        return end(transaction -> LockedBuild.lockRunning(transaction, condition, 100, parameters), ending);
    }

    private List<EndedAttempt> end(Function<Transaction, List<LockedBuild>> locked, Ending ending) {
        List<EndedAttempt> ended = database.inTransaction(transaction -> locked.apply(transaction).stream()
                .map(build -> new EndedAttempt(
                        build.id(),
                        Objects.requireNonNull(build.worker(), "a running build has a worker"),
                        ending.end(transaction, build)))
                .toList());
        for (EndedAttempt attempt : ended) {
            wakeForProjectOf(attempt.id());
            database.notify(Channel.BUILD_EVENTS, attempt.id().value());
        }
        return ended;
    }

    private interface Ending {
        BuildState end(Transaction transaction, LockedBuild build);
    }

    private static BuildState lose(Transaction transaction, LockedBuild build) {
        if (build.cancelRequested()) {
            return finish(transaction, build, BuildState.CANCELLED, build.cancellation());
        }
        int losses = build.losses() + 1;
        if (losses > MAX_LOSSES) {
            return finish(transaction, build, BuildState.FAILED, Failure.workerLost(losses));
        }
        return requeue(
                transaction, build, 1, "The worker was lost; the build is queued again and starts from the beginning.");
    }

    private static BuildState requeue(Transaction transaction, LockedBuild build, int lost, String notice) {
        BuildRows.forgetAttempt(transaction, build.id());
        LogWriter log = new LogWriter(transaction, build.id(), build.lastEntry());
        log.notice(BuildRows.now(transaction), notice);
        log.entered(BuildRows.now(transaction), BuildState.QUEUED);
        transaction.update("""
                update builds
                set state = 'queued', losses = losses + ?, lease_until = null, images = '{}', last_entry = ?
                where id = ?
                """, lost, log.flush(), build.id().value());
        ProjectQueues.join(transaction, build.project());
        return BuildState.QUEUED;
    }

    private static BuildState finish(Transaction transaction, LockedBuild build, BuildState state, Failure failure) {
        LogWriter log = new LogWriter(transaction, build.id(), build.lastEntry());
        BuildRows.finish(transaction, log, build.id(), state, failure);
        BuildRows.storeLastEntry(transaction, build.id(), log.flush());
        if (build.state() == BuildState.QUEUED) {
            ProjectQueues.leave(transaction, build.project());
        }
        return state;
    }
}
