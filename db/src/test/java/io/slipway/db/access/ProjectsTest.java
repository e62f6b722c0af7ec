package io.slipway.db.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ProjectsTest {
    private final Database database = TestDatabase.create();
    private final Projects projects = new Projects(database);
    private final Identities identities = new Identities(database);
    private final BuildQueue queue = new BuildQueue(database);
    private final Builds builds = new Builds(database);

    @Test
    void thereIsADefaultProject() {
        assertThat(projects.exists(Projects.DEFAULT)).isTrue();
        assertThat(projects.exists("other")).isFalse();
        assertThat(projects.find(Projects.DEFAULT).orElseThrow().createdBy()).isNull();
    }

    @Test
    void aNameIsGivenOnce() {
        assertThat(projects.create("team", "Team A", "tok_0")).isEqualTo(CreateOutcome.CREATED);
        assertThat(projects.create("team", null, "tok_0")).isEqualTo(CreateOutcome.EXISTS);
        assertThat(projects.find("team").orElseThrow().description()).isEqualTo("Team A");
        assertThat(projects.change("team", described(null)).orElseThrow().description())
                .isNull();
        assertThat(projects.delete("team", "tok_0")).isEqualTo(DeleteOutcome.DELETED);
        assertThat(projects.delete("team", "tok_0")).isEqualTo(DeleteOutcome.UNKNOWN);
        assertThat(projects.create("team", null, "tok_0")).isEqualTo(CreateOutcome.RETIRED);
        assertThat(projects.find("team")).isEmpty();
        assertThat(projects.exists("team")).isFalse();
        assertThat(projects.change("team", described("x"))).isEmpty();
    }

    @Test
    void listsHaveWhatIsSeenByNameInPages() {
        projects.create("b", null, "tok_0");
        projects.create("a", null, "tok_0");
        assertThat(projects.list(Scope.EVERY, "", 10)).extracting(Project::name).containsExactly("a", "b", "default");
        assertThat(projects.list(Scope.EVERY, "a", 1)).extracting(Project::name).containsExactly("b");
        assertThat(projects.list(new Scope(Set.of("b", "c")), "", 10))
                .extracting(Project::name)
                .containsExactly("b");
        assertThat(projects.list(new Scope(Set.of()), "", 10)).isEmpty();
    }

    @Test
    void aProjectWithBuildsToDoStaysAndOneThatWasDeletedGetsNoMore() {
        projects.create("team", null, "tok_0");
        BuildDraft draft = draft("team");
        queue.submit(draft);
        assertThat(projects.delete("team", "tok_0")).isEqualTo(DeleteOutcome.BUSY);
        queue.cancel(draft.id());
        assertThat(projects.delete("team", "tok_0")).isEqualTo(DeleteOutcome.DELETED);
        assertThatThrownBy(() -> queue.submit(draft("team"))).isInstanceOf(NoSuchProjectException.class);
    }

    @Test
    void aBuildThatIsBeingSubmittedKeepsItsProject() throws Exception {
        projects.create("team", null, "tok_0");
        CountDownLatch inserted = new CountDownLatch(1);
        CountDownLatch commit = new CountDownLatch(1);
        try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> submitted = others.submit(() -> queue.submit(draft("team"), (transaction, build) -> {
                inserted.countDown();
                await(commit);
            }));
            inserted.await();
            Future<DeleteOutcome> deleted = others.submit(() -> projects.delete("team", "tok_0"));
            commit.countDown();
            submitted.get();
            assertThat(deleted.get()).isEqualTo(DeleteOutcome.BUSY);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void buildsOfADeletedProjectGoOnceTheirFilesHaveGone() {
        projects.create("team", null, "tok_0");
        BuildDraft first = draft("team");
        BuildDraft second = draft("team");
        queue.submit(first);
        queue.submit(second);
        queue.cancel(first.id());
        queue.cancel(second.id());
        builds.swept(first.id());
        assertThat(projects.purge("team", "hom_0", 10)).as("it was not deleted").isZero();
        projects.delete("team", "tok_0");
        assertThat(projects.unpurged()).containsExactly("team");
        assertThat(projects.purge("team", "hom_0", 10)).isEqualTo(1);
        assertThat(builds.find(first.id())).isEmpty();
        assertThat(builds.find(second.id())).isPresent();
        assertThat(projects.purged("team")).isFalse();
        builds.swept(second.id());
        assertThat(projects.purge("team", "hom_0", 10)).isEqualTo(1);
        assertThat(projects.purged("team")).isTrue();
        assertThat(projects.purged("default")).isFalse();
        assertThat(projects.unpurged()).isEmpty();
    }

    @Test
    void identitiesAreFoundByIssuerAndAudienceAndGoWithTheirProject() {
        projects.create("team", null, "tok_0");
        Identity stored = identities.add(identity("idn_1", "team")).orElseThrow();
        assertThat(stored.claims()).containsExactly(Map.entry("ref", "refs/heads/*"), Map.entry("repository", "a/b"));
        assertThat(stored.createdAt()).isNotNull();
        assertThat(identities.knows("https://issuer.example")).isTrue();
        assertThat(identities.knows("https://other.example")).isFalse();
        assertThat(identities.of("https://issuer.example", List.of("x", "slipway")))
                .containsExactly(stored);
        assertThat(identities.of("https://issuer.example", List.of("x"))).isEmpty();
        assertThat(identities.find("team", "idn_1")).contains(stored);
        assertThat(identities.find("default", "idn_1")).isEmpty();
        assertThat(identities.remove("default", "idn_1")).isFalse();
        identities.used(List.of("idn_1"));
        assertThat(identities.find("team", "idn_1").orElseThrow().lastUsedAt()).isNotNull();

        assertThat(identities.add(identity("idn_2", "team"))).isPresent();
        assertThat(identities.list("team", "idn_1", 9)).extracting(Identity::id).containsExactly("idn_2");
        assertThat(identities.remove("team", "idn_2")).isTrue();

        projects.delete("team", "tok_0");
        assertThat(identities.knows("https://issuer.example")).isFalse();
        assertThatThrownBy(() -> identities.add(identity("idn_4", "team"))).isInstanceOf(NoSuchProjectException.class);
    }

    private static Identity identity(String id, String project) {
        return new Identity(
                id,
                "ci",
                project,
                Role.BUILDER,
                "https://issuer.example",
                "slipway",
                new TreeMap<>(Map.of("repository", "a/b", "ref", "refs/heads/*")),
                null,
                "tok_0",
                null);
    }

    private static BuildDraft draft(String project) {
        return new BuildDraft(
                BuildId.create(Instant.now()),
                project,
                "{}",
                null,
                List.of(),
                null,
                0,
                60_000,
                new DockerfileText("Dockerfile", "FROM scratch\n"),
                new ContextFile("/tmp/none", 1, "0".repeat(64)),
                null,
                List.of());
    }

    private static ProjectChange described(@Nullable String description) {
        return new ProjectChange(true, description, Map.of());
    }

    @Test
    void aProjectHasLimitsOfItsOwnUntilTheyAreTakenBack() {
        projects.create("limited", null, "tok_x");
        assertThat(projects.limits("limited")).contains(ProjectLimits.NONE);
        assertThat(projects.limits("nobody")).isEmpty();

        projects.change("limited", limit(ProjectLimit.QUEUED_BUILDS, OptionalLong.of(7)));
        projects.change("limited", limit(ProjectLimit.CONCURRENT_BUILDS, OptionalLong.of(1)));
        projects.change("limited", limit(ProjectLimit.CONCURRENT_BUILDS, OptionalLong.of(2)));
        ProjectLimits own = projects.limits("limited").orElseThrow();
        assertThat(own.values()).isEqualTo(Map.of(ProjectLimit.QUEUED_BUILDS, 7L, ProjectLimit.CONCURRENT_BUILDS, 2L));
        assertThat(projects.limits(List.of("limited", "default"))).isEqualTo(Map.of("limited", own));

        projects.change("limited", limit(ProjectLimit.QUEUED_BUILDS, OptionalLong.empty()));
        assertThat(projects.limits("limited").orElseThrow().of(ProjectLimit.QUEUED_BUILDS))
                .isEmpty();
        assertThat(projects.change("nobody", limit(ProjectLimit.QUEUED_BUILDS, OptionalLong.of(7))))
                .isEmpty();
    }

    @Test
    void limitsGoBeforeThoseThatTheyReplace() {
        ProjectLimits own = new ProjectLimits(Map.of(ProjectLimit.QUEUED_BUILDS, 7L));
        ProjectLimits defaults =
                new ProjectLimits(Map.of(ProjectLimit.QUEUED_BUILDS, 8L, ProjectLimit.CONCURRENT_BUILDS, 9L));
        assertThat(own.or(defaults).values())
                .isEqualTo(Map.of(ProjectLimit.QUEUED_BUILDS, 7L, ProjectLimit.CONCURRENT_BUILDS, 9L));
    }

    private static ProjectChange limit(ProjectLimit limit, OptionalLong value) {
        return new ProjectChange(false, null, Map.of(limit, value));
    }
}
