package io.slipway.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditional requests (RFC 9110, section 13), at every address that has them. */
@ExtendWith(ServiceExtension.class)
final class EntityTagTest {
    private static final String OTHER = "\"AAAAAAAAAAAAAAAAAAAA\"";

    private final RunningService service;
    private final ApiClient client;

    EntityTagTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
    }

    /** All that is read and is no stream, nor an image. */
    static Stream<Endpoint> reads() {
        return Endpoints.TABLE.stream()
                .filter(endpoint -> endpoint.method().equals("GET"))
                .filter(endpoint -> endpoint.pattern().matches("/v1.*|/openapi\\.yaml|/docs"))
                .filter(endpoint -> !endpoint.pattern().matches(".*/(logs|events|image)|.*/cache-mounts|.*/storage"));
    }

    /** All that changes something that can be read at the same address. */
    static Stream<Endpoint> changes() {
        // The tag of a context is a weak one, which is never matched by If-Match.
        List<String> readable = reads().map(Endpoint::pattern)
                .filter(pattern -> !pattern.equals("/v1/contexts/{id}"))
                .toList();
        return Endpoints.TABLE.stream()
                .filter(endpoint -> List.of("PUT", "PATCH", "DELETE").contains(endpoint.method()))
                .filter(endpoint -> readable.contains(endpoint.pattern()));
    }

    @ParameterizedTest
    @MethodSource("reads")
    void whatIsReadHasATagAndIsNotSentTwice(Endpoint endpoint) throws IOException {
        String target = endpoint.address().of(Tenant.in(service));
        ApiClient.Answer first = client.get(target);
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.header("ETag")).matches("(W/)?\"[A-Za-z0-9_-]{20}\"");
        assertThat(first.header("Cache-Control")).contains("no-cache");
        for (String known : List.of(first.header("ETag"), OTHER + ", " + first.header("ETag"), "*")) {
            ApiClient.Answer again = client.get(target, "If-None-Match", known);
            if (isQuiet(endpoint)) {
                assertThat(again.status()).as(known).isEqualTo(304);
                assertThat(again.response().body()).isEmpty();
                assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
            }
        }
        assertThat(client.get(target, "If-None-Match", OTHER).status()).isEqualTo(200);
    }

    /** Those that other tests change meanwhile, or that the reading itself does, may have another tag by then. */
    private static boolean isQuiet(Endpoint endpoint) {
        return !endpoint.pattern().matches("/v1/(projects|tokens|keys|audit|uploads)|.*/(messages|deliveries)/.*");
    }

    @ParameterizedTest
    @MethodSource("changes")
    void aChangeIsMadeOnlyToWhatTheCallerHasSeen(Endpoint endpoint) throws IOException {
        Tenant tenant = Tenant.in(service);
        String target = endpoint.address().of(tenant);
        if (endpoint.method().equals("PUT") && endpoint.pattern().endsWith("{secret}")) {
            assertThat(change(endpoint, tenant, target).status()).isEqualTo(201);
        }
        ApiClient.Answer seen = client.get(target);
        ApiClient.Answer refused = change(endpoint, tenant, target, "If-Match", OTHER);
        assertThat(refused.status()).as(refused.text()).isEqualTo(412);
        assertThat(refused.json().path("type").stringValue()).isEqualTo("/problems/precondition-failed");
        assertThat(refused.json().path("instance").stringValue()).isEqualTo(target);
        assertThat(refused.json().path("etag").stringValue()).isEqualTo(seen.header("ETag"));
        assertThat(client.get(target).text()).as("nothing was changed").isEqualTo(seen.text());

        ApiClient.Answer made = change(endpoint, tenant, target, "If-Match", OTHER + ", " + seen.header("ETag"));
        assertThat(made.status()).as(made.text()).isIn(200, 201, 204);
        if (endpoint.method().equals("PATCH")) {
            ApiClient.Answer now = client.get(target);
            assertThat(now.header("ETag")).isEqualTo(made.header("ETag")).isNotEqualTo(seen.header("ETag"));
        }
        if (endpoint.method().equals("DELETE")) {
            assertThat(change(endpoint, tenant, target, "If-Match", "*").status())
                    .isEqualTo(404);
        }
    }

    private ApiClient.Answer change(Endpoint endpoint, Tenant tenant, String target, String... headers)
            throws IOException {
        String body = endpoint.body();
        if (body == null) {
            return client.send(endpoint.method(), target, BodyPublishers.noBody(), headers);
        }
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/json"));
        return client.send(
                endpoint.method(),
                target,
                BodyPublishers.ofString(body.replace("PROJECT", tenant.project())),
                all.toArray(String[]::new));
    }

    @Test
    void ofManyWhoHaveSeenTheSameOneChangesIt() throws Exception {
        Tenant tenant = Tenant.in(service);
        String target = "/v1/projects/" + tenant.project();
        String tag = client.get(target).header("ETag");
        List<Callable<Integer>> changes = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String description = "{\"description\": \"by number " + i + "\"}";
            changes.add(() -> client.send("PATCH", target, BodyPublishers.ofString(description), "If-Match", tag)
                    .status());
        }
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> change : threads.invokeAll(changes)) {
                statuses.add(change.get());
            }
        }
        assertThat(statuses).containsOnlyOnce(200).hasSize(16);
        assertThat(statuses).containsOnly(200, 412);
    }

    @Test
    void aWeakTagIsNoneThatAChangeCanBeTiedTo() throws IOException {
        String context = "/v1/contexts/" + Tenant.in(service).context();
        String tag = client.get(context).header("ETag");
        assertThat(tag).startsWith("W/");
        assertThat(client.send("DELETE", context, BodyPublishers.noBody(), "If-Match", tag)
                        .status())
                .isEqualTo(412);
        assertThat(client.send("DELETE", context, BodyPublishers.noBody(), "If-Match", "*")
                        .status())
                .isEqualTo(204);
    }

    @Test
    void aSecretIsMadeOnlyOnce() throws IOException {
        String secret = "/v1/projects/" + Tenant.in(service).project() + "/secrets/once";
        String value = "{\"value\": \"x\"}";
        assertThat(client.send("PUT", secret, BodyPublishers.ofString(value), "If-Match", "*")
                        .status())
                .isEqualTo(412);
        assertThat(client.send("PUT", secret, BodyPublishers.ofString(value), "If-None-Match", "*")
                        .status())
                .isEqualTo(201);
        assertThat(client.send("PUT", secret, BodyPublishers.ofString(value), "If-None-Match", "*")
                        .status())
                .isEqualTo(412);
    }

    @Test
    void whoeverMayNotChangeItLearnsNothingByACondition() throws IOException {
        Tenant tenant = Tenant.in(service);
        Tenant stranger = Tenant.in(service);
        String target = "/v1/projects/" + tenant.project();
        String patch = "{\"description\": \"mine\"}";
        for (String condition : List.of("*", OTHER, client.get(target).header("ETag"))) {
            assertThat(stranger.as(Role.ADMIN)
                            .send("PATCH", target, BodyPublishers.ofString(patch), "If-Match", condition)
                            .json()
                            .path("type")
                            .stringValue())
                    .isEqualTo("/problems/project-not-found");
            assertThat(new ApiClient(service.url(), null)
                            .send("PATCH", target, BodyPublishers.ofString(patch), "If-Match", condition)
                            .status())
                    .isEqualTo(401);
        }
        assertThat(client.get(target).json().has("description")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "\"abc", "W/abc", "\"a\" \"b\"", ",", "\"a\", *"})
    void whatIsNoListOfTagsIsRefused(String condition) throws IOException {
        String target = "/v1/projects/" + Tenant.in(service).project();
        for (ApiClient.Answer answer : List.of(
                client.get(target, "If-None-Match", condition),
                client.send("PATCH", target, BodyPublishers.ofString("{}"), "If-Match", condition))) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/parameter-invalid");
        }
    }

    @Test
    void aConditionThatCanNotBeKeptIsNotPassedOver() throws IOException {
        ApiClient.Answer posted = client.postJson("/v1/projects", "{\"name\": \"conditional\"}", "If-Match", "*");
        assertThat(posted.status()).isEqualTo(400);
        assertThat(posted.json().path("type").stringValue()).isEqualTo("/problems/parameter-invalid");
        assertThat(client.get("/v1/projects/conditional").status()).isEqualTo(404);
    }

    @Test
    void aBuildHasAnotherTagWhenItsStateIsAnother() throws IOException {
        Tenant tenant = Tenant.in(service);
        String build = "/v1/builds/" + tenant.queuedBuild();
        String queued = client.get(build).header("ETag");
        assertThat(queued).startsWith("W/");
        assertThat(client.get(build, "If-None-Match", queued).status()).isEqualTo(304);
        client.post(build + "/cancel", new byte[0]);
        ApiClient.Answer cancelled = client.get(build, "If-None-Match", queued);
        assertThat(cancelled.status()).isEqualTo(200);
        assertThat(cancelled.header("ETag")).isNotEqualTo(queued);
    }
}
