package io.slipway.api.access;

import static io.slipway.db.access.Role.ADMIN;
import static io.slipway.db.access.Role.BUILDER;
import static io.slipway.db.access.Role.MAINTAINER;
import static io.slipway.db.access.Role.VIEWER;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.SucceededBuild;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.Deliveries;
import io.slipway.db.webhook.NewDelivery;
import io.slipway.db.webhook.SameBody;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Every address that the service has, what it needs, and how something is made that it can be asked for. */
final class Endpoints {
    static final List<Endpoint> TABLE = List.of(
            Endpoint.open("GET", "/openapi.yaml"),
            Endpoint.open("GET", "/docs"),
            Endpoint.open("GET", "/problems/{slug}"),
            Endpoint.open("GET", "/actuator/health"),
            Endpoint.open("GET", "/actuator/health/**").at(_ -> "/actuator/health/liveness"),
            Endpoint.token("GET", "/actuator/prometheus"),
            Endpoint.worker("/internal/v1/claim"),
            Endpoint.worker("/internal/v1/builds/{id}/events"),
            Endpoint.token("GET", "/v1"),
            Endpoint.token("GET", "/v1/caller"),
            Endpoint.token("GET", "/v2"),
            Endpoint.token("GET", "/v2/"),
            Endpoint.token("*", "/v2/**").at(_ -> "/v2/_catalog"),
            // Builds
            Endpoint.project("POST", "/v1/builds", BUILDER, tenant -> "/v1/builds?project=" + tenant.project()),
            Endpoint.project("GET", "/v1/builds", VIEWER, tenant -> "/v1/builds?project=" + tenant.project()),
            build("GET", "", VIEWER),
            Endpoint.project(
                    "GET",
                    "/builds/{id}",
                    VIEWER,
                    tenant -> "/builds/" + tenant.succeededBuild().id()),
            build("GET", "/steps", VIEWER),
            build("GET", "/logs", VIEWER),
            build("GET", "/events", VIEWER),
            build("GET", "/image", VIEWER),
            build("POST", "/cancel", BUILDER)
                    .at(tenant -> "/v1/builds/" + tenant.queuedBuild() + "/cancel")
                    .json(""),
            build("POST", "/retry", BUILDER).json(""),
            Endpoint.somewhere("POST", "/v1/dockerfiles/check", BUILDER),
            // Images
            Endpoint.project(
                    "GET",
                    "/v2/{project}/{build}/manifests/{reference}",
                    VIEWER,
                    tenant -> image(tenant) + "/manifests/latest"),
            Endpoint.project("GET", "/v2/{project}/{build}/blobs/{digest}", VIEWER, tenant -> {
                SucceededBuild build = tenant.succeededBuild();
                return "/v2/" + tenant.project() + "/" + build.id() + "/blobs/"
                        + build.layer().digest();
            }),
            Endpoint.project("GET", "/v2/{project}/{build}/tags/list", VIEWER, tenant -> image(tenant) + "/tags/list"),
            // Contexts
            Endpoint.project("POST", "/v1/contexts", BUILDER, _ -> "/v1/contexts")
                    .json("{\"project\": \"PROJECT\", \"entries\": []}"),
            Endpoint.project("GET", "/v1/contexts/{id}", VIEWER, Endpoints::context),
            Endpoint.project("DELETE", "/v1/contexts/{id}", BUILDER, Endpoints::context),
            Endpoint.project("PUT", "/v1/contexts/{id}/files", BUILDER, tenant -> context(tenant) + "/files"),
            Endpoint.project("GET", "/v1/uploads", VIEWER, tenant -> "/v1/uploads?project=" + tenant.project()),
            // The store
            Endpoint.project(
                    "GET", "/v1/cache-mounts", VIEWER, tenant -> "/v1/cache-mounts?project=" + tenant.project()),
            Endpoint.somewhere("DELETE", "/v1/cache-mounts/{id}", MAINTAINER),
            Endpoint.everywhere("GET", "/v1/storage", VIEWER),
            Endpoint.everywhere("POST", "/v1/storage/collect", ADMIN).json(""),
            // Projects, and who may do what in them
            Endpoint.token("GET", "/v1/projects"),
            Endpoint.everywhere("POST", "/v1/projects", ADMIN).json("{\"name\": \"made-by-PROJECT\"}"),
            project("GET", VIEWER),
            project("PATCH", ADMIN).json("{\"description\": \"x\"}"),
            Endpoint.everywhere("DELETE", "/v1/projects/{name}", ADMIN)
                    .at(tenant -> "/v1/projects/" + tenant.project()),
            Endpoint.project("GET", "/v1/projects/{name}/tokens", ADMIN, Endpoints::tokens),
            Endpoint.project("POST", "/v1/projects/{name}/tokens", ADMIN, Endpoints::tokens)
                    .json("{\"name\": \"x\", \"role\": \"viewer\"}"),
            Endpoint.project("GET", "/v1/projects/{name}/tokens/{id}", ADMIN, Endpoints::token),
            Endpoint.project("DELETE", "/v1/projects/{name}/tokens/{id}", ADMIN, Endpoints::token),
            Endpoint.everywhere("GET", "/v1/tokens", ADMIN),
            Endpoint.everywhere("POST", "/v1/tokens", ADMIN).json("{\"name\": \"x\", \"role\": \"viewer\"}"),
            Endpoint.everywhere("GET", "/v1/tokens/{id}", ADMIN).at(Endpoints::tokenOfAll),
            Endpoint.everywhere("DELETE", "/v1/tokens/{id}", ADMIN).at(Endpoints::tokenOfAll),
            Endpoint.project("GET", "/v1/projects/{name}/identities", ADMIN, Endpoints::identities),
            Endpoint.project("POST", "/v1/projects/{name}/identities", ADMIN, Endpoints::identities)
                    .json(Identities.JSON),
            Endpoint.project("GET", "/v1/projects/{name}/identities/{id}", ADMIN, Endpoints::identity),
            Endpoint.project("DELETE", "/v1/projects/{name}/identities/{id}", ADMIN, Endpoints::identity),
            Endpoint.project(
                    "GET",
                    "/v1/projects/{name}/policy",
                    VIEWER,
                    tenant -> "/v1/projects/" + tenant.project() + "/policy"),
            Endpoint.everywhere("PUT", "/v1/projects/{name}/policy", ADMIN)
                    .at(tenant -> "/v1/projects/" + tenant.project() + "/policy")
                    .json("{}"),
            // Secrets, and the keys that they are encrypted with
            Endpoint.project("GET", "/v1/projects/{name}/secrets", VIEWER, Endpoints::secrets),
            Endpoint.project(
                            "PUT",
                            "/v1/projects/{name}/secrets/{secret}",
                            MAINTAINER,
                            tenant -> secrets(tenant) + "/token")
                    .json("{\"value\": \"x\"}"),
            Endpoint.project("GET", "/v1/projects/{name}/secrets/{secret}", VIEWER, Endpoints::secret),
            Endpoint.project("DELETE", "/v1/projects/{name}/secrets/{secret}", MAINTAINER, Endpoints::secret),
            Endpoint.project(
                    "GET", "/v1/projects/{name}/secrets/{secret}/uses", VIEWER, tenant -> secret(tenant) + "/uses"),
            Endpoint.project("GET", "/v1/projects/{name}/registry-credentials", VIEWER, Endpoints::credentials),
            Endpoint.project("PUT", "/v1/projects/{name}/registry-credentials", MAINTAINER, Endpoints::credentials)
                    .json(RegistryCredentials.JSON),
            Endpoint.project("GET", "/v1/projects/{name}/registry-credentials/{id}", VIEWER, Endpoints::credential),
            Endpoint.project(
                    "DELETE", "/v1/projects/{name}/registry-credentials/{id}", MAINTAINER, Endpoints::credential),
            Endpoint.project(
                    "GET", "/v1/projects/{name}/audit", ADMIN, tenant -> "/v1/projects/" + tenant.project() + "/audit"),
            Endpoint.everywhere("GET", "/v1/audit", ADMIN),
            Endpoint.everywhere("GET", "/v1/keys", ADMIN),
            Endpoint.everywhere("POST", "/v1/keys/reseal", ADMIN).json(""),
            // Triggers, and what is delivered to them
            Endpoint.signed("POST", "/v1/webhooks/{host}/{trigger}", "/v1/webhooks/github/none"),
            Endpoint.project("GET", "/v1/projects/{name}/triggers", VIEWER, Endpoints::triggers),
            Endpoint.project("POST", "/v1/projects/{name}/triggers", MAINTAINER, Endpoints::triggers)
                    .json(Triggers.JSON),
            Endpoint.project("GET", "/v1/projects/{name}/triggers/{id}", VIEWER, Endpoints::trigger),
            Endpoint.project("PATCH", "/v1/projects/{name}/triggers/{id}", MAINTAINER, Endpoints::trigger)
                    .json("{\"enabled\": false}"),
            Endpoint.project("DELETE", "/v1/projects/{name}/triggers/{id}", MAINTAINER, Endpoints::trigger),
            Endpoint.project(
                            "POST",
                            "/v1/projects/{name}/triggers/{id}/secret",
                            MAINTAINER,
                            tenant -> trigger(tenant) + "/secret")
                    .json("{}"),
            Endpoint.project(
                    "DELETE",
                    "/v1/projects/{name}/triggers/{id}/secret/previous",
                    MAINTAINER,
                    Endpoints::previousSecret),
            Endpoint.project(
                    "GET",
                    "/v1/projects/{name}/triggers/{id}/deliveries",
                    VIEWER,
                    tenant -> trigger(tenant) + "/deliveries"),
            Endpoint.project(
                    "GET", "/v1/projects/{name}/triggers/{id}/deliveries/{delivery}", VIEWER, Endpoints::delivery),
            Endpoint.project(
                            "POST",
                            "/v1/projects/{name}/triggers/{id}/deliveries/{delivery}/redeliver",
                            BUILDER,
                            tenant -> delivery(tenant) + "/redeliver")
                    .json(""),
            // Bases that are watched, and registries that tell of them
            Endpoint.signed("POST", "/v1/webhooks/registry/{hook}", "/v1/webhooks/registry/none"),
            Endpoint.project(
                    "GET",
                    "/v1/projects/{name}/bases",
                    VIEWER,
                    tenant -> "/v1/projects/" + tenant.project() + "/bases"),
            Endpoint.project("GET", "/v1/projects/{name}/registry-hooks", VIEWER, Endpoints::registryHooks),
            Endpoint.project("POST", "/v1/projects/{name}/registry-hooks", MAINTAINER, Endpoints::registryHooks)
                    .json("{\"name\": \"x\"}"),
            Endpoint.project("GET", "/v1/projects/{name}/registry-hooks/{id}", VIEWER, Endpoints::registryHook),
            Endpoint.project("DELETE", "/v1/projects/{name}/registry-hooks/{id}", MAINTAINER, Endpoints::registryHook),
            // Webhooks, and what is said to them
            Endpoint.project("GET", "/v1/projects/{name}/webhooks", VIEWER, Endpoints::webhooks),
            Endpoint.project("POST", "/v1/projects/{name}/webhooks", MAINTAINER, Endpoints::webhooks)
                    .json(Hooks.JSON),
            Endpoint.project("GET", "/v1/projects/{name}/webhooks/{id}", VIEWER, Endpoints::webhook),
            Endpoint.project("PATCH", "/v1/projects/{name}/webhooks/{id}", MAINTAINER, Endpoints::webhook)
                    .json("{\"events\": [\"build.failed\"]}"),
            Endpoint.project("DELETE", "/v1/projects/{name}/webhooks/{id}", MAINTAINER, Endpoints::webhook),
            Endpoint.project(
                            "POST",
                            "/v1/projects/{name}/webhooks/{id}/secret",
                            MAINTAINER,
                            tenant -> webhook(tenant) + "/secret")
                    .json(""),
            Endpoint.project(
                    "GET",
                    "/v1/projects/{name}/webhooks/{id}/messages",
                    VIEWER,
                    tenant -> webhook(tenant) + "/messages"),
            Endpoint.project("GET", "/v1/projects/{name}/webhooks/{id}/messages/{message}", VIEWER, Endpoints::message),
            Endpoint.project(
                            "POST",
                            "/v1/projects/{name}/webhooks/{id}/messages/{message}/redeliver",
                            BUILDER,
                            tenant -> message(tenant) + "/redeliver")
                    .json(""));

