package io.slipway.db.base;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildCause;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import io.slipway.db.secret.RegistryCredential;
import io.slipway.db.secret.RegistryCredentials;
import io.slipway.db.webhook.ClaimedDelivery;
import io.slipway.db.webhook.Deliveries;
import io.slipway.db.webhook.DeliveryState;
import io.slipway.db.webhook.NewTrigger;
import io.slipway.db.webhook.Triggers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** From a base that has moved to what is to be done again. */
final class BaseRebuildsTest {
    private static final Duration HOLD = Duration.ofMinutes(1);
    private static final Duration POLL = Duration.ofMinutes(15);
    private static final String DEBIAN = "docker.io/library/debian:12";
    private static final String NODE = "docker.io/library/node:24";
    private static final String MAIN = "refs/heads/main";

    private final Database database = TestDatabase.create();
    private final Triggers triggers = new Triggers(database);
    private final Deliveries deliveries = new Deliveries(database);
    private final BuildQueue queue = new BuildQueue(database);
    private final Builds builds = new Builds(database);
    private final WatchedBases bases = new WatchedBases(database);
    private final BaseRebuilds rebuilds = new BaseRebuilds(database);
    private final String trigger = trigger("default", true);

    private String trigger(String project, boolean rebuildOnBase) {
        String id = Triggers.newId(Instant.now());
        String document = "{\"enabled\": true, \"rebuildOnBase\": " + rebuildOnBase + "}";
        assertThat(triggers.add(new NewTrigger(id, project, "github", document, "sealed", "secret", "tok_0")))
                .isPresent();
        return id;
    }

    private BuildId queued(String triggerId, String event, String ref, @Nullable ClaimedDelivery rebuild) {
        BuildId id = BuildId.create(Instant.now());
        BuildDraft draft = new BuildDraft(
                id,
                "default",
                "{}",
                null,
                List.of(),
                null,
                0,
                1000,
                new DockerfileText("Dockerfile", "FROM scratch"),
                new ContextFile("/none", 1, "0".repeat(64)),
                null,
                List.of());
        String moved = rebuild == null
                ? null
                : database.inTransaction(transaction -> transaction
                        .first(
                                "select (?::jsonb -> 'bases')::text as moved",
                                row -> row.text("moved"),
                                new String(rebuild.content().body(), UTF_8))
                        .orElseThrow());
        BuildCause cause = new BuildCause(
                triggerId,
                rebuild == null ? "dlv_1" : rebuild.delivery().id(),
                event,
                ref,
                "c".repeat(40),
                "http://here",
                rebuild == null ? null : rebuild.delivery().rebuildOf(),
                moved);
        queue.submit(draft, (transaction, _) -> {
            cause.note(transaction, id);
            if (rebuild != null) {
                Deliveries.built(transaction, rebuild, 0, id);
                BaseRebuilds.queued(transaction, cause, id, rebuild.delivery().redeliveryOf() == null);
            }
        });
        return id;
    }

    /** A build of a branch that has ended; what it has found its bases to be alternates with their names. */
    private BuildId built(String triggerId, String ref, String... found) {
        BuildId id = queued(triggerId, "push", ref, null);
        ended(id, "succeeded", "sha256:" + id.value(), found);
        return id;
    }

    private void ended(BuildId id, String state, String digest, String... found) {
        database.run(transaction -> {
            for (int i = 0; i < found.length; i += 2) {
                transaction.update(
                        "insert into bases (build_id, name, reference, digest) values (?, ?, ?, ?)",
                        id.value(),
                        found[i],
                        found[i],
                        found[i + 1]);
            }
            transaction.update("""
                    update builds set state = ?, digest = case when ? = 'succeeded' then ? end,
                        media_type = 'application/vnd.oci.image.manifest.v1+json', image_bytes = 1, started_at = clock_timestamp(), finished_at = clock_timestamp()
                    where id = ?
                    """, state, state, digest, id.value());
        });
    }

    /** Looks at all bases that are watched; they mean what is said, by name, or what they meant. */
    private int look(String... now) {
        bases.refresh(POLL);
        database.run(transaction -> transaction.update("update watched_bases set due_at = clock_timestamp()"));
        List<ClaimedBase> claims = bases.claim(100, HOLD);
        int noted = 0;
        for (ClaimedBase claim : claims) {
            String digest = claim.digest();
            for (int i = 0; i < now.length; i += 2) {
                digest = now[i].equals(claim.reference()) ? now[i + 1] : digest;
            }
            bases.answered(claim, Objects.requireNonNullElse(digest, "sha256:0"), POLL);
        }
        for (ClaimedBase claim : claims) {
            noted += rebuilds.note(claim, Instant.now());
        }
        return noted;
    }

