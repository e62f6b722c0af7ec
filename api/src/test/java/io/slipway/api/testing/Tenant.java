package io.slipway.api.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.access.Role;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A project of its own with a token of each role, made through the API.
 *
 * @param project its name
 * @param clients one with the token of each role
 */
public record Tenant(RunningService service, String project, Map<Role, ApiClient> clients) {
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** A new project. */
    public static Tenant in(RunningService service) throws IOException {
        String project = "tenant-" + COUNT.incrementAndGet();
        ApiClient admin = service.client();
        assertThat(admin.postJson("/v1/projects", "{\"name\": \"" + project + "\"}")
                        .status())
                .isEqualTo(201);
        Map<Role, ApiClient> clients = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            clients.put(role, new ApiClient(service.url(), token(admin, project, role)));
        }
        return new Tenant(service, project, clients);
    }

    /** A new token of a project. */
    public static String token(ApiClient admin, String project, Role role) throws IOException {
        ApiClient.Answer made = admin.postJson(
                "/v1/projects/" + project + "/tokens",
                "{\"name\": \"of a test\", \"role\": \"" + role.wireName() + "\"}");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json().path("token").stringValue();
    }

    /** The client with the token of that role. */
    public ApiClient as(Role role) {
        return Objects.requireNonNull(clients.get(role));
    }

    /** A build in the queue. */
    public String queuedBuild() throws IOException {
        ApiClient.Answer submitted = as(Role.BUILDER)
                .post(
                        "/v1/builds?project=" + project,
                        Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes());
        assertThat(submitted.status()).as(submitted.text()).isEqualTo(202);
        return submitted.json().path("id").stringValue();
    }

    /** A build with an image. */
    public SucceededBuild succeededBuild() throws IOException {
        return SucceededBuild.in(service, "project=" + project);
    }

    /** A context that was sent as a manifest, of which nothing is missing. */
    public String context() throws IOException {
        ApiClient.Answer sent = as(Role.BUILDER)
                .postJson(
                        "/v1/contexts",
                        "{\"project\": \"" + project
                                + "\", \"entries\": [{\"path\": \"a\", \"type\": \"directory\"}]}");
        assertThat(sent.status()).as(sent.text()).isEqualTo(201);
        return sent.json().path("id").stringValue();
    }
}