    private Endpoints() {}

    private static final class RegistryCredentials {
        static final String JSON = "{\"host\": \"registry.invalid\", \"username\": \"u\", \"password\": \"p\"}";
    }

    private static final class Hooks {
        static final String JSON = "{\"url\": \"https://receiver.invalid/\"}";
    }

    private static final class Triggers {
        static final String JSON = """
                {"name": "app", "host": "github", "repository": {"url": "https://git.invalid/org/app.git"}}
                """;
    }

    private static final class Identities {
        static final String JSON = """
                {"name": "ci", "role": "viewer", "issuer": "https://issuer.invalid", "audience": "slipway",
                 "claims": {"repository": "org/app"}}
                """;
    }

    private static Endpoint build(String method, String rest, Role role) {
        return Endpoint.project(
                method,
                "/v1/builds/{id}" + rest,
                role,
                tenant -> "/v1/builds/" + tenant.succeededBuild().id() + rest);
    }

    private static Endpoint project(String method, Role role) {
        return Endpoint.project(method, "/v1/projects/{name}", role, tenant -> "/v1/projects/" + tenant.project());
    }

    private static String image(Tenant tenant) throws IOException {
        return "/v2/" + tenant.project() + "/" + tenant.succeededBuild().id();
    }

    private static String context(Tenant tenant) throws IOException {
        return "/v1/contexts/" + tenant.context();
    }

