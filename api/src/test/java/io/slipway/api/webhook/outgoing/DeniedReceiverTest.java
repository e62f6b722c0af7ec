package io.slipway.api.webhook.outgoing;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.NewWebhook;
import io.slipway.db.webhook.WebhookSettings;
import io.slipway.db.webhook.Webhooks;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** By default nothing is sent to this machine, its network, or any that is not the Internet. */
@ExtendWith(ServiceExtension.class)
final class DeniedReceiverTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:9/", "http://localhost/", "http://10.1.2.3/", "https://192.168.1.1/",
                        "http://172.20.0.1/",
                "http://169.254.169.254/latest/", "http://[::1]/", "http://[fd00::1]/", "http://[::ffff:10.0.0.1]/",
                        "http://0/",
                "http://100.64.0.1/"
            })
    void aPrivateAddressIsRefusedWhenItIsNamed(String url, RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        ApiClient.Answer answer = tenant.as(Role.MAINTAINER)
                .postJson("/v1/projects/" + tenant.project() + "/webhooks", "{\"url\": \"" + url + "\"}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("parameter").stringValue()).isEqualTo("url");
        assertThat(answer.json().path("hint").asString("")).contains("slipway.webhooks.denied-networks");
    }

    /** As a name does that was another address when it was given. */
    @Test
    void aPrivateAddressIsRefusedWhenItIsConnectedTo(RunningService service) throws Exception {
        Tenant tenant = Tenant.in(service);
        try (Receiver receiver = new Receiver()) {
            String id = Webhooks.newId(Instant.now());
            SealedWebhooks sealed = service.part(SealedWebhooks.class);
            service.part(Webhooks.class)
                    .add(new NewWebhook(
                            id,
                            tenant.project(),
                            new WebhookSettings(receiver.url(), BuildEventName.ALL, null, true),
                            sealed.seal(id, "whsec_" + "A".repeat(32)),
                            service.url(),
                            "tok_0"));
            tenant.queuedBuild();
            String messages = "/v1/projects/" + tenant.project() + "/webhooks/" + id + "/messages";
            JsonNode attempts = null;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (attempts == null || attempts.isEmpty()) {
                assertThat(System.nanoTime()).isLessThan(end);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                String message = tenant.as(Role.VIEWER)
                        .get(messages)
                        .json()
                        .path("messages")
                        .path(0)
                        .path("id")
                        .asString("");
                attempts = tenant.as(Role.VIEWER)
                        .get(messages + "/" + message)
                        .json()
                        .path("attempts");
            }
            assertThat(attempts.get(0).path("error").stringValue()).contains("where nothing may be sent to");
            assertThat(receiver.nextWithin(Duration.ZERO)).isNull();
        }
    }
}