    private ClaimedDelivery delivered() {
        List<ClaimedDelivery> claimed = deliveries.claim(10, HOLD);
        assertThat(claimed).hasSize(1);
        return claimed.getFirst();
    }

    private static String body(ClaimedDelivery delivery) {
        return new String(delivery.content().body(), UTF_8).replace(" ", "");
    }

    private void decide(ClaimedDelivery delivery) {
        deliveries.decide(delivery, DeliveryState.BUILT, "{}", List.of(), _ -> {});
    }

    @Test
    void aBaseThatMovesIsToldOnceForEachBranchThatHasAnImageOfIt() {
        built(trigger, MAIN, DEBIAN, "sha256:a");
        BuildId newest = built(trigger, MAIN, DEBIAN, "sha256:a");
        BuildId other = built(trigger, "refs/heads/other", DEBIAN, "sha256:a", NODE, "sha256:n");
        built(trigger("default", false), MAIN, DEBIAN, "sha256:a");
        BuildId pull = queued(trigger, "pull_request", "refs/pull/1/head", null);
        ended(pull, "succeeded", "sha256:p", DEBIAN, "sha256:a");
        assertThat(look(DEBIAN, "sha256:a", NODE, "sha256:n")).isZero();
        assertThat(look(DEBIAN, "sha256:b")).isEqualTo(2);
        assertThat(look(DEBIAN, "sha256:b")).isZero();
        List<ClaimedDelivery> told = deliveries.claim(10, HOLD);
        assertThat(told)
                .extracting(delivery -> delivery.delivery().rebuildOf())
                .containsExactlyInAnyOrder(newest.value(), other.value());
        assertThat(body(told.stream()
                        .filter(delivery ->
                                newest.value().equals(delivery.delivery().rebuildOf()))
                        .findFirst()
                        .orElseThrow()))
                .isEqualTo("{\"event\":\"push\",\"ref\":\"" + MAIN + "\",\"commit\":\"" + "c".repeat(40)
                        + "\",\"build\":\"" + newest.value() + "\",\"bases\":[{\"reference\":\"" + DEBIAN
                        + "\",\"from\":\"sha256:a\",\"to\":\"sha256:b\"}]}");
    }

