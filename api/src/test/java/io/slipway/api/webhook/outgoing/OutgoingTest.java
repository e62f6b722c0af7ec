package io.slipway.api.webhook.outgoing;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.NewWebhook;
import io.slipway.db.webhook.WebhookSettings;
import io.slipway.db.webhook.Webhooks;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Webhooks out, with a receiver on this machine, which this service may reach. */
final class OutgoingTest {
    private static RunningService service;

    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start("slipway.webhooks.denied-networks=", "slipway.webhooks.disable-after=4s");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    /** A webhook of a project. */
    private record Hook(Tenant tenant, String path, String secret) {
        static Hook of(Tenant tenant, String json) throws IOException {
            String collection = "/v1/projects/" + tenant.project() + "/webhooks";
            ApiClient.Answer made = tenant.as(Role.MAINTAINER).postJson(collection, json);
            assertThat(made.status()).as(made.text()).isEqualTo(201);
            assertThat(made.header("Cache-Control")).contains("no-store");
            return new Hook(
                    tenant,
                    collection + "/" + made.json().path("id").stringValue(),
                    made.json().path("secret").stringValue());
        }

        static Hook of(Tenant tenant, Receiver receiver) throws IOException {
            return of(tenant, "{\"url\": \"" + receiver.url() + "\"}");
        }

        JsonNode get(String rest) throws IOException {
            ApiClient.Answer answer = tenant.as(Role.VIEWER).get(path + rest);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            return answer.json();
        }

        /** A message, once it is not pending any more or was tried so often. */
        JsonNode message(String id, int attempts) throws IOException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (true) {
                JsonNode message = get("/messages/" + id);
                if (!message.path("state").stringValue().equals("pending")
                        || message.path("attempts").size() >= attempts) {
                    return message;
                }
                assertThat(System.nanoTime()).as(message.toString()).isLessThan(end);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private static String submit(Tenant tenant) throws IOException {
        ApiClient.Answer submitted = tenant.as(Role.BUILDER)
                .post(
                        "/v1/builds?project=" + tenant.project(),
                        Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes());
        assertThat(submitted.status()).as(submitted.text()).isEqualTo(202);
        return submitted.json().path("id").stringValue();
    }

    private static JsonNode cancel(Tenant tenant, String build) throws IOException {
        assertThat(tenant.as(Role.BUILDER)
                        .send("POST", "/v1/builds/" + build + "/cancel", BodyPublishers.noBody())
                        .status())
                .isLessThan(300);
        return tenant.as(Role.VIEWER).get("/v1/builds/" + build).json();
    }

    @Test
    void aProjectIsToldOfItsBuildsAndCanTellWhoHasSentIt() throws Exception {
        Tenant tenant = Tenant.in(service);
        Tenant other = Tenant.in(service);
        try (Receiver receiver = new Receiver();
                Receiver others = new Receiver()) {
            Hook hook = Hook.of(tenant, receiver);
            Hook.of(other, others);
            String build = submit(tenant);
            Receiver.Received queued = receiver.next();
            JsonNode cancelled = cancel(tenant, build);
            Receiver.Received ended = receiver.next();

            queued.assertSignedWith(hook.secret());
            ended.assertSignedWith(hook.secret());
            assertThat(queued.contentType()).isEqualTo("application/json");
            assertThat(queued.type()).isEqualTo("build.queued");
            assertThat(queued.json().path("data").path("id").stringValue()).isEqualTo(build);
            assertThat(ended.type()).isEqualTo("build.cancelled");
            assertThat(ended.json().path("data")).isEqualTo(cancelled);
            assertThat(ended.id()).startsWith("msg_").isNotEqualTo(queued.id());

            JsonNode message = hook.message(ended.id(), 1);
            assertThat(message.path("state").stringValue()).isEqualTo("delivered");
            assertThat(message.path("body")).isEqualTo(ended.json());
            assertThat(message.path("attempts").get(0).path("status").intValue())
                    .isEqualTo(204);
            assertThat(hook.get("/messages").path("messages"))
                    .extracting(each -> each.path("event").stringValue())
                    .containsExactly("build.cancelled", "build.queued");
            assertThat(others.nextWithin(Duration.ofSeconds(1)))
                    .as("another project is told nothing")
                    .isNull();
        }
    }

    @Test
    void onlyEventsThatWereAskedForAreSent() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            Hook.of(tenant, "{\"url\": \"" + receiver.url() + "\", \"events\": [\"build.cancelled\"]}");
            Hook disabled = Hook.of(tenant, "{\"url\": \"" + receiver.url() + "\", \"enabled\": false}");
            cancel(tenant, submit(tenant));
            assertThat(receiver.next().type()).isEqualTo("build.cancelled");
            assertThat(receiver.nextWithin(Duration.ofSeconds(1))).isNull();
            assertThat(disabled.get("/messages").path("messages")).isEmpty();
        }
    }

