package io.slipway.db.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class MessagesTest {
    private static final Duration HOLD = Duration.ofMinutes(1);
    private static final MessageAttempt FAILURE = new MessageAttempt(
            1, Instant.parse("2026-01-01T00:00:00Z"), 5, 500, "no", "it was answered with status 500");
    private static final MessageAttempt SUCCESS =
            new MessageAttempt(1, Instant.parse("2026-01-01T00:00:00Z"), 5, 204, "", null);

    /** How many more pages a deeper index, and entries in it that are not yet cleaned up, may cost; nested parts of a plan count several times. */
    private static final long MORE_PAGES = 500;

    private final Database database = TestDatabase.create();
    private final BuildQueue queue = new BuildQueue(database);
    private final Webhooks webhooks = new Webhooks(database);
    private final Messages messages = new Messages(database);

    private Webhook webhook(String project, String... events) {
        return webhooks.add(new NewWebhook(
                        Webhooks.newId(Instant.now()),
                        project,
                        new WebhookSettings("https://receiver.invalid/", List.of(events), null, true),
                        "sealed",
                        "http://service.invalid",
                        "tok_0"))
                .orElseThrow();
    }

    private static BuildDraft draft() {
        return new BuildDraft(
                BuildId.create(Instant.now()),
                "default",
                "{}",
                null,
                List.of(),
                null,
                0,
                100_000,
                new DockerfileText("Dockerfile", "FROM scratch"),
                new ContextFile("/contexts/1.tar", 10, "ab"),
                null,
                List.of());
    }

    private List<String> events(Webhook webhook) {
        return messages.list(webhook.id(), "", 100).reversed().stream()
                .map(Message::event)
                .toList();
    }

    @Test
    void everyChangeOfStateIsAMessageToThoseWhoWantToHearOfIt() {
        new Projects(database).create("other", null, "tok_0");
        Webhook all = webhook("default", "build.queued", "build.running", "build.failed", "build.succeeded");
        Webhook some = webhook("default", "build.failed");
        Webhook others = webhook("other", "build.queued");
        BuildDraft draft = draft();
        queue.submit(draft);
        assertThat(queue.claim("w", null, new byte[32], Duration.ofSeconds(60))).isPresent();
        queue.handBack("w");
        assertThat(queue.claim("w", null, new byte[32], Duration.ofSeconds(60))).isPresent();
        queue.timeOutOverdue(queue.now(), Duration.ofDays(-1));
        assertThat(events(all))
                .containsExactly("build.queued", "build.running", "build.queued", "build.running", "build.failed");
        assertThat(events(some)).containsExactly("build.failed");
        assertThat(events(others)).isEmpty();
    }

    @Test
    void whatIsRolledBackIsNotSaid() {
        Webhook webhook = webhook("default", "build.queued");
        assertThatThrownBy(() -> queue.submit(draft(), (_, _) -> {
                    throw new IllegalStateException("the service dies here");
                }))
                .hasMessageContaining("dies");
        assertThat(events(webhook)).isEmpty();
    }

    @Test
    void aClaimIsOneServicesAndWhoeverHasLostItWritesNothing() {
        Webhook webhook = webhook("default", "build.queued");
        queue.submit(draft());
        ClaimedMessage lost = messages.claim(10, Duration.ZERO).getFirst();
        ClaimedMessage held = messages.claim(10, HOLD).getFirst();
        assertThat(messages.claim(10, HOLD)).isEmpty();
        assertThatThrownBy(() -> messages.fix(lost, "{}")).isInstanceOf(ClaimLostException.class);
        assertThatThrownBy(() -> messages.delivered(lost, SUCCESS)).isInstanceOf(ClaimLostException.class);
        assertThat(messages.fix(held, "{\"first\": 1}")).isEqualTo("{\"first\": 1}");
        assertThat(messages.fix(held, "{\"second\": 2}")).isEqualTo("{\"first\": 1}");
        messages.delivered(held, SUCCESS);
        assertThat(messages.find(webhook.id(), held.message().id()))
                .get()
                .extracting(Message::state)
                .isEqualTo(MessageState.DELIVERED);
        assertThat(messages.attempts(held.message().id())).containsExactly(SUCCESS);
    }

    @Test
    void whileAReceiverRestsNothingIsClaimedForItAndOthersAreServed() {
        Webhook away = webhook("default", "build.queued");
        queue.submit(draft());
        queue.submit(draft());
        messages.postponed(messages.claim(1, HOLD).getFirst(), FAILURE, Duration.ZERO, HOLD);
        assertThat(webhooks.find(away.id()).orElseThrow().failingSince()).isNotNull();
        assertThat(messages.claim(10, HOLD)).isEmpty();
        Webhook well = webhook("default", "build.queued");
        queue.submit(draft());
        assertThat(messages.claim(10, HOLD))
                .extracting(claim -> claim.message().webhookId())
                .containsExactly(well.id());
    }

    @Test
    void aReceiverThatHasFailedIsTriedWithOneMessageAtATime() {
        webhook("default", "build.queued");
        for (int i = 0; i < 3; i++) {
            queue.submit(draft());
        }
        messages.postponed(messages.claim(1, HOLD).getFirst(), FAILURE, Duration.ZERO, Duration.ZERO);
        ClaimedMessage tried = messages.claim(10, HOLD).getFirst();
        assertThat(messages.claim(10, HOLD)).isEmpty();
        messages.delivered(tried, SUCCESS);
        assertThat(messages.claim(10, HOLD)).hasSize(2);
    }

    @Test
    void whatWaitsForAWebhookThatIsDisabledIsDropped() {
        Webhook webhook = webhook("default", "build.queued");
        queue.submit(draft());
        webhooks.disable(webhook.id(), "It is gone.");
        assertThat(messages.claim(10, HOLD)).isEmpty();
        assertThat(messages.pending()).isZero();
        assertThat(webhooks.find(webhook.id()).orElseThrow().disabledReason()).isEqualTo("It is gone.");
        queue.submit(draft());
        assertThat(events(webhook)).hasSize(1);
    }

    @Test
    void oldMessagesAreRemovedOnceTheyAreSettled() {
        webhook("default", "build.queued");
        queue.submit(draft());
        assertThat(messages.removeOld(Duration.ofDays(-1), 10)).isZero();
        messages.refused(messages.claim(1, HOLD).getFirst(), FAILURE, Duration.ZERO);
        assertThat(messages.removeOld(Duration.ofDays(1), 10)).isZero();
        assertThat(messages.removeOld(Duration.ofDays(-1), 10)).isEqualTo(1);
    }

    @Test
    void aReceiverThatIsSlowTakesTwoPlacesAndNoMore() throws Exception {
        Webhook slow = webhook("default", "build.queued");
        submit(20);
        Webhook quick = webhook("default", "build.queued");
        submit(1);
        List<ClaimedMessage> claimed = messages.claim(8, HOLD);
        assertThat(claimed)
                .extracting(claim -> claim.message().webhookId())
                .containsExactlyInAnyOrder(slow.id(), slow.id(), quick.id());
        assertThat(messages.claim(8, HOLD)).isEmpty();
        messages.delivered(of(slow, claimed), SUCCESS);
        assertThat(messages.claim(8, HOLD)).hasSize(1);
    }

    @Test
    void severalServicesTogetherClaimNoMoreThanTwo() throws Exception {
        webhook("default", "build.queued");
        submit(40);
        try (ExecutorService services = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<ClaimedMessage>>> claims =
                    services.invokeAll(Collections.nCopies(16, () -> messages.claim(8, HOLD)));
            int claimed = 0;
            for (Future<List<ClaimedMessage>> claim : claims) {
                claimed += claim.get().size();
            }
            assertThat(claimed).isEqualTo(Messages.MOST_OF_ONE);
        }
    }

    /** What was claimed by a service that was killed does not count as under way for ever, nor does what waits for its next attempt. */
    @Test
    void whatIsNotBeingSentTakesNoPlace() {
        webhook("default", "build.queued");
        submit(4);
        assertThat(messages.claim(8, Duration.ZERO)).hasSize(2);
        List<ClaimedMessage> again = messages.claim(8, HOLD);
        assertThat(again).hasSize(2);
        again.forEach(claim -> messages.postponed(claim, FAILURE, HOLD, Duration.ZERO));
        assertThat(messages.claim(8, HOLD)).hasSize(1);
    }

    @Test
    void aClaimReadsNoMoreHoweverMuchWaits() {
        fill(10);
        long few = pagesOfAClaim();
        fill(20_000);
        assertThat(pagesOfAClaim()).isLessThan(few + MORE_PAGES);
        assertThat(messages.claim(8, HOLD))
                .extracting(claim -> claim.message().webhookId())
                .containsExactly("busy", "busy");
    }

    private void fill(int count) {
        fill("resting", count, "clock_timestamp()", "clock_timestamp() + interval '1 hour'");
        fill("postponed", count, "clock_timestamp() + interval '1 hour'", "null");
        fill("busy", count, "clock_timestamp()", "null");
    }

    private void fill(String id, int count, String dueAt, String pausedUntil) {
        database.run(transaction -> {
            transaction.update("""
                    insert into webhooks (id, project, url, events, secret, service_url, created_by, paused_until)
                    values (?, 'default', 'https://receiver.invalid/', '{}', '', '', 'tok_0', %s)
                    on conflict (id) do nothing
                    """.formatted(pausedUntil), id);
            transaction.update("""
                    insert into webhook_messages (id, webhook_id, event, happened_at, due_at)
                    select new_webhook_message_id(), ?, 'build.queued', clock_timestamp(), %s from generate_series(1, ?::integer)
                    """.formatted(dueAt), id, count);
            transaction.update("analyze webhooks");
            transaction.update("analyze webhook_messages");
        });
    }

    /** How many pages the two statements of a claim look at; what they claim is due again at once. Those of nested parts of the plan count several times. */
    private long pagesOfAClaim() {
        List<String> ids = database.inTransaction(
                transaction -> transaction.list("select id from webhooks", row -> row.text("id")));
        return pages(Messages.CLAIMABLE, 2, 8) + pages(Messages.CLAIM, 2, ids, 8, 0L);
    }

    private long pages(String sql, Object... parameters) {
        List<String> plan = database.inTransaction(transaction -> transaction.list(
                "explain (analyze, buffers, timing off) " + sql, row -> row.text("QUERY PLAN"), parameters));
        return plan.stream()
                .takeWhile(line -> !line.startsWith("Planning:"))
                .filter(line -> line.contains("Buffers: "))
                .flatMap(line -> Stream.of(line.split("[ ,]+")))
                .filter(word -> word.startsWith("hit=") || word.startsWith("read="))
                .mapToLong(word -> Long.parseLong(word.substring(word.indexOf('=') + 1)))
                .sum();
    }

    @Test
    void aWebhookThatIsDeletedMeanwhileKeepsNoBuildFromChanging() throws Exception {
        Webhook webhook = webhook("default", "build.queued", "build.cancelled");
        BuildDraft before = draft();
        queue.submit(before);
        try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> changes = new ArrayList<>();
            database.run(transaction -> {
                transaction.update("delete from webhooks where id = ?", webhook.id());
                changes.add(others.submit(() -> queue.submit(draft())));
                changes.add(others.submit(() -> queue.cancel(before.id())));
                TestDatabase.awaitLockWaits(database, 2);
            });
            for (Future<?> change : changes) {
                change.get(30, TimeUnit.SECONDS);
            }
        }
        assertThat(messages.pending()).isZero();
    }

    @Test
    void aMessageOfAWebhookThatIsDeletedMeanwhileIsNotThereToBeRepeated() throws Exception {
        Webhook webhook = webhook("default", "build.queued");
        submit(1);
        String id = messages.list(webhook.id(), "", 1).getFirst().id();
        try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Optional<Message>>> repeated = new ArrayList<>();
            database.run(transaction -> {
                transaction.update("delete from webhooks where id = ?", webhook.id());
                repeated.add(others.submit(() -> messages.repeat(webhook.id(), id)));
                TestDatabase.awaitLockWaits(database, 1);
            });
            assertThat(repeated.getFirst().get(30, TimeUnit.SECONDS)).isEmpty();
        }
    }

    /** Who has locked a webhook may lock its messages; so who claims must not hold messages and wait for the webhook. */
    @Test
    void aWebhookThatIsBeingChangedIsPassedBy() {
        Webhook changed = webhook("default", "build.queued");
        Webhook other = webhook("default", "build.queued");
        submit(2);
        messages.claim(8, HOLD).forEach(claim -> messages.postponed(claim, FAILURE, Duration.ZERO, Duration.ZERO));
        webhooks.change("default", changed.id(), webhook -> {
            assertThat(messages.claim(8, HOLD))
                    .isNotEmpty()
                    .extracting(claim -> claim.message().webhookId())
                    .containsOnly(other.id());
            return new WebhookSettings(webhook.url(), webhook.events(), null, false);
        });
        assertThat(messages.claim(8, HOLD)).isEmpty();
        assertThat(events(changed)).hasSize(2);
    }

    @Test
    void whatIsNotedWhileAWebhookIsBeingDisabledIsDropped() {
        Webhook webhook = webhook("default", "build.queued");
        webhooks.change("default", webhook.id(), found -> {
            submit(1); // its trigger still finds the webhook enabled
            return new WebhookSettings(found.url(), found.events(), null, true);
        });
        webhooks.dropIfDisabled(webhook.id());
        assertThat(messages.pending()).as("it is enabled").isEqualTo(1);
        database.run(transaction -> transaction.update("update webhooks set enabled = false"));
        webhooks.dropIfDisabled(webhook.id());
        assertThat(messages.pending()).isZero();
        database.run(transaction ->
                transaction.update("update webhook_messages set state = 'pending', finished_at = null, claim = null"));
        webhooks.change("default", webhook.id(), found -> new WebhookSettings(found.url(), found.events(), null, true));
        assertThat(messages.pending())
                .as("one that is enabled anew begins anew")
                .isZero();
    }

    @Test
    void aPreviousSecretIsForgotten() {
        Webhook webhook = webhook("default", "build.queued");
        assertThat(webhooks.rotate("default", webhook.id(), "new")).isPresent();
        assertThat(webhooks.forgetPreviousSecrets(Duration.ofDays(1), 10)).isZero();
        assertThat(webhooks.find(webhook.id()).orElseThrow().previousSecret()).isEqualTo("sealed");
        assertThat(webhooks.forgetPreviousSecrets(Duration.ofDays(-1), 10)).isEqualTo(1);
        assertThat(webhooks.find(webhook.id()).orElseThrow())
                .extracting(Webhook::secret, Webhook::previousSecret)
                .containsExactly("new", null);
    }

    private void submit(int count) {
        for (int i = 0; i < count; i++) {
            queue.submit(draft());
        }
    }

    private static ClaimedMessage of(Webhook webhook, List<ClaimedMessage> claimed) {
        return claimed.stream()
                .filter(claim -> claim.message().webhookId().equals(webhook.id()))
                .findFirst()
                .orElseThrow();
    }
}
