package io.slipway.api.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.SucceededBuild;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Two projects whose administrators try to get at each other's everything. */
@ExtendWith(ServiceExtension.class)
final class TenantsTest {
    private static final String NOBODYS_BUILD = "bld_00000000000000000000000000";

    @Test
    void whatIsAnothersLooksLikeWhatDoesNotExist(RunningService service) throws IOException {
        Tenant owner = Tenant.in(service);
        ApiClient stranger = Tenant.in(service).as(Role.ADMIN);
        SucceededBuild build = owner.succeededBuild();
        for (String rest :
                List.of("", "?wait=1s", "/steps", "/logs", "/logs?follow=true", "/image", "/image?format=rootfs")) {
            same(
                    stranger.get("/v1/builds/" + build.id() + rest),
                    stranger.get("/v1/builds/" + NOBODYS_BUILD + rest),
                    build.id().value(),
                    NOBODYS_BUILD);
        }
        String queued = owner.queuedBuild();
        same(
                stranger.post("/v1/builds/" + queued + "/cancel", new byte[0]),
                stranger.post("/v1/builds/" + NOBODYS_BUILD + "/cancel", new byte[0]),
                queued,
                NOBODYS_BUILD);
        assertThat(owner.as(Role.VIEWER)
                        .get("/v1/builds/" + queued)
                        .json()
                        .path("state")
                        .stringValue())
                .isEqualTo("queued");
        String digest = build.layer().digest().toString();
        for (String rest : List.of(
                "/manifests/latest", "/manifests/" + build.manifest().digest(), "/blobs/" + digest, "/tags/list")) {
            same(
                    stranger.get("/v2/" + owner.project() + "/" + build.id() + rest),
                    stranger.get("/v2/nobodys/" + build.id() + rest),
                    owner.project(),
                    "nobodys");
        }
        for (String path : List.of(
                "",
                "/tokens",
                "/identities",
                "/tokens/tok_1",
                "/identities/idn_1",
                "/secrets",
                "/secrets/npmrc",
                "/secrets/npmrc/uses",
                "/policy",
                "/registry-credentials",
                "/registry-credentials/crd_1")) {
            same(
                    stranger.get("/v1/projects/" + owner.project() + path),
                    stranger.get("/v1/projects/nobodys" + path),
                    owner.project(),
                    "nobodys");
        }
        same(
                stranger.get("/v1/builds?project=" + owner.project()),
                stranger.get("/v1/builds?project=nobodys"),
                owner.project(),
                "nobodys");
        same(
                stranger.post("/v1/builds?project=" + owner.project(), dockerfile()),
                stranger.post("/v1/builds?project=nobodys", dockerfile()),
                owner.project(),
                "nobodys");
    }

    @Test
    void dockerfilesAreNotCheckedInAnothersName(RunningService service) throws IOException {
        Tenant owner = Tenant.in(service);
        ApiClient stranger = Tenant.in(service).as(Role.ADMIN);
        byte[] dockerfile = "FROM scratch\n".getBytes(UTF_8);
        same(
                stranger.post("/v1/dockerfiles/check?project=" + owner.project(), dockerfile),
                stranger.post("/v1/dockerfiles/check?project=nobodys", dockerfile),
                owner.project(),
                "nobodys");
        assertThat(owner.as(Role.BUILDER)
                        .post("/v1/dockerfiles/check?project=" + owner.project(), dockerfile)
                        .status())
                .isEqualTo(200);
        assertThat(owner.as(Role.BUILDER)
                        .postJson(
                                "/v1/dockerfiles/check", "{\"dockerfile\": \"FROM scratch\", \"project\": \"nobodys\"}")
                        .status())
                .isEqualTo(404);
    }

    /** The answers are the same but for the name that was asked for. */
    private static void same(ApiClient.Answer foreign, ApiClient.Answer missing, String name, String other) {
        assertThat(foreign.status()).as(foreign.text()).isEqualTo(404);
        assertThat(missing.status()).isEqualTo(404);
        assertThat(foreign.text()).isEqualTo(missing.text().replace(other, name));
        assertThat(headers(foreign)).isEqualTo(headers(missing));
    }

    /** Names of headers, without what is the connection's. */
    private static Set<String> headers(ApiClient.Answer answer) {
        Set<String> names = new TreeSet<>(answer.response().headers().map().keySet());
        names.remove("connection");
        return names;
    }

    private static byte[] dockerfile() {
        return Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes();
    }

    @Test
    void listsHaveOnesOwnOnly(RunningService service) throws IOException {
        Tenant one = Tenant.in(service);
        Tenant other = Tenant.in(service);
        one.queuedBuild();
        String own = other.queuedBuild();
        JsonNode builds = other.as(Role.VIEWER).get("/v1/builds").json().path("builds");
        assertThat(builds.size()).isEqualTo(1);
        assertThat(builds.path(0).path("id").stringValue()).isEqualTo(own);
        JsonNode projects = other.as(Role.VIEWER).get("/v1/projects").json().path("projects");
        assertThat(projects.size()).isEqualTo(1);
        assertThat(projects.path(0).path("name").stringValue()).isEqualTo(other.project());
        JsonNode tokens = other.as(Role.ADMIN)
                .get("/v1/projects/" + other.project() + "/tokens")
                .json()
                .path("tokens");
        assertThat(tokens.size()).isEqualTo(Role.values().length);
        assertThat(tokens)
                .allSatisfy(
                        token -> assertThat(token.path("project").stringValue()).isEqualTo(other.project()));
    }

