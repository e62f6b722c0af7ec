package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** A trigger, and the git host that delivers to it. */
final class HookSender {
    private final Tenant tenant;
    private final String host;
    private final JsonNode trigger;
    private final ApiClient nobody;

    private HookSender(Tenant tenant, String host, JsonNode trigger, RunningService service) {
        this.tenant = tenant;
        this.host = host;
        this.trigger = trigger;
        this.nobody = new ApiClient(service.url(), null);
    }

    /**
     * Makes a trigger.
     *
     * @param members of its document, beside name and host, in JSON with single quotes
     */
    static HookSender to(Tenant tenant, String host, String members) throws IOException {
        ApiClient.Answer made = tenant.as(Role.MAINTAINER)
                .postJson(
                        "/v1/projects/" + tenant.project() + "/triggers",
                        ("{'name': 'test', 'host': '" + host + "', " + members + "}").replace('\'', '"'));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return new HookSender(tenant, host, made.json(), tenant.service());
    }

    /** The same, delivering to another service on the same database. */
    HookSender at(RunningService other) {
        return new HookSender(tenant, host, trigger, other);
    }

    String id() {
        return trigger.path("id").stringValue();
    }

    String secret() {
        return trigger.path("secret").stringValue();
    }

    /** Where the trigger is. */
    String trigger() {
        return "/v1/projects/" + tenant.project() + "/triggers/" + id();
    }

    /** Where its deliveries are. */
    String deliveries() {
        return trigger() + "/deliveries";
    }

    /** Sends what GitHub would; headers alternate names and values. */
    ApiClient.Answer github(String event, String delivery, byte[] body, String... headers) throws IOException {
        List<String> all = new ArrayList<>(
                List.of("X-GitHub-Event", event, "X-GitHub-Delivery", delivery, "Content-Type", "application/json"));
        all.add("X-Hub-Signature-256");
        all.add("sha256=" + hex(secret(), body));
        Collections.addAll(all, headers);
        return send(body, all.toArray(String[]::new));
    }

    /** Sends what somebody would who signs as Standard Webhooks says. */
    ApiClient.Answer standard(String id, byte[] body) throws IOException {
        List<String> all = new ArrayList<>(List.of("Content-Type", "application/json"));
        all.addAll(standard(secret(), id, body));
        return send(body, all.toArray(String[]::new));
    }

    /** The header fields of somebody who signs as Standard Webhooks says, now. */
    static List<String> standard(String secret, String id, byte[] body) {
        String timestamp = Long.toString(Instant.now().getEpochSecond());
        byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
        byte[] signed = (id + "." + timestamp + "." + new String(body, UTF_8)).getBytes(UTF_8);
        return List.of(
                "webhook-id",
                id,
                "webhook-timestamp",
                timestamp,
                "webhook-signature",
                "v1," + Base64.getEncoder().encodeToString(mac(key, signed)));
    }

    /** Sends anything. */
    ApiClient.Answer send(byte[] body, String... headers) throws IOException {
        return nobody.post("/v1/webhooks/" + host + "/" + id(), body, headers);
    }

    /** The delivery of an answer, once it was decided on. */
    JsonNode decided(ApiClient.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        String path = deliveries() + "/" + answer.json().path("id").stringValue();
        return Awaitility.await("a decision on " + path)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> tenant.as(Role.VIEWER).get(path).json(),
                        delivery -> !delivery.path("state").stringValue().equals("pending"));
    }

    /** A new id of a delivery. */
    static String newId() {
        return UUID.randomUUID().toString();
    }

    static String hex(String secret, byte[] body) {
        return HexFormat.of().formatHex(mac(secret.getBytes(UTF_8), body));
    }

    private static byte[] mac(byte[] key, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The service. */
    RunningService service() {
        return tenant.service();
    }
}