    private static String tokens(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/tokens";
    }

    private static String token(Tenant tenant) throws IOException {
        return made(tenant, tokens(tenant), "{\"name\": \"x\", \"role\": \"viewer\"}");
    }

    private static String tokenOfAll(Tenant tenant) throws IOException {
        return made(tenant, "/v1/tokens", "{\"name\": \"x\", \"role\": \"viewer\"}");
    }

    private static String identities(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/identities";
    }

    private static String identity(Tenant tenant) throws IOException {
        return made(tenant, identities(tenant), Identities.JSON);
    }

    private static String secrets(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/secrets";
    }

    private static String secret(Tenant tenant) throws IOException {
        String secret = secrets(tenant) + "/npmrc";
        ApiClient.Answer answer = tenant.service().client().putJson(secret, "{\"value\": \"x\"}");
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
        return secret;
    }

    private static String registryHooks(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/registry-hooks";
    }

    private static String registryHook(Tenant tenant) throws IOException {
        return made(tenant, registryHooks(tenant), "{\"name\": \"x\"}");
    }

    private static String credentials(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/registry-credentials";
    }

    private static String credential(Tenant tenant) throws IOException {
        ApiClient.Answer answer = tenant.service().client().putJson(credentials(tenant), RegistryCredentials.JSON);
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
        return credentials(tenant) + "/" + answer.json().path("id").stringValue();
    }

