package io.slipway.db.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.Transaction;
import io.slipway.db.access.ProjectChange;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.access.Projects;
import io.slipway.db.access.QueueFullException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Projects take turns, and keep to their limits, whoever asks at the same time. */
final class FairQueueTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final byte[] TOKEN_HASH = new byte[32];

    /** How many more pages a deeper index, and entries in it that are not yet cleaned up, may cost. */
    private static final long MORE_PAGES = 200;

    private final Database database = TestDatabase.create();
    private final BuildQueue queue = new BuildQueue(database);
    private final Builds builds = new Builds(database);
    private final Projects projects = new Projects(database);
    private int fills;
    /** Whose builds are filled in: null, of a version before there were homes. */
    private @Nullable String filledHome;

    @Test
    void aBuildIsClaimedByTheServiceThatHasItsFilesOnly() {
        create("shared");
        BuildQueue here = new BuildQueue(database, ProjectLimits.NONE, "hom_here");
        BuildQueue there = new BuildQueue(database, ProjectLimits.NONE, "hom_there");
        BuildId first = here.submit(draft("shared", 0)).id();
        BuildId second = there.submit(draft("shared", 0)).id();
        BuildId old = submit("shared", 0, 1).getFirst();

        assertThat(there.claim("w", null, TOKEN_HASH, LEASE)
                        .orElseThrow()
                        .build()
                        .id())
                .isEqualTo(second);
        assertThat(there.claim("w", null, TOKEN_HASH, LEASE)
                        .orElseThrow()
                        .build()
                        .id())
                .as("one of no home")
                .isEqualTo(old);
        assertThat(there.claim("w", null, TOKEN_HASH, LEASE)).isEmpty();
        assertThat(here.claim("w", null, TOKEN_HASH, LEASE)
                        .orElseThrow()
                        .build()
                        .id())
                .isEqualTo(first);
    }

    @Test
    void aProjectWithManyBuildsDelaysTheNextOfAnotherByOneAtMost() {
        submit("big", 0, 1);
        fill("big", "queued", 999);
        assertThat(claimed(3)).containsOnly("big");
        submit("small", 0, 2);
        assertThat(claimed(5)).containsExactly("small", "big", "small", "big", "big");
        submit("late", 0, 1);
        assertThat(claimed(2)).containsExactly("late", "big");
    }

    @Test
    void prioritiesOrderTheBuildsOfOneProjectOnly() {
        submit("a", -100, 2);
        BuildId urgent = submit("a", 100, 1).getFirst();
        submit("b", 50, 2);
        assertThat(claim()).hasValueSatisfying(build -> assertThat(build.id()).isEqualTo(urgent));
        assertThat(claimed(4)).containsExactly("b", "a", "b", "a");
        assertThat(claim()).isEmpty();
    }

    @Test
    void aWorkerThatGoesOnWithItsProjectWaitsForItsTurnToo() {
        submit("a", 0, 3);
        claim();
        submit("b", 0, 1);
        assertThat(queue.claim("w", "a", TOKEN_HASH, LEASE)).isEmpty();
        assertThat(claimed(1)).containsExactly("b");
        assertThat(queue.claim("w", "a", TOKEN_HASH, LEASE)).isPresent();
        assertThat(queue.claim("w", "b", TOKEN_HASH, LEASE)).isEmpty();
    }

    @Test
    void noMoreBuildsOfAProjectRunThanMayAndTheOthersGoOn() {
        create("a");
        projects.change("a", limit(ProjectLimit.CONCURRENT_BUILDS, 2));
        List<BuildId> ids = submit("a", 0, 4);
        assertThat(claimed(2)).containsOnly("a");
        assertThat(claim()).isEmpty();
        submit("b", 0, 3);
        assertThat(claimed(3)).containsOnly("b");

        queue.cancel(ids.getFirst());
        queue.cancelOverdue(queue.now(), Duration.ofSeconds(-1));
        assertThat(claimed(1)).containsExactly("a");
        assertThat(claim()).isEmpty();

        projects.change(
                "a", new ProjectChange(false, null, Map.of(ProjectLimit.CONCURRENT_BUILDS, OptionalLong.empty())));
        assertThat(claimed(1)).containsExactly("a");
    }

    @Test
    void theConfiguredLimitHoldsForProjectsThatHaveNone() {
        create("free");
        projects.change("free", limit(ProjectLimit.CONCURRENT_BUILDS, 3));
        submit("bound", 0, 3);
        submit("free", 0, 4);
        BuildQueue limited =
                new BuildQueue(database, new ProjectLimits(Map.of(ProjectLimit.CONCURRENT_BUILDS, 1L)), null);
        List<String> claimed = Stream.generate(() -> limited.claim("w", null, TOKEN_HASH, LEASE))
                .takeWhile(Optional::isPresent)
                .map(claim -> claim.orElseThrow().build().project())
                .toList();
        assertThat(claimed).containsExactlyInAnyOrder("bound", "free", "free", "free");
    }

    @Test
    void concurrentClaimsKeepToTheLimitAndHandOutEachBuildOnce() throws Exception {
        create("a");
        projects.change("a", limit(ProjectLimit.CONCURRENT_BUILDS, 5));
        submit("a", 0, 20);
        submit("b", 0, 20);
        ConcurrentLinkedQueue<Build> claimed = new ConcurrentLinkedQueue<>();
        inParallel(8, () -> {
            for (Optional<Build> build = claim(); build.isPresent(); build = claim()) {
                claimed.add(build.get());
            }
        });
        assertThat(claimed).extracting(Build::id).doesNotHaveDuplicates();
        assertThat(claimed).filteredOn(build -> build.project().equals("a")).hasSize(5);
        assertThat(claimed).filteredOn(build -> build.project().equals("b")).hasSize(20);
    }

    @Test
    void aProjectIsNotTakenForEmptyWhileABuildIsBeingAdded() throws Exception {
        BuildId last = submit("a", 0, 1).getFirst();
        CountDownLatch added = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> submitter = threads.submit(() -> database.run(transaction -> {
                insert(transaction, "a", "queued", 1);
                ProjectQueues.join(transaction, "a");
                added.countDown();
                await(taken);
            }));
            await(added);
            assertThat(claim())
                    .hasValueSatisfying(build -> assertThat(build.id()).isEqualTo(last));
            taken.countDown();
            submitter.get();
        }
        assertThat(claim()).isPresent();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The queues run empty all the time, which is when a build could be overlooked. */
    @Test
    void noBuildIsOverlookedThatComesWhileTheLastOneIsTaken() throws Exception {
        Set<BuildId> submitted = ConcurrentHashMap.newKeySet();
        Set<BuildId> claimed = ConcurrentHashMap.newKeySet();
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> claimers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                claimers.add(threads.submit(() -> {
                    while (!done.get()) {
                        claim().ifPresent(build -> claimed.add(build.id()));
                    }
                }));
            }
            List<Future<?>> submitters = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String project = "p" + i % 2;
                submitters.add(threads.submit(() -> {
                    for (int n = 0; n < 25; n++) {
                        BuildId id = submit(project, 0, 1).getFirst();
                        submitted.add(id);
                        if (n % 5 == 0) {
                            queue.cancel(id);
                        }
                    }
                }));
            }
            for (Future<?> submitter : submitters) {
                submitter.get();
            }
            done.set(true);
            for (Future<?> claimer : claimers) {
                claimer.get();
            }
        }
        for (Optional<Build> build = claim(); build.isPresent(); build = claim()) {
            claimed.add(build.get().id());
        }
        assertThat(builds.depth().queued()).isZero();
        Set<BuildId> started = new HashSet<>(submitted);
        started.removeIf(id -> builds.find(id).orElseThrow().attempt() == 0);
        assertThat(claimed).isEqualTo(started);
        assertThat(started).hasSizeGreaterThanOrEqualTo(80);
        assertThat(builds.isAnyWaiting("hom_0")).isFalse();
    }

    @Test
    void buildsThatAnOlderVersionHasQueuedAreFound() {
        List<BuildId> ids = submit("a", 0, 2);
        submit("b", 0, 1);
        database.run(transaction -> transaction.update("delete from project_queues where project = 'a'"));
        assertThat(claimed(1)).containsExactly("b");
        assertThat(claim()).isEmpty();
        queue.findUnnoticed();
        assertThat(claim()).hasValueSatisfying(build -> assertThat(build.id()).isEqualTo(ids.getFirst()));
    }

    @Test
    void aProjectHasNoMoreBuildsInTheQueueThanMay() throws Exception {
        create("a");
        projects.change("a", limit(ProjectLimit.QUEUED_BUILDS, 6));
        submit("a", 0, 4);
        queue.requireRoom("a", 6);
        ConcurrentLinkedQueue<RuntimeException> refused = new ConcurrentLinkedQueue<>();
        inParallel(8, () -> {
            try {
                submit("a", 0, 1);
            } catch (QueueFullException e) {
                refused.add(e);
            }
        });
        assertThat(refused).hasSize(6);
        assertThat(builds.depth().queued()).isEqualTo(6);
        assertThatThrownBy(() -> queue.requireRoom("a", 6))
                .isInstanceOfSatisfying(
                        QueueFullException.class,
                        full -> assertThat(full.most()).isEqualTo(6));
        assertThat(claimed(1)).containsExactly("a");
        submit("a", 0, 1);
    }

    @Test
    void aQueuedBuildKnowsItsPlace() {
        submit("a", 0, 3);
        BuildId last = submit("a", 0, 1).getFirst();
        BuildId urgent = submit("a", 1, 1).getFirst();
        submit("b", 0, 2);
        submit("c", 0, 9);
        assertThat(place(urgent)).extracting(QueuePlace::ahead).isEqualTo(0L);
        // Four of its own; of the others two and four, all before it since their turns come as often.
        assertThat(place(last)).extracting(QueuePlace::ahead).isEqualTo(4L + 2 + 4);

        List<BuildId> order = new ArrayList<>();
        for (Optional<Build> build = claim(); build.isPresent(); build = claim()) {
            order.add(build.get().id());
        }
        assertThat(order.indexOf(last)).isEqualTo(10);
        assertThat(queue.place(last)).isEmpty();
    }

    @Test
    void theExpectedStartComesFromWhatHasEndedOfLateAndFromWhatRuns() {
        List<BuildId> ids = submit("a", 0, 6);
        assertThat(place(ids.getLast()).expectedStartAt()).isNull();
        claimed(2);
        assertThat(place(ids.getLast()).expectedStartAt()).isNull();
        queue.cancel(ids.getFirst());
        queue.cancelOverdue(queue.now(), Duration.ofSeconds(-1));
        database.run(transaction -> transaction.update(
                "update builds set started_at = finished_at - interval '100 seconds' where finished_at is not null"));
        claimed(1);
        Instant now = Instant.now();
        // Two run, and two are ahead: the third place in a row of two that takes 100 seconds each.
        assertThat(Duration.between(
                        now, Objects.requireNonNull(place(ids.getLast()).expectedStartAt())))
                .isBetween(Duration.ofSeconds(140), Duration.ofSeconds(160));

        projects.change("a", limit(ProjectLimit.CONCURRENT_BUILDS, 1));
        assertThat(place(ids.getLast()).concurrentBuilds()).isEqualTo(1L);
    }

    @Test
    void whatAClaimReadsGrowsNeitherWithTheQueueNorWithItsProjectsNorWithTheHistory() {
        submit("p0", 0, 4);
        submit("p1", 0, 2);
        claimed(2);
        long few = pagesOfAClaim("p0");

        database.run(transaction ->
                transaction.update("insert into projects (name) select 'p' || n from generate_series(2, 999) n"));
        fill("p0", "running", 200);
        fill("p0", "succeeded", 20_000);
        fill("p0", "queued", 50_000);
        fill("p' || n % 1000 || '", "queued", 50_000);
        queue.findUnnoticed();
        assertThat(pagesOfAClaim("p0")).isLessThan(few + MORE_PAGES + 200);
        assertThat(claimed(100)).doesNotHaveDuplicates();
        assertThat(pagesOfAClaim("p7")).isLessThan(few + MORE_PAGES);

        BuildId middle = new BuildId("bld_3" + "0".repeat(20) + "40007");
        assertThat(place(middle)).extracting(QueuePlace::ahead).isEqualTo(QueuePlace.MOST_COUNTED);
        assertThat(pagesOfAPlace(middle)).isLessThan(20 * QueuePlace.MOST_COUNTED);
    }

    @Test
    void whatAClaimReadsDoesNotGrowWithWhatAnotherServiceHasToBuild() {
        submit("p0", 0, 4);
        submit("p1", 0, 2);
        database.run(transaction -> transaction.update("update builds set home = 'hom_own'"));
        long few = pagesOfAClaim("p1", "hom_own");

        filledHome = "hom_other";
        fill("p0", "queued", 50_000);
        fill("p1", "queued", 50_000);
        queue.findUnnoticed();
        assertThat(pagesOfAClaim("p1", "hom_own")).isLessThan(few + MORE_PAGES);
        BuildQueue own = new BuildQueue(database, ProjectLimits.NONE, "hom_own");
        // Two of the six were claimed when pages were counted.
        for (int i = 0; i < 4; i++) {
            assertThat(own.claim("w" + i, null, TOKEN_HASH, Duration.ofMinutes(1)))
                    .isPresent();
        }
        assertThat(own.claim("w", null, TOKEN_HASH, Duration.ofMinutes(1))).isEmpty();
        database.run(transaction -> transaction.update(
                "insert into homes (id, seen_at, reporting) values ('hom_other', '2026-01-01', true)"));
        assertThat(pages(Homes.ABSENT, "hom_own", 100)).isLessThan(MORE_PAGES);
        assertThat(pages(Homes.NOTE_UNKNOWN)).isLessThan(MORE_PAGES);
        assertThat(pages(Homes.SIGNS, "hom_own", "hom_own", 1000L, "hom_own", "hom_own"))
                .isLessThan(MORE_PAGES);
        assertThat(new Homes(database).waiting()).isEqualTo(100_000);
        // Nothing that it may claim is left, of projects that wait.
        assertThat(pages(ProjectQueues.NEXT.formatted("for no key update skip locked"), List.of(), "hom_own", 1000L))
                .isLessThan(few + MORE_PAGES);
    }

    /** Builds as they stand in the table, whoever may have put them there. */
    private void fill(String project, String state, int count) {
        database.run(transaction -> {
            insert(transaction, project, state, count);
            transaction.update("analyze builds");
            transaction.update("analyze project_queues");
        });
    }

    private void insert(Transaction transaction, String project, String state, int count) {
        transaction.update("set local session_replication_role = replica"); // foreign keys are not checked one by one
        transaction.update("""
                insert into builds (id, project, state, options, timeout_millis, dockerfile_name, dockerfile, context_path,
                                    context_bytes, context_sha256, lease_until, started_at, finished_at, worker, fencing_token, home)
                select 'bld_%3$d' || lpad(n::text, 25, '0'), '%1$s', '%2$s', '{}', 60000, 'Dockerfile', 'FROM scratch', '/none', 1, 'ab',
                       case when '%2$s' = 'running' then clock_timestamp() + interval '1 hour' end,
                       case when '%2$s' <> 'queued' then clock_timestamp() end,
                       case when '%2$s' = 'succeeded' then clock_timestamp() end, 'w' || n, n, ?
                from generate_series(1, ?::integer) n
                """.formatted(project, state, fills++), filledHome, count);
    }

    /** How many pages the two statements of a claim look at; those of nested parts of the plan count several times. */
    private long pagesOfAClaim(String project) {
        return pagesOfAClaim(project, "");
    }

    private long pagesOfAClaim(String project, String home) {
        String next = ProjectQueues.NEXT.formatted("for no key update skip locked");
        return pages(next, List.of(), home, 1000L)
                + pages(ProjectQueues.CLAIM, project, home, project, project, 1000L, "w", TOKEN_HASH, 1000L, true);
    }

    private long pagesOfAPlace(BuildId id) {
        long most = QueuePlace.MOST_COUNTED;
        return pages(QueuePlaces.OWN, null, most, most, id.value())
                + pages(QueuePlaces.OTHERS, "p7", most, "", 50L, 1L, "p7", most);
    }

    private long pages(String sql, @Nullable Object... parameters) {
        return database.inTransaction(transaction -> pages(transaction.list(
                "explain (analyze, buffers, timing off) " + sql, row -> row.text("QUERY PLAN"), parameters)));
    }

    private static long pages(List<String> plan) {
        assertThat(plan).noneMatch(line -> line.contains("Seq Scan on builds"));
        return plan.stream()
                .takeWhile(line -> !line.startsWith("Planning:"))
                .filter(line -> line.contains("Buffers: "))
                .flatMap(line -> Stream.of(line.split("[ ,]+")))
                .filter(word -> word.startsWith("hit=") || word.startsWith("read="))
                .mapToLong(word -> Long.parseLong(word.substring(word.indexOf('=') + 1)))
                .sum();
    }

    private QueuePlace place(BuildId id) {
        return queue.place(id).orElseThrow();
    }

    private static void inParallel(int threads, Runnable work) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Object>> futures = executor.invokeAll(
                    IntStream.range(0, threads)
                            .mapToObj(i -> Executors.callable(work))
                            .toList(),
                    LIMIT.toSeconds(),
                    TimeUnit.SECONDS);
            for (Future<Object> future : futures) {
                future.get();
            }
        }
    }

    private static ProjectChange limit(ProjectLimit limit, long value) {
        return new ProjectChange(false, null, Map.of(limit, OptionalLong.of(value)));
    }

    private Optional<Build> claim() {
        return queue.claim("worker", null, TOKEN_HASH, LEASE).map(ClaimedBuild::build);
    }

    /** The projects of the next builds that are claimed. */
    private List<String> claimed(int count) {
        return Stream.generate(() -> claim().orElseThrow().project())
                .limit(count)
                .toList();
    }

    private void create(String project) {
        projects.create(project, null, "tok_0");
    }

    private List<BuildId> submit(String project, int priority, int count) {
        create(project);
        return Stream.generate(() -> queue.submit(draft(project, priority)).id())
                .limit(count)
                .toList();
    }

    private static BuildDraft draft(String project, int priority) {
        return new BuildDraft(
                BuildId.create(Instant.now()),
                project,
                "{}",
                null,
                List.of(),
                null,
                priority,
                60_000,
                new DockerfileText("Dockerfile", "FROM scratch\n"),
                new ContextFile("/contexts/1.tar", 10240, "ab".repeat(32)),
                null,
                List.of());
    }
}
