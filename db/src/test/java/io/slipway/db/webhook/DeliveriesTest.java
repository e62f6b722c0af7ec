package io.slipway.db.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.DeleteOutcome;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.Projects;
import io.slipway.db.base.NewerBuildException;
import io.slipway.db.base.PushOrder;
import io.slipway.db.build.BuildCause;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.Builds;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import io.slipway.db.webhook.Deliveries.Stored;
import io.slipway.db.webhook.Deliveries.Unbuilt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DeliveriesTest {
    private static final Duration HOLD = Duration.ofMinutes(1);
    private static final Duration PAST = Duration.ofSeconds(-1);

    private final Database database = TestDatabase.create();
    private final Projects projects = new Projects(database);
    private final Triggers triggers = new Triggers(database);
    private final Deliveries deliveries = new Deliveries(database);
    private final BuildQueue queue = new BuildQueue(database);
    private final Builds builds = new Builds(database);
    private final String trigger = trigger("default");

    private String trigger(String project) {
        String id = Triggers.newId(Instant.now());
        assertThat(triggers.add(new NewTrigger(id, project, "github", "{}", "sealed", "secret", "tok_0")))
                .isPresent();
        return id;
    }

    private NewDelivery delivery(String hostId, byte @Nullable [] hash) {
        return delivery(
                trigger,
                hostId,
                hash == null ? new byte[32] : hash,
                hash == null ? SameBody.ANOTHER : SameBody.DUPLICATE);
    }

    private static NewDelivery delivery(String trigger, String hostId, byte[] hash, SameBody sameBody) {
        return new NewDelivery(
                Deliveries.newId(Instant.now()),
                trigger,
                hostId,
                hash,
                sameBody,
                "push",
                "{}",
                new byte[] {1},
                "http://here");
    }

    private String store(String hostId) {
        return deliveries.store(delivery(hostId, null)).orElseThrow().id();
    }

    private ClaimedDelivery claim(Duration hold) {
        return deliveries.claim(10, hold).getFirst();
    }

    private BuildDraft draft() {
        return draft(null);
    }

    private BuildDraft draft(@Nullable String key) {
        BuildId id = BuildId.create(Instant.now());
        return new BuildDraft(
                id,
                "default",
                "{}",
                null,
                List.of(),
                key,
                0,
                1000,
                new DockerfileText("Dockerfile", "FROM scratch"),
                new ContextFile("/none", 1, "0".repeat(64)),
                null,
                List.of());
    }

    /** Queues a build as the service does: with the note that it is a delivery's, in one transaction. */
    private BuildId build(ClaimedDelivery claim, int position) {
        BuildDraft draft = draft();
        queue.submit(draft, (transaction, _) -> Deliveries.built(transaction, claim, position, draft.id()));
        return draft.id();
    }

    private BuildId build(ClaimedDelivery claim, String ref, @Nullable String key) {
        BuildDraft draft = draft(key);
        BuildCause cause =
                new BuildCause(trigger, claim.delivery().id(), "push", ref, "0".repeat(40), "http://here", null, null);
        queue.submit(draft, (transaction, _) -> {
            cause.note(transaction, draft.id());
            PushOrder.requireNewest(transaction, cause, draft.id());
        });
        return draft.id();
    }

    /** Of the version that had the schema of V18, which knew of no marks; it may run beside this one. */
    @Test
    void whatTheVersionBeforeHasStoredIsKnownAndTheOtherWayRound() {
        assertThat(storeAsBefore("dlv_before", "42")).isEqualTo(1);
        assertThat(deliveries.store(delivery("42", null))).contains(new Deliveries.Stored("dlv_before", true));
        String newer = store("43");
        assertThat(storeAsBefore("dlv_again", "43")).isZero();
        assertThat(deliveries.claim(10, Duration.ofMinutes(1)))
                .extracting(claim -> claim.delivery().id())
                .containsExactlyInAnyOrder("dlv_before", newer);
    }

    /** Its statement, word for word; how many it has stored. */
    private int storeAsBefore(String id, String hostId) {
        return database.inTransaction(transaction ->
                transaction.update("""
                insert into deliveries (id, trigger_id, host_id, body_sha256, event, headers, body, service_url)
                select ?, id, ?, ?, ?, ?::jsonb, ?, ?
                from (select id from triggers where id = ? and deleted_at is null for key share) trigger
                on conflict do nothing
                """, id, hostId, null, "push", "{}", new byte[] {1}, "http://here", trigger));
    }

    /** Whatever is worked off first: the older commit must not take the newer one's place. */
    @Test
    void whatWasToldLaterIsNotFollowedByWhatWasToldBefore() {
        store("a");
        store("b");
        List<ClaimedDelivery> claimed = deliveries.claim(2, HOLD);
        ClaimedDelivery older = claimed.getFirst();
        ClaimedDelivery newer = claimed.getLast();
        BuildId other = build(older, "refs/heads/other", "app");
        BuildId built = build(newer, "refs/heads/main", "app");
        assertThatThrownBy(() -> build(older, "refs/heads/main", "app"))
                .isInstanceOfSatisfying(
                        NewerBuildException.class,
                        refused -> assertThat(refused.build()).isEqualTo(built.value()));
        assertThat(builds.find(other)).isPresent();
        assertThat(build(older, "refs/heads/main", "another")).as("another key").isNotNull();
        assertThat(build(older, "refs/heads/main", null)).as("no key").isNotNull();
        assertThat(build(newer, "refs/heads/main", "app"))
                .as("the same once more")
                .isNotNull();
        String again = deliveries
                .repeat(trigger, older.delivery().id(), Deliveries.newId(Instant.now()), "http://here")
                .orElseThrow()
                .id();
        ClaimedDelivery redelivered = deliveries.claim(2, HOLD).stream()
                .filter(claim -> claim.delivery().id().equals(again))
                .findFirst()
                .orElseThrow();
        assertThat(build(redelivered, "refs/heads/main", "app")).as("by hand").isNotNull();
    }

    @Test
    void whatComesAgainIsTheSameByIdAndByBody() {
        Stored first = deliveries.store(delivery("a", new byte[] {1})).orElseThrow();
        assertThat(first.duplicate()).isFalse();
        assertThat(deliveries.store(delivery("a", new byte[] {2}))).contains(new Stored(first.id(), true));
        assertThat(deliveries.store(delivery("b", new byte[] {1}))).contains(new Stored(first.id(), true));
        assertThat(deliveries.store(delivery("b", null)).orElseThrow().duplicate())
                .as("where bodies are not told apart by a time, one may come twice")
                .isFalse();
        assertThat(deliveries.find(trigger, first.id()).orElseThrow().duplicates())
                .isEqualTo(2);
    }

    @Test
    void ofManyAtOnceOneIsStored() throws Exception {
        List<Future<Stored>> stored = new ArrayList<>();
        try (ExecutorService hosts = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                stored.add(hosts.submit(
                        () -> deliveries.store(delivery("a", new byte[] {1})).orElseThrow()));
            }
        }
        int first = 0;
        for (Future<Stored> one : stored) {
            first += one.get().duplicate() ? 0 : 1;
        }
        assertThat(first).isEqualTo(1);
        assertThat(deliveries.list(trigger, "", 100)).hasSize(1);
    }

    @Test
    void whatIsNoLongerKeptIsKnownWhenItComesAgain() {
        byte[] hash = new byte[] {7};
        String first = deliveries.store(delivery("a", hash)).orElseThrow().id();
        deliveries.decide(claim(HOLD), DeliveryState.IGNORED, "{}", List.of(), _ -> {});
        assertThat(deliveries.removeOld(PAST, Duration.ofDays(1), 10)).isEqualTo(1);
        assertThat(deliveries.list(trigger, "", 10)).isEmpty();
        assertThat(deliveries.store(delivery("b", hash))).hasValue(new Stored(first, true));
        assertThat(deliveries.store(delivery("a", new byte[] {8}))).hasValue(new Stored(first, true));
        assertThat(deliveries.removeOld(PAST, PAST, 10))
                .as("its id and its body")
                .isEqualTo(2);
        assertThat(deliveries.store(delivery("b", hash)).orElseThrow().duplicate())
                .isFalse();
    }

    @Test
    void aBodyThatMayBeSentAgainByAnybodyIsSuspect() {
        byte[] hash = new byte[] {7};
        for (String hostId : List.of("a", "b", "c")) {
            assertThat(deliveries
                            .store(delivery(trigger, hostId, hash, SameBody.SUSPECT))
                            .orElseThrow()
                            .duplicate())
                    .isFalse();
        }
        List<Delivery> stored = deliveries.list(trigger, "", 10).reversed();
        assertThat(stored)
                .extracting(Delivery::repeats)
                .containsExactly(null, stored.getFirst().id(), stored.getFirst().id());
        assertThat(deliveries.store(delivery(trigger, "b", new byte[] {8}, SameBody.SUSPECT)))
                .hasValue(new Stored(stored.get(1).id(), true));
    }

    @Test
    void twoTriggersMayBeToldTheSame() {
        String other = trigger("default");
        store("a");
        NewDelivery same = delivery(other, "a", new byte[32], SameBody.DUPLICATE);
        assertThat(deliveries.store(same).orElseThrow().duplicate()).isFalse();
    }

    @Test
    void noTwoClaimTheSameUntilTheClaimEnds() {
        String first = store("a");
        String second = store("b");
        List<ClaimedDelivery> claimed = deliveries.claim(1, HOLD);
        assertThat(claimed).extracting(claim -> claim.delivery().id()).containsExactly(first);
        assertThat(claimed.getFirst().delivery().attempts()).isEqualTo(1);
        assertThat(claimed.getFirst().content().body()).containsExactly(1);
        assertThat(deliveries.claim(10, PAST))
                .extracting(claim -> claim.delivery().id())
                .containsExactly(second);
        ClaimedDelivery again = claim(HOLD);
        assertThat(again.delivery().id()).isEqualTo(second);
        assertThat(again.delivery().attempts()).isEqualTo(2);
        assertThat(deliveries.claim(10, HOLD)).isEmpty();
        assertThat(deliveries.pending()).isEqualTo(2);
    }

    @Test
    void whoHasLostAClaimCanWriteNothingMore() {
        store("a");
        ClaimedDelivery lost = claim(PAST);
        ClaimedDelivery held = claim(HOLD);
        assertThatThrownBy(() -> build(lost, 0)).isInstanceOf(ClaimLostException.class);
        assertThatThrownBy(() -> deliveries.decide(lost, DeliveryState.IGNORED, "{}", List.of(), _ -> {}))
                .isInstanceOf(ClaimLostException.class);
        deliveries.giveBack(lost, PAST, null);
        deliveries.renew(List.of(lost), PAST);
        assertThat(deliveries.claim(10, HOLD)).isEmpty();
        BuildId build = build(held, 0);
        deliveries.decide(held, DeliveryState.BUILT, "{}", List.of(), _ -> {});
        assertThat(builds.find(build)).isPresent();
        assertThatThrownBy(() -> build(held, 1)).as("it is decided on").isInstanceOf(ClaimLostException.class);
        assertThat(deliveries.claim(10, HOLD)).isEmpty();
    }

    @Test
    void anEventHasOneBuildWhoeverIsKilledWhen() {
        String id = store("a");
        BuildId build = build(claim(PAST), 0);
        // Here the service is killed; another one takes over.
        ClaimedDelivery held = claim(HOLD);
        assertThat(deliveries.builds(List.of(id))).containsExactly(new DeliveryBuild(id, 0, build.value(), null));
        assertThatThrownBy(() -> build(held, 0)).hasMessageContaining("delivery_builds");
        deliveries.decide(held, DeliveryState.FAILED, "{\"reason\": \"x\"}", List.of(new Unbuilt(1, "{}")), _ -> {});
        assertThat(deliveries.builds(List.of(id))).hasSize(2);
        assertThat(deliveries.find(trigger, id).orElseThrow().decision()).isEqualTo("{\"reason\": \"x\"}");
    }

    @Test
    void whatIsGivenBackIsDueLaterAndSaysWhy() {
        String id = store("a");
        deliveries.giveBack(claim(HOLD), HOLD, "{\"reason\": \"x\"}");
        assertThat(deliveries.claim(10, HOLD)).isEmpty();
        assertThat(deliveries.find(trigger, id).orElseThrow().decision()).isEqualTo("{\"reason\": \"x\"}");
        assertThat(deliveries.find(trigger, id).orElseThrow().state()).isEqualTo(DeliveryState.PENDING);
    }

    @Test
    void aDeliveryIsRepeatedWithAllThatWasSent() {
        String id = store("a");
        deliveries.decide(claim(HOLD), DeliveryState.IGNORED, "{}", List.of(), _ -> {});
        String again = Deliveries.newId(Instant.now());
        Delivery repeated =
                deliveries.repeat(trigger, id, again, "http://there").orElseThrow();
        assertThat(repeated.redeliveryOf()).isEqualTo(id);
        ClaimedDelivery claimed = claim(HOLD);
        assertThat(claimed.delivery().id()).isEqualTo(again);
        assertThat(claimed.serviceUrl()).isEqualTo("http://there");
        assertThat(claimed.content().body()).containsExactly(1);
        assertThat(deliveries.repeat(trigger("default"), id, "dlv_x", "http://there"))
                .isEmpty();
    }

    @Test
    void whatIsPendingIsNeverTooOld() {
        store("a");
        String decided = store("b");
        deliveries.claim(10, HOLD).stream()
                .filter(claim -> claim.delivery().id().equals(decided))
                .forEach(claim -> deliveries.decide(claim, DeliveryState.IGNORED, "{}", List.of(), _ -> {}));
        assertThat(deliveries.removeOld(Duration.ofDays(1), Duration.ofDays(1), 10))
                .isZero();
        assertThat(deliveries.removeOld(PAST, Duration.ofDays(1), 10)).isEqualTo(1);
        assertThat(deliveries.list(trigger, "", 10)).hasSize(1);
    }

    @Test
    void ofADeletedTriggerAndItsProjectNothingIsLeft() {
        projects.create("team", null, "tok_0");
        String id = trigger("team");
        assertThat(triggers.find("default", id)).isEmpty();
        assertThat(triggers.rotate("team", id, "next").orElseThrow().previousSecret())
                .isEqualTo("secret");
        deliveries.store(delivery(id, "a", new byte[32], SameBody.DUPLICATE));
        assertThat(projects.delete("team", "tok_0")).isEqualTo(DeleteOutcome.DELETED);
        assertThat(triggers.find(id)).isEmpty();
        assertThat(deliveries.store(delivery(id, "b", new byte[31], SameBody.DUPLICATE)))
                .isEmpty();
        assertThat(database.<String>inTransaction(transaction -> transaction
                        .first(
                                "select triggers::text as stored from triggers where id = ?",
                                row -> row.text("stored"),
                                id)
                        .orElseThrow()))
                .doesNotContain("secret", "next", "sealed");
        assertThat(deliveries.removeOld(Duration.ofDays(1), Duration.ofDays(1), 10))
                .as("it, and by what it is known")
                .isEqualTo(3);
        assertThat(database.<Boolean>inTransaction(transaction -> transaction
                        .first("select true as there from triggers where id = ?", row -> row.flag("there"), id)
                        .isPresent()))
                .isFalse();
        assertThatThrownBy(() -> trigger("team")).isInstanceOf(NoSuchProjectException.class);
    }

    @Test
    void aProjectHasSoManyTriggersAndNoMore() {
        for (int i = 1; i < Triggers.MOST; i++) {
            trigger("default");
        }
        assertThat(triggers.add(new NewTrigger(
                        Triggers.newId(Instant.now()), "default", "github", "{}", "sealed", "secret", "tok_0")))
                .isEmpty();
        assertThat(triggers.delete("default", trigger)).isTrue();
        assertThat(triggers.list("default", "", 1000)).hasSize(Triggers.MOST - 1);
        trigger("default");
    }
}