    @Test
    void ofSeveralServicesThatSeeItAtOnceOneTellsIt() throws Exception {
        built(trigger, MAIN, DEBIAN, "sha256:a", NODE, "sha256:n");
        look(DEBIAN, "sha256:a", NODE, "sha256:n");
        database.run(transaction ->
                transaction.update("update watched_bases set digest = 'sha256:moved', checked_at = clock_timestamp()"));
        List<Future<Integer>> noted = new ArrayList<>();
        try (ExecutorService services = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                noted.add(services.submit(() -> rebuilds.note(null, Instant.now())));
            }
        }
        int all = 0;
        for (Future<Integer> one : noted) {
            all += one.get();
        }
        assertThat(all).isEqualTo(1);
        assertThat(body(delivered())).contains(DEBIAN, NODE);
    }

    @Test
    void aBaseIsClaimedByOneServiceAndAnsweredByWhoHoldsTheClaim() throws Exception {
        for (int i = 0; i < 20; i++) {
            built(trigger, "refs/heads/" + i, "registry.example/base:" + i, "sha256:a");
        }
        bases.refresh(POLL);
        database.run(transaction -> transaction.update("update watched_bases set due_at = clock_timestamp()"));
        List<Future<List<ClaimedBase>>> claims = new ArrayList<>();
        try (ExecutorService services = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                claims.add(services.submit(() -> bases.claim(7, HOLD)));
            }
        }
        Set<String> seen = new HashSet<>();
        for (Future<List<ClaimedBase>> each : claims) {
            each.get().forEach(claim -> assertThat(seen.add(claim.reference())).isTrue());
        }
        assertThat(seen).hasSize(20);
        database.run(transaction -> transaction.update("update watched_bases set due_at = clock_timestamp()"));
        ClaimedBase lost = bases.claim(1, Duration.ZERO).getFirst();
        ClaimedBase held = bases.claim(100, HOLD).stream()
                .filter(claim -> claim.reference().equals(lost.reference()))
                .findFirst()
                .orElseThrow();
        bases.answered(lost, "sha256:late", POLL);
        bases.answered(held, "sha256:held", POLL);
        assertThat(bases.list("default", "", 100))
                .filteredOn(base -> base.reference().equals(held.reference()))
                .extracting(WatchedBase::digest)
                .containsExactly("sha256:held");
    }

    @Test
    void projectsThatAskAlikeAskOnceAndThoseWithCredentialsForThemselves() {
        new Projects(database).create("other", null, "tok_0");
        built(trigger, MAIN, DEBIAN, "sha256:a");
        built(trigger("other", true), MAIN, DEBIAN, "sha256:a");
        bases.refresh(POLL);
        assertThat(bases.count()).isEqualTo(1);
        new RegistryCredentials(database)
                .put(
                        new RegistryCredential("", "other", "registry.example", "", "user", Instant.now(), "tok_0"),
                        "sealed",
                        Instant.now());
        bases.refresh(POLL);
        assertThat(bases.count()).isEqualTo(2);
        triggers.change("default", trigger, _ -> new Triggers.Document("{\"rebuildOnBase\": false}", "sealed"));
        bases.refresh(POLL);
        assertThat(bases.list("default", "", 10)).isEmpty();
        assertThat(bases.claim(10, HOLD)).extracting(ClaimedBase::project).isSubsetOf("other");
        assertThat(bases.count()).isEqualTo(1);
    }

    @Test
    void aBaseThatIsNamedByItsDigestIsNotWatched() {
        built(trigger, MAIN, DEBIAN + "@sha256:a", "sha256:a");
        bases.refresh(POLL);
        assertThat(bases.count()).isZero();
    }

    @Test
    void aRebuildThatFailsIsNotDoneAgainAndOneThatSucceedsIsTheNewest() {
        BuildId first = built(trigger, MAIN, DEBIAN, "sha256:a");
        look(DEBIAN, "sha256:a");
        assertThat(look(DEBIAN, "sha256:b")).isEqualTo(1);
        ClaimedDelivery delivery = delivered();
        BuildId failed = queued(trigger, "push", MAIN, delivery);
        decide(delivery);
        ended(failed, "failed", "", DEBIAN, "sha256:b");
        assertThat(look(DEBIAN, "sha256:b")).isZero();
        assertThat(look(DEBIAN, "sha256:c")).as("it may be mended by then").isEqualTo(1);
        delivery = delivered();
        assertThat(delivery.delivery().rebuildOf()).isEqualTo(first.value());
        BuildId second = queued(trigger, "push", MAIN, delivery);
        decide(delivery);
        ended(second, "succeeded", "sha256:s", DEBIAN, "sha256:c");
        assertThat(look(DEBIAN, "sha256:c")).isZero();
        assertThat(look(DEBIAN, "sha256:a")).isEqualTo(1);
        assertThat(delivered().delivery().rebuildOf()).isEqualTo(second.value());
        BuildCause cause =
                Objects.requireNonNull(builds.details(second).orElseThrow().cause());
        assertThat(cause.rebuildOf()).isEqualTo(first.value());
        assertThat(cause.moved()).contains("sha256:a", "sha256:c");
    }

    @Test
    void severalBasesThatMoveOneAfterTheOtherWaitForTheBuildThatIsUnderWay() {
        built(trigger, MAIN, DEBIAN, "sha256:a", NODE, "sha256:n");
        look(DEBIAN, "sha256:a", NODE, "sha256:n");
        assertThat(look(DEBIAN, "sha256:b")).isEqualTo(1);
        assertThat(look(NODE, "sha256:o")).as("one is to be built").isZero();
        ClaimedDelivery delivery = delivered();
        BuildId rebuilt = queued(trigger, "push", MAIN, delivery);
        decide(delivery);
        assertThat(look()).as("it is queued").isZero();
        ended(rebuilt, "succeeded", "sha256:r", DEBIAN, "sha256:b", NODE, "sha256:o");
        assertThat(look()).isZero();
    }

    @Test
    void whatABuildFoundOfAnotherBaseBeforeItFailedIsNotTriedAgain() {
        built(trigger, MAIN, DEBIAN, "sha256:a", NODE, "sha256:n");
        look(DEBIAN, "sha256:a", NODE, "sha256:n");
        assertThat(look(DEBIAN, "sha256:b")).isEqualTo(1);
        ClaimedDelivery delivery = delivered();
        BuildId failed = queued(trigger, "push", MAIN, delivery);
        decide(delivery);
        ended(failed, "failed", "", DEBIAN, "sha256:b", NODE, "sha256:o");
        assertThat(look(NODE, "sha256:o")).isZero();
    }

    @Test
    void anImageThatIsNewerThanTheLookIsNotComparedWithIt() {
        built(trigger, MAIN, DEBIAN, "sha256:a");
        look(DEBIAN, "sha256:a");
        built(trigger, MAIN, DEBIAN, "sha256:b");
        assertThat(rebuilds.note(null, Instant.now())).isZero();
        bases.refresh(null);
        List<ClaimedBase> due = bases.claim(10, HOLD);
        assertThat(due)
                .extracting(ClaimedBase::reference)
                .as("what it means has to be looked at")
                .containsExactly(DEBIAN);
        bases.answered(due.getFirst(), "sha256:b", null);
        assertThat(rebuilds.note(null, Instant.now())).isZero();
        bases.refresh(null);
        assertThat(bases.claim(10, HOLD)).isEmpty();
    }

    @Test
    void aNewerBuildIsNotOverwrittenByOneThatWasToBeDoneBefore() {
        built(trigger, MAIN, DEBIAN, "sha256:a");
        look(DEBIAN, "sha256:a");
        look(DEBIAN, "sha256:b");
        ClaimedDelivery delivery = delivered();
        BuildId push = queued(trigger, "push", MAIN, null);
        assertThatThrownBy(() -> queued(trigger, "push", MAIN, delivery))
                .isInstanceOfSatisfying(
                        NewerBuildException.class,
                        newer -> assertThat(newer.build()).isEqualTo(push.value()));
        ended(push, "failed", "");
        queued(trigger, "push", MAIN, delivery);
    }

    @Test
    void imagesOfOneAnotherAreBuiltOnceForEachOther() {
        String app = "registry.example/app:1";
        String base = "registry.example/base:1";
        String second = trigger("default", true);
        BuildId one = built(trigger, MAIN, app, "sha256:old");
        BuildId two = queued(second, "push", MAIN, null);
        ended(two, "succeeded", "sha256:two", base, "sha256:" + one.value());
        look(app, "sha256:old", base, "sha256:" + one.value());
        assertThat(look(app, "sha256:two")).isEqualTo(1);
        ClaimedDelivery delivery = delivered();
        assertThat(rebuilds.isLoop(trigger, MAIN, List.of("sha256:two"))).isFalse();
        BuildId again = queued(trigger, "push", MAIN, delivery);
        decide(delivery);
        ended(again, "succeeded", "sha256:three", app, "sha256:two");
        assertThat(look(base, "sha256:three")).isEqualTo(1);
        assertThat(rebuilds.isLoop(second, MAIN, List.of("sha256:three"))).isTrue();
        assertThat(rebuilds.isLoop(trigger, MAIN, List.of("sha256:three")))
                .as("an image that is its own base")
                .isTrue();
        assertThat(rebuilds.isLoop(trigger, MAIN, List.of("sha256:unknown"))).isFalse();
    }

    @Test
    void whatARegistryTellsMakesOnlyThatBaseDueAndOfItsProjectOnly() {
        built(trigger, MAIN, DEBIAN, "sha256:a", NODE, "sha256:n");
        look(DEBIAN, "sha256:a", NODE, "sha256:n");
        database.run(transaction ->
                transaction.update("update watched_bases set claimed_at = claimed_at - interval '1 minute'"));
        assertThat(bases.claim(10, HOLD)).isEmpty();
        bases.asked("somebody", List.of(DEBIAN));
        assertThat(bases.claim(10, HOLD)).isEmpty();
        bases.asked("default", List.of(DEBIAN, "docker.io/library/unknown:1"));
        ClaimedBase claim = bases.claim(10, HOLD).getFirst();
        assertThat(claim.reference()).isEqualTo(DEBIAN);
        bases.asked(null, List.of(DEBIAN)); // while it is being looked at
        assertThat(bases.claim(10, HOLD)).isEmpty();
        bases.answered(claim, "sha256:a", null);
        assertThat(bases.list("default", "", 1).getFirst().nextCheckAt())
                .as("once more, for what was told meanwhile")
                .isNotNull()
                .isBefore(Instant.now().plus(WatchedBases.LEAST_PAUSE.plusSeconds(1)));
    }

    @Test
    void aHostThatGivesNoAnswerIsLeftAlone() {
        built(
                trigger,
                MAIN,
                "a.example/base:1",
                "sha256:a",
                "a.example/base:2",
                "sha256:a",
                "b.example/base:1",
                "sha256:a");
        bases.refresh(POLL);
        database.run(transaction -> transaction.update("update watched_bases set due_at = clock_timestamp()"));
        bases.putOff("a.example", Duration.ofMinutes(5));
        ClaimedBase claim = bases.claim(10, HOLD).getFirst();
        assertThat(claim.reference()).isEqualTo("b.example/base:1");
        bases.failed(claim, "it is away", Duration.ZERO);
        assertThat(bases.claim(10, HOLD)).extracting(ClaimedBase::attempts).containsExactly(1);
        assertThat(bases.list("default", "b", 10).getFirst().error()).isEqualTo("it is away");
    }
}
