package io.slipway.api.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class SecretControllerTest {
    private static final String VALUE = "never-to-be-seen-again";
    private static final byte[] TAR =
            Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes();

    private final RunningService service;
    private final Tenant tenant;

    SecretControllerTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    @Test
    void aSecretIsSetAndNeverShown() throws IOException {
        Answer first = put("npmrc", "{\"value\": \"" + VALUE + "\"}");
        assertThat(first.status()).as(first.text()).isEqualTo(201);
        assertThat(first.header("Location")).isEqualTo(service.url() + address("npmrc"));
        assertThat(first.json().path("version").intValue()).isEqualTo(1);
        Answer second = put("npmrc", "{\"base64\": \"AP8=\"}");
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json().path("version").intValue()).isEqualTo(2);

        JsonNode shown = tenant.as(Role.VIEWER).get(address("npmrc")).json();
        assertThat(shown.propertyNames()).containsExactlyInAnyOrder("name", "version", "createdAt", "createdBy");
        assertThat(shown.path("createdBy").stringValue())
                .isEqualTo(tenant.as(Role.MAINTAINER)
                        .get("/v1/caller")
                        .json()
                        .path("id")
                        .stringValue());
        for (Answer answer : List.of(first, second, tenant.as(Role.VIEWER).get(address("")))) {
            assertThat(answer.text()).doesNotContain(VALUE);
        }
    }

    @Test
    void nothingInTheDatabaseHasItInClear() throws IOException {
        put("npmrc", "{\"value\": \"" + VALUE + "\"}");
        Answer build = tenant.as(Role.BUILDER)
                .post("/v1/builds?project=" + tenant.project() + "&secret=npmrc", TAR, "Idempotency-Key", "a");
        assertThat(build.status()).as(build.text()).isEqualTo(202);
        String hex = HexFormat.of().formatHex(VALUE.getBytes(UTF_8));
        service.part(Database.class).run(transaction -> {
            List<String> tables = transaction.list(
                    "select table_name::text as name from information_schema.tables where table_schema = 'public'",
                    row -> row.text("name"));
            assertThat(tables).contains("secrets", "secret_uses", "builds", "idempotency_keys");
            for (String table : tables) {
                boolean found = transaction
                        .first(
                                "select true as found from \"" + table + "\" t where t::text like ? or t::text like ?",
                                row -> row.flag("found"),
                                "%" + VALUE + "%",
                                "%" + hex + "%")
                        .isPresent();
                assertThat(found).as(table).isFalse();
            }
        });
    }

    @Test
    void listsAreByNameInPages() throws IOException {
        for (String name : List.of("c", "a", "b")) {
            put(name, "{\"value\": \"x\"}");
        }
        List<String> names = new ArrayList<>();
        String next = address("") + "?limit=2";
        while (next != null) {
            JsonNode page = tenant.as(Role.VIEWER).get(next).json();
            page.path("secrets").forEach(secret -> names.add(secret.path("name").stringValue()));
            String url = page.path("next").asString("");
            next = url.isEmpty() ? null : url.substring(service.url().length());
        }
        assertThat(names).containsExactly("a", "b", "c");
    }

    @Test
    void aDeletedSecretIsGoneAndItsVersionsGoOn() throws IOException {
        put("npmrc", "{\"value\": \"x\"}");
        ApiClient maintainer = tenant.as(Role.MAINTAINER);
        assertThat(maintainer
                        .send("DELETE", address("npmrc"), BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        Answer again = maintainer.send("DELETE", address("npmrc"), BodyPublishers.noBody());
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.json().path("type").stringValue()).isEqualTo("/problems/secret-not-found");
        assertThat(maintainer.get(address("npmrc")).status()).isEqualTo(404);
        assertThat(maintainer.get(address("")).json().path("secrets").isEmpty()).isTrue();
        assertThat(maintainer.get(address("npmrc") + "/uses").status()).isEqualTo(200);
        assertThat(maintainer.get(address("never") + "/uses").status()).isEqualTo(404);
        assertThat(put("npmrc", "{\"value\": \"y\"}").json().path("version").intValue())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            npmrc      | {}                               | 400 | exactly one of value and base64
            npmrc      | {'value': 'a', 'base64': 'YQ=='} | 400 | exactly one of value and base64
            npmrc      | {'value': 1}                     | 400 | must be a text
            npmrc      | {'base64': '?'}                  | 400 | is no base64
            npmrc      | {'valeu': 'a'}                   | 400 | did you mean value?
            npmrc      | []                               | 400 | must be a JSON object
            .npmrc     | {'value': 'a'}                   | 400 | can't have that name
            a%20b      | {'value': 'a'}                   | 400 | can't have that name
            """)
    void whatCanNotBeASecretIsRefused(String name, String body, int status, String detail) throws IOException {
        Answer answer = put(name, body.replace('\'', '"'));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().path("detail").stringValue()).contains(detail);
    }

    @Test
    void aSecretHasALargestSize() throws IOException {
        assertThat(put("large", "{\"value\": \"" + "x".repeat(500 * 1024) + "\"}")
                        .status())
                .isEqualTo(201);
        Answer larger = put("large", "{\"value\": \"" + "x".repeat(500 * 1024 + 1) + "\"}");
        assertThat(larger.status()).isEqualTo(413);
        assertThat(put("large", "{\"value\": \"" + "x".repeat(4 * 1024 * 1024) + "\"}")
                        .status())
                .isEqualTo(413);
    }

    @Test
    void aBuildNamesSecretsOfItsOwnProjectOnly() throws IOException {
        put("npmrc", "{\"value\": \"x\"}");
        String own = "/v1/builds?project=" + tenant.project();
        for (String query : List.of("&secret=npmrc", "&secret=id%3Dtoken,src%3Dnpmrc&secret=npmrc")) {
            assertThat(tenant.as(Role.BUILDER).post(own + query, TAR).status()).isEqualTo(202);
        }
        Multipart parts = new Multipart()
                .field(
                        "build",
                        "{\"project\": \"" + tenant.project()
                                + "\", \"secret\": {\"a\": {\"src\": \"npmrc\"}, \"b\": \"value\"}}")
                .file("context", "application/x-tar", TAR);
        assertThat(tenant.as(Role.BUILDER)
                        .post("/v1/builds", parts.bytes(), "Content-Type", parts.contentType())
                        .status())
                .isEqualTo(202);

        var before = service.contexts();
        Answer misspelled = tenant.as(Role.BUILDER).post(own + "&secret=npmcr", TAR);
        assertThat(misspelled.status()).isEqualTo(422);
        assertThat(misspelled.json().path("type").stringValue()).isEqualTo("/problems/secret-unknown");
        assertThat(misspelled.json().path("secret").stringValue()).isEqualTo("npmcr");
        assertThat(misspelled.json().path("hint").stringValue()).isEqualTo("npmrc");

        Tenant stranger = Tenant.in(service);
        Answer foreign =
                stranger.as(Role.ADMIN).post("/v1/builds?project=" + stranger.project() + "&secret=npmrc", TAR);
        assertThat(foreign.status()).isEqualTo(422);
        assertThat(foreign.json().path("hint").stringValue()).doesNotContain("npmrc");
        service.requireNothingKept(before);
    }

    @Test
    void aBuildWithNamedSecretsIsDoneOnceMoreAsLongAsTheyAreThere() throws IOException {
        put("npmrc", "{\"value\": \"x\"}");
        ApiClient builder = tenant.as(Role.BUILDER);
        String build = "/v1/builds/"
                + builder.post("/v1/builds?project=" + tenant.project() + "&secret=npmrc", TAR)
                        .json()
                        .path("id")
                        .stringValue();
        builder.post(build + "/cancel", new byte[0]);
        assertThat(builder.post(build + "/retry", new byte[0]).status()).isEqualTo(202);
        tenant.as(Role.MAINTAINER).send("DELETE", address("npmrc"), BodyPublishers.noBody());
        Answer gone = builder.post(build + "/retry", new byte[0]);
        assertThat(gone.status()).isEqualTo(422);
        assertThat(gone.json().path("type").stringValue()).isEqualTo("/problems/secret-unknown");
    }

    @Test
    void triggersShowWhichSecretsTheirBuildsGet() throws IOException {
        Answer made = tenant.as(Role.MAINTAINER).postJson("/v1/projects/" + tenant.project() + "/triggers", """
                        {"name": "app", "host": "github", "repository": {"url": "https://git.invalid/org/app.git"},
                         "build": {"secret": {"npmrc": {"src": "team"}, "token": "hidden"}}}
                        """);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.json().at("/build/secret").toString()).isEqualTo("{\"npmrc\":{\"src\":\"team\"}}");
        assertThat(made.json().path("confidential").toString()).isEqualTo("[\"/build/secret/token\"]");
    }

    private Answer put(String name, String body) throws IOException {
        return tenant.as(Role.MAINTAINER).putJson(address(name), body);
    }

    private String address(String name) {
        return "/v1/projects/" + tenant.project() + "/secrets" + (name.isEmpty() ? "" : "/" + name);
    }
}
