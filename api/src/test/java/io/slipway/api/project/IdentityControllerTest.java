package io.slipway.api.project;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(ServiceExtension.class)
final class IdentityControllerTest {
    private static final String GITHUB = "https://token.actions.githubusercontent.com";

    @Test
    void anIdentityIsMadeShownAndListed(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        ApiClient.Answer made = post(tenant, GITHUB, "https://builds.example", "{\"repository\": \"org/app\"}");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.json().at("/claims/repository").stringValue()).isEqualTo("org/app");
        String address = made.header("Location").replace(service.url(), "");
        assertThat(tenant.as(Role.ADMIN).get(address).text()).isEqualTo(made.text());
        assertThat(tenant.as(Role.ADMIN)
                        .get("/v1/projects/" + tenant.project() + "/identities?limit=1")
                        .json()
                        .path("identities")
                        .size())
                .isEqualTo(1);
    }

    private static ApiClient.Answer post(Tenant tenant, String issuer, String audience, String claims)
            throws IOException {
        return tenant.as(Role.ADMIN)
                .postJson("/v1/projects/" + tenant.project() + "/identities", """
                        {"name": "ci", "role": "builder", "issuer": "%s", "audience": "%s", "claims": %s}
                        """.formatted(issuer, audience, claims));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://issuer.example        | {'sub': 'a*'}                                 | 201",
                "https://issuer.example        | {'sub': '*'}                                  | 400",
                "https://issuer.example        | {'sub': '*', 'team': 'a'}                     | 201",
                "https://issuer.example        | {}                                            | 400",
                "https://issuer.example        | {'sub': 1}                                    | 400",
                "https://issuer.example        | {'sub': ''}                                   | 400",
                "https://issuer.example        | []                                            | 400",
                "http://issuer.example         | {'sub': 'a'}                                  | 400",
                "https://user@issuer.example   | {'sub': 'a'}                                  | 400",
                "https://issuer.example?a=b    | {'sub': 'a'}                                  | 400",
                "file:///etc/passwd            | {'sub': 'a'}                                  | 400",
                "issuer.example                | {'sub': 'a'}                                  | 400",
                "https://token.actions.githubusercontent.com | {'ref': 'refs/heads/main'}      | 400",
                "https://token.actions.githubusercontent.com | {'repository': '*/app'}         | 400",
                "https://token.actions.githubusercontent.com | {'repository_owner': 'org', 'ref': 'refs/heads/*'} | 201",
                "https://gitlab.com            | {'ref': 'main'}                               | 400",
                "https://gitlab.com            | {'project_path': 'group/app'}                 | 201",
            })
    void whatWouldTrustStrangersIsRefused(String issuer, String claims, int status, RunningService service)
            throws IOException {
        ApiClient.Answer answer = post(Tenant.in(service), issuer, "https://builds.example", claims.replace('\'', '"'));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        if (status == 400) {
            assertThat(answer.json().path("parameter").stringValue()).matches("issuer|claims.*");
        }
    }

    @Test
    void thereAreNotEndlesslyMany(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        for (int i = 0; i < 100; i++) {
            assertThat(post(tenant, "https://issuer.example", "a", "{\"sub\": \"" + i + "\"}")
                            .status())
                    .isEqualTo(201);
        }
        ApiClient.Answer one = post(tenant, "https://issuer.example", "a", "{\"sub\": \"x\"}");
        assertThat(one.status()).isEqualTo(409);
        assertThat(one.json().path("type").stringValue()).isEqualTo("/problems/limit-reached");
    }
}