    private static String triggers(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/triggers";
    }

    private static String trigger(Tenant tenant) throws IOException {
        return made(tenant, triggers(tenant), Triggers.JSON);
    }

    private static String previousSecret(Tenant tenant) throws IOException {
        String trigger = trigger(tenant);
        assertThat(tenant.service().client().postJson(trigger + "/secret", "{}").status())
                .isEqualTo(200);
        return trigger + "/secret/previous";
    }

    private static String delivery(Tenant tenant) throws IOException {
        String trigger = trigger(tenant);
        String id = Deliveries.newId(Instant.now());
        tenant.service()
                .part(Deliveries.class)
                .store(new NewDelivery(
                        id,
                        trigger.substring(trigger.lastIndexOf('/') + 1),
                        id,
                        new byte[32],
                        SameBody.ANOTHER,
                        "ping",
                        "{}",
                        "{}".getBytes(StandardCharsets.UTF_8),
                        tenant.service().url()));
        return trigger + "/deliveries/" + id;
    }

    private static String webhooks(Tenant tenant) {
        return "/v1/projects/" + tenant.project() + "/webhooks";
    }

    private static String webhook(Tenant tenant) throws IOException {
        return made(tenant, webhooks(tenant), Hooks.JSON);
    }

    private static String message(Tenant tenant) throws IOException {
        String messages = webhook(tenant) + "/messages";
        tenant.queuedBuild();
        return messages + "/"
                + tenant.service()
                        .client()
                        .get(messages)
                        .json()
                        .path("messages")
                        .path(0)
                        .path("id")
                        .stringValue();
    }

    private static String made(Tenant tenant, String collection, String json) throws IOException {
        ApiClient.Answer answer = tenant.service().client().postJson(collection, json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return collection + "/" + answer.json().path("id").stringValue();
    }
}