    @Test
    void anImageIsPulledByThoseWhoSeeItsProjectOnly(RunningService service) throws IOException {
        Tenant owner = Tenant.in(service);
        Tenant stranger = Tenant.in(service);
        SucceededBuild build = owner.succeededBuild();
        String blob = "/v2/" + owner.project() + "/" + build.id() + "/blobs/"
                + build.layer().digest();
        String token = Tenant.token(service.client(), owner.project(), Role.VIEWER);
        String strange = Tenant.token(service.client(), stranger.project(), Role.ADMIN);
        ApiClient docker = new ApiClient(service.url(), null);
        assertThat(docker.get(blob, "Authorization", basic(token)).status()).isEqualTo(200);
        assertThat(docker.get(blob, "Authorization", basic(strange)).status()).isEqualTo(404);
        assertThat(docker.get(blob, "Authorization", basic("wrong")).status()).isEqualTo(401);
        // The same content under one's own name is not there either: a digest is no key to it.
        SucceededBuild own = stranger.succeededBuild();
        assertThat(docker.get(
                                "/v2/" + stranger.project() + "/" + own.id() + "/blobs/"
                                        + build.layer().digest(),
                                "Authorization",
                                basic(strange))
                        .status())
                .isEqualTo(404);
        assertThat(docker.get(
                                "/v2/" + stranger.project() + "/" + build.id() + "/blobs/"
                                        + build.layer().digest(),
                                "Authorization",
                                basic(strange))
                        .status())
                .isEqualTo(404);
    }

    private static String basic(String token) {
        return "Basic " + Base64.getEncoder().encodeToString(("any:" + token).getBytes(UTF_8));
    }

    @Test
    void contextsAndImagesOfOthersCanNotBeBuiltWith(RunningService service) throws IOException {
        Tenant owner = Tenant.in(service);
        Tenant stranger = Tenant.in(service);
        String context = owner.context();
        ApiClient client = stranger.as(Role.BUILDER);
        assertThat(client.get("/v1/contexts/" + context).status()).isEqualTo(404);
        assertThat(client.send("DELETE", "/v1/contexts/" + context, BodyPublishers.noBody())
                        .status())
                .isEqualTo(404);
        assertThat(client.send(
                                "PUT",
                                "/v1/contexts/" + context + "/files",
                                BodyPublishers.ofByteArray(new Tars().bytes()))
                        .status())
                .isEqualTo(404);
        String json = "{\"project\": \"%s\", \"context\": \"%s\"}";
        ApiClient.Answer used = client.postJson("/v1/builds", json.formatted(stranger.project(), context));
        assertThat(used.status()).isEqualTo(422);
        assertThat(used.json().path("code").stringValue()).isEqualTo("context_unreachable");
        assertThat(client.postJson("/v1/builds", json.formatted(owner.project(), context))
                        .status())
                .isEqualTo(404);
        SucceededBuild build = owner.succeededBuild();
        ApiClient.Answer based = client.post(
                "/v1/builds?project=" + stranger.project() + "&buildContext=base=slipway://" + build.id(),
                Tars.dockerfile("FROM base\n").bytes());
        assertThat(based.status()).isEqualTo(422);
        assertThat(based.json().path("code").stringValue()).isEqualTo("context_unreachable");
        assertThat(owner.as(Role.VIEWER).get("/v1/contexts/" + context).status())
                .isEqualTo(200);
    }

    @Test
    void keysOfIdempotencyAreAProjectsOwn(RunningService service) throws IOException {
        Tenant one = Tenant.in(service);
        Tenant other = Tenant.in(service);
        String first = one.as(Role.BUILDER)
                .post("/v1/builds?project=" + one.project(), dockerfile(), "Idempotency-Key", "k")
                .json()
                .path("id")
                .stringValue();
        ApiClient.Answer second = other.as(Role.BUILDER)
                .post("/v1/builds?project=" + other.project(), dockerfile(), "Idempotency-Key", "k");
        assertThat(second.status()).isEqualTo(202);
        assertThat(second.json().path("id").stringValue()).isNotEqualTo(first);
    }

    @Test
    void nobodyManagesWhoMayDoWhatElsewhere(RunningService service) throws IOException {
        Tenant owner = Tenant.in(service);
        ApiClient stranger = Tenant.in(service).as(Role.ADMIN);
        String tokens = "/v1/projects/" + owner.project() + "/tokens";
        assertThat(stranger.postJson(tokens, "{\"name\": \"x\", \"role\": \"viewer\"}")
                        .status())
                .isEqualTo(404);
        String id = owner.as(Role.ADMIN).get(tokens).json().at("/tokens/0/id").stringValue();
        assertThat(stranger.send("DELETE", tokens + "/" + id, BodyPublishers.noBody())
                        .status())
                .isEqualTo(404);
        assertThat(stranger.postJson("/v1/tokens", "{\"name\": \"x\", \"role\": \"viewer\"}")
                        .status())
                .isEqualTo(403);
        assertThat(stranger.send("DELETE", "/v1/tokens/" + id, BodyPublishers.noBody())
                        .status())
                .isEqualTo(403);
        assertThat(stranger.postJson("/v1/projects", "{\"name\": \"mine\"}").status())
                .isEqualTo(403);
        assertThat(stranger.send("DELETE", "/v1/projects/" + owner.project(), BodyPublishers.noBody())
                        .status())
                .isEqualTo(404);
        assertThat(owner.as(Role.ADMIN)
                        .send("DELETE", "/v1/projects/" + owner.project(), BodyPublishers.noBody())
                        .status())
                .isEqualTo(403);
    }
}
