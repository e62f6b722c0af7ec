package io.slipway.api.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class RegistryCredentialControllerTest {
    private final RunningService service;
    private final Tenant tenant;

    RegistryCredentialControllerTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    @Test
    void aCredentialIsSetForAHostAndARepositoryAndNeverShown() throws IOException {
        Answer first = put("{'host': 'Registry.example:5000', 'username': 'robot', 'password': 'hidden-1'}");
        assertThat(first.status()).as(first.text()).isEqualTo(201);
        Answer second = put(
                "{'host': 'registry.example:5000', 'repository': 'team', 'username': 'other', 'password': 'hidden-2'}");
        assertThat(second.status()).isEqualTo(201);
        Answer changed = put("{'host': 'registry.example:5000', 'token': 'hidden-3'}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(changed.json().has("username")).isFalse();
        assertThat(first.header("Location"))
                .isEqualTo(service.url() + address() + "/"
                        + first.json().path("id").stringValue());

        Answer list = tenant.as(Role.VIEWER).get(address());
        JsonNode shown = list.json().path("registryCredentials");
        assertThat(shown.path(0).path("host").stringValue()).isEqualTo("registry.example:5000");
        assertThat(shown.path(0).has("repository")).isFalse();
        assertThat(shown.path(1).path("repository").stringValue()).isEqualTo("team");
        assertThat(shown.path(1).path("username").stringValue()).isEqualTo("other");
        assertThat(tenant.as(Role.VIEWER).get(address() + "?limit=1").json().has("next"))
                .isTrue();
        for (Answer answer : List.of(first, second, changed, list)) {
            assertThat(answer.text()).doesNotContain("hidden");
        }
        boolean stored = service.part(Database.class)
                .inTransaction(transaction -> transaction
                        .first(
                                "select true as found from registry_credentials c where c::text like '%hidden%'",
                                row -> row.flag("found"))
                        .isPresent());
        assertThat(stored).isFalse();
    }

    @Test
    void aRemovedCredentialIsGone() throws IOException {
        String credential = address() + "/"
                + put("{'host': 'r.example', 'username': 'u', 'password': 'p'}")
                        .json()
                        .path("id")
                        .stringValue();
        assertThat(tenant.as(Role.VIEWER).get(credential).status()).isEqualTo(200);
        for (int status : new int[] {204, 404}) {
            assertThat(tenant.as(Role.MAINTAINER)
                            .send("DELETE", credential, BodyPublishers.noBody())
                            .status())
                    .isEqualTo(status);
        }
        Answer gone = tenant.as(Role.VIEWER).get(credential);
        assertThat(gone.json().path("type").stringValue()).isEqualTo("/problems/credential-not-found");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {'username': 'u', 'password': 'p'}                                        | host
            {'host': 'a b', 'username': 'u', 'password': 'p'}                         | host
            {'host': 'r.example/team', 'username': 'u', 'password': 'p'}              | host
            {'host': 'r.example', 'repository': 'Team', 'username': 'u', 'password': 'p'} | repository
            {'host': 'r.example', 'repository': 'a/', 'username': 'u', 'password': 'p'} | repository
            {'host': 'r.example', 'repository': 'a:1', 'username': 'u', 'password': 'p'} | repository
            {'host': 'r.example'}                                                     | password
            {'host': 'r.example', 'username': 'u'}                                    | password
            {'host': 'r.example', 'password': 'p'}                                    | password
            {'host': 'r.example', 'username': 'u', 'token': 't'}                      | password
            {'host': 'r.example', 'username': 'u', 'password': 'p', 'token': 't'}     | password
            {'host': 'r.example', 'user': 'u', 'password': 'p'}                       | user
            """)
    void whatIsNoCredentialIsRefused(String body, String parameter) throws IOException {
        Answer answer = put(body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("parameter").stringValue()).isEqualTo(parameter);
    }

    @ParameterizedTest
    @CsvSource({"https://index.docker.io/v1/, docker.io", "https://r.example/, r.example", "R.example:1, r.example:1"})
    void hostsAreWrittenAsDockersClientsDo(String written, String host) throws IOException {
        assertThat(put("{'host': '" + written + "', 'username': 'u', 'password': 'p'}")
                        .json()
                        .path("host")
                        .stringValue())
                .isEqualTo(host);
    }

    private Answer put(String body) throws IOException {
        return tenant.as(Role.MAINTAINER).putJson(address(), body.replace('\'', '"'));
    }

    private String address() {
        return "/v1/projects/" + tenant.project() + "/registry-credentials";
    }
}