    @Test
    void whatIsNotTakenIsSentAgainUnderTheSameIdWithTheSameBody() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            Hook hook = Hook.of(tenant, receiver);
            double delivered = service.counted("slipway.webhooks.messages", "delivered");
            double again = service.counted("slipway.webhooks.messages", "again");
            // Longer than the usual pause, so that it is seen while it is pending.
            receiver.answer(500, "the database is away " + "x".repeat(5000), "Retry-After", "8");
            String build = submit(tenant);
            Receiver.Received first = receiver.next();
            JsonNode pending = hook.message(first.id(), 1);
            assertThat(pending.path("state").stringValue()).isEqualTo("pending");
            assertThat(hook.get("").path("failingSince").isMissingNode()).isFalse();
            cancel(tenant, build);
            Receiver.Received second = receiver.next();
            Receiver.Received third = receiver.next();
            Receiver.Received repeated = second.id().equals(first.id()) ? second : third;
            assertThat(repeated.id()).isEqualTo(first.id());
            assertThat(repeated.body()).isEqualTo(first.body());
            assertThat(repeated.timestamp()).isGreaterThan(first.timestamp());
            repeated.assertSignedWith(hook.secret());
            JsonNode taken = hook.message(first.id(), 2);
            assertThat(taken.path("attemptCount").intValue()).isEqualTo(2);
            JsonNode failure = taken.path("attempts").get(0);
            assertThat(failure.path("status").intValue()).isEqualTo(500);
            assertThat(failure.path("response").stringValue())
                    .startsWith("the database is away ")
                    .hasSize(1024);
            assertThat(failure.path("error").stringValue()).contains("500");
            assertThat(hook.get("").path("failingSince").isMissingNode()).isTrue();
            Awaitility.await("they are counted")
                    .until(() -> service.counted("slipway.webhooks.messages", "delivered") > delivered
                            && service.counted("slipway.webhooks.messages", "again") > again);
        }
    }

    @Test
    void aReceiverThatIsAwayGetsItWhenItIsBack() throws Exception {
        Tenant tenant = Tenant.in(service);
        Receiver away = new Receiver();
        int port = away.port();
        Hook hook = Hook.of(tenant, away);
        away.close();
        String build = submit(tenant);
        String id = "";
        while (id.isEmpty()) {
            id = hook.get("/messages").path("messages").path(0).path("id").asString("");
        }
        JsonNode message = hook.message(id, 1);
        assertThat(message.path("attempts").get(0).path("error").stringValue()).contains("could not be asked");
        assertThat(message.path("attempts").get(0).path("status").isMissingNode())
                .isTrue();
        try (Receiver back = new Receiver(port)) {
            Receiver.Received received = back.next();
            assertThat(received.id()).isEqualTo(id);
            assertThat(received.json().path("data").path("id").stringValue()).isEqualTo(build);
        }
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver();
                Receiver elsewhere = new Receiver()) {
            Hook hook = Hook.of(tenant, receiver);
            receiver.answer(307, "", "Location", elsewhere.url());
            submit(tenant);
            String id = receiver.next().id();
            assertThat(hook.message(id, 1).path("attempts").get(0).path("error").stringValue())
                    .contains("redirects are not followed");
            assertThat(receiver.next().id()).isEqualTo(id);
            assertThat(elsewhere.nextWithin(Duration.ZERO)).isNull();
        }
    }

    @Test
    void aSecretThatIsReplacedSignsForADayMore() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            Hook hook = Hook.of(tenant, receiver);
            ApiClient.Answer rotated =
                    tenant.as(Role.MAINTAINER).send("POST", hook.path() + "/secret", BodyPublishers.noBody());
            String secret = rotated.json().path("secret").stringValue();
            assertThat(secret).isNotEqualTo(hook.secret());
            assertThat(rotated.json().path("previousSecretUsed").booleanValue()).isTrue();
            submit(tenant);
            receiver.next().assertSignedWith(secret, hook.secret());
            assertThat(hook.get("").has("secret")).isFalse();

            String id = hook.path().substring(hook.path().lastIndexOf('/') + 1);
            service.part(Database.class).run(transaction -> transaction.update("""
                    update webhooks set secret_created_at = secret_created_at - interval '1 day' where id = ?
                    """, id));
            service.part(PreviousSecretSweeper.class).sweep();
            assertThat(service.part(Webhooks.class).find(id).orElseThrow().previousSecret())
                    .isNull();
            submit(tenant);
            receiver.next().assertSignedWith(secret);
        }
    }

    @Test
    void aMessageIsSentOnceMoreOnDemand() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            Hook hook = Hook.of(tenant, receiver);
            submit(tenant);
            Receiver.Received first = receiver.next();
            hook.message(first.id(), 1);
            ApiClient.Answer again = tenant.as(Role.BUILDER)
                    .send("POST", hook.path() + "/messages/" + first.id() + "/redeliver", BodyPublishers.noBody());
            assertThat(again.status()).isEqualTo(202);
            Receiver.Received second = receiver.next();
            assertThat(second.id()).isEqualTo(again.json().path("id").stringValue());
            assertThat(second.body()).isEqualTo(first.body());
            assertThat(again.json().path("redeliveryOf").stringValue()).isEqualTo(first.id());
        }
    }

    @Test
    void aReceiverThatHasFailedForLongIsLeftAloneUntilSomebodyEnablesItAgain() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            Hook hook = Hook.of(tenant, receiver);
            for (int i = 0; i < 5; i++) {
                receiver.answer(503, "");
            }
            submit(tenant);
            String id = receiver.next().id();
            assertThat(hook.message(id, 9).path("state").stringValue()).isEqualTo("failed");
            JsonNode disabled = hook.get("");
            assertThat(disabled.path("enabled").booleanValue()).isFalse();
            assertThat(disabled.path("disabledReason").stringValue()).contains("503");
            ApiClient maintainer = tenant.as(Role.MAINTAINER);
            String repeat = hook.path() + "/messages/" + id + "/redeliver";
            assertThat(maintainer.send("POST", repeat, BodyPublishers.noBody()).status())
                    .isEqualTo(409);
            ApiClient.Answer enabled = maintainer.send(
                    "PATCH",
                    hook.path(),
                    BodyPublishers.ofString("{\"enabled\": true}"),
                    "Content-Type",
                    "application/json");
            assertThat(enabled.json().has("disabledReason")).isFalse();
            assertThat(enabled.json().has("failingSince")).isFalse();
            assertThat(maintainer.send("POST", repeat, BodyPublishers.noBody()).status())
                    .isEqualTo(202);
        }
    }

    /** A lost key, and what nobody has foreseen: there is an end to both. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            unknown key   | it can't be signed: the secret is encrypted with a key that the service does not have
            another owner | something went wrong inside Slipway; its log says more
            """)
    void whatSlipwayItselfCantSendIsNotTriedForEver(String fault, String error) throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            Hook hook = brokenHook(tenant, receiver, fault);
            String build = submit(tenant);
            String first = "";
            while (first.isEmpty()) {
                first = hook.get("/messages")
                        .path("messages")
                        .path(0)
                        .path("id")
                        .asString("");
            }
            assertThat(hook.message(first, 1)
                            .path("attempts")
                            .get(0)
                            .path("error")
                            .stringValue())
                    .isEqualTo(error);

            String old = aged(hook, build, Duration.ofDays(2));
            JsonNode failed = hook.message(old, 9);
            assertThat(failed.path("state").stringValue()).isEqualTo("failed");
            assertThat(failed.path("attempts")).hasSize(1);

            assertThat(hook.message(first, 9).path("state").stringValue()).isEqualTo("failed");
            assertThat(hook.get("").path("disabledReason").asString("")).contains(error);
            assertThat(receiver.nextWithin(Duration.ZERO)).isNull();
        }
    }

    /** A webhook whose secret can't be decrypted. */
    private static Hook brokenHook(Tenant tenant, Receiver receiver, String fault) {
        String id = Webhooks.newId(Instant.now());
        String secret = "whsec_" + "A".repeat(32);
        byte[] sealed = Base64.getDecoder()
                .decode(service.part(SealedWebhooks.class)
                        .seal(fault.equals("another owner") ? "whk_other" : id, secret));
        if (fault.equals("unknown key")) {
            sealed[1] ^= 1; // the first byte of the key's id
        }
        service.part(Webhooks.class)
                .add(new NewWebhook(
                        id,
                        tenant.project(),
                        new WebhookSettings(receiver.url(), BuildEventName.ALL, null, true),
                        Base64.getEncoder().encodeToString(sealed),
                        service.url(),
                        "tok_0"));
        return new Hook(tenant, "/v1/projects/" + tenant.project() + "/webhooks/" + id, secret);
    }

    /** Notes a message that is so old already. */
    private static String aged(Hook hook, String build, Duration age) {
        return service.part(Database.class)
                .inTransaction(transaction -> transaction
                        .first(
                                """
                        insert into webhook_messages (id, webhook_id, event, build_id, happened_at, created_at)
                        select new_webhook_message_id(), ?, 'build.queued', ?, at, at
                        from (select clock_timestamp() - ? * interval '1 millisecond' as at) long_ago
                        returning id
                        """,
                                row -> row.text("id"),
                                hook.path().substring(hook.path().lastIndexOf('/') + 1),
                                build,
                                age.toMillis())
                        .orElseThrow());
    }

    /** A message can be noted while its webhook is being disabled. */
    @Test
    void aWebhookThatIsDisabledIsNotSentWhatIsNotedYet() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            String build = submit(tenant);
            Hook hook = Hook.of(tenant, "{\"url\": \"" + receiver.url() + "\", \"enabled\": false}");
            String id = aged(hook, build, Duration.ZERO);
            JsonNode message = hook.message(id, 1);
            assertThat(message.path("state").stringValue()).isEqualTo("failed");
            assertThat(message.path("attempts")).isEmpty();
            assertThat(receiver.nextWithin(Duration.ZERO)).isNull();
        }
    }

    @Test
    void aReceiverThatHasGoneIsLeftAloneAtOnce() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            Hook hook = Hook.of(tenant, receiver);
            receiver.answer(410, "");
            submit(tenant);
            assertThat(hook.message(receiver.next().id(), 9).path("state").stringValue())
                    .isEqualTo("failed");
            Awaitility.await("it is disabled")
                    .untilAsserted(
                            () -> assertThat(hook.get("").path("disabledReason").asString(""))
                                    .contains("410"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            url         | {}
            url         | {"url": "ftp://receiver.invalid/"}
            url         | {"url": "receiver"}
            url         | {"url": "https://user:password@receiver.invalid/"}
            url         | {"url": "https://receiver.invalid/#fragment"}
            events      | {"url": "https://receiver.invalid/", "events": []}
            events      | {"url": "https://receiver.invalid/", "events": ["build.succeded"]}
            events      | {"url": "https://receiver.invalid/", "events": ["build.failed", "build.failed"]}
            events      | {"url": "https://receiver.invalid/", "events": "build.failed"}
            enabled     | {"url": "https://receiver.invalid/", "enabled": "yes"}
            description | {"url": "https://receiver.invalid/", "description": ""}
            secret      | {"url": "https://receiver.invalid/", "secret": "mine"}
            """)
    void whatIsNotUnderstoodIsRefused(String field, String json) throws IOException {
        Tenant tenant = Tenant.in(service);
        ApiClient.Answer answer =
                tenant.as(Role.MAINTAINER).postJson("/v1/projects/" + tenant.project() + "/webhooks", json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("parameter").stringValue()).isEqualTo(field);
    }

    @Test
    void aDeletedWebhookIsToldNothingMore() throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            Hook hook = Hook.of(tenant, receiver);
            assertThat(tenant.as(Role.MAINTAINER)
                            .send("DELETE", hook.path(), BodyPublishers.noBody())
                            .status())
                    .isEqualTo(204);
            submit(tenant);
            assertThat(receiver.nextWithin(Duration.ofSeconds(1))).isNull();
            assertThat(tenant.as(Role.VIEWER).get(hook.path()).status()).isEqualTo(404);
        }
    }
}
