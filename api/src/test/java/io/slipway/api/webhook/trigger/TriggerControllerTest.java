package io.slipway.api.webhook.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.Database;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@ExtendWith(ServiceExtension.class)
final class TriggerControllerTest {
    private static final String WHOLE = """
            {"name": "app", "host": "github",
             "repository": {"url": "https://git.example/org/app.git", "username": "u", "password": "hidden-1"},
             "build": {"tag": "registry.example/app:{branch}",
                       "secret": {"npmrc": "hidden-2"}, "ssh": {"default": "-----BEGIN hidden-3"},
                       "registryAuth": {"registry.example": {"username": "u", "password": "hidden-4"}},
                       "buildContext": {"lib": {"git": {"url": "https://git.example/lib", "username": "u", "password": "hidden-5"}},
                                        "base": "docker-image://alpine:3"}}}
            """;

    private final RunningService service;
    private final Tenant tenant;

    TriggerControllerTest(RunningService service) throws IOException {
        this.service = service;
        this.tenant = Tenant.in(service);
    }

    private String path() {
        return "/v1/projects/" + tenant.project() + "/triggers";
    }

    private ApiClient.Answer post(String json) throws IOException {
        return tenant.as(Role.MAINTAINER).postJson(path(), json);
    }

    private ApiClient.Answer patch(String path, String json) throws IOException {
        return tenant.as(Role.MAINTAINER)
                .send("PATCH", path, BodyPublishers.ofString(json), "Content-Type", "application/json");
    }

    @Test
    void aTriggerIsMadeShownListedAndDeleted() throws IOException {
        ApiClient.Answer made = post("""
                {"name": "app", "host": "gitlab", "repository": {"url": "https://gitlab.com/org/app.git"}}
                """);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.header("Cache-Control")).contains("no-store");
        JsonNode trigger = made.json();
        assertThat(trigger.path("secret").stringValue()).hasSize(64);
        assertThat(trigger.path("url").stringValue())
                .isEqualTo(service.url() + "/v1/webhooks/gitlab/"
                        + trigger.path("id").stringValue());
        assertThat(trigger.at("/repository/fullName").stringValue()).isEqualTo("org/app");
        assertThat(trigger.path("events").toString()).isEqualTo("[\"push\"]");
        assertThat(trigger.path("skipMarks").size()).isEqualTo(3);
        String address = made.header("Location").replace(service.url(), "");
        ApiClient.Answer shown = tenant.as(Role.VIEWER).get(address);
        assertThat(shown.text()).doesNotContain(trigger.path("secret").stringValue());
        assertThat(shown.json().has("secret")).isFalse();
        assertThat(post(WHOLE).status()).isEqualTo(201);
        ApiClient.Answer page = tenant.as(Role.VIEWER).get(path() + "?limit=1");
        assertThat(page.json().path("triggers").size()).isEqualTo(1);
        assertThat(page.json().at("/triggers/0")).isEqualTo(shown.json());
        assertThat(page.header("Link")).contains("rel=\"next\"");
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("DELETE", address, BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        assertThat(tenant.as(Role.VIEWER).get(address).status()).isEqualTo(404);
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("DELETE", address, BodyPublishers.noBody())
                        .status())
                .isEqualTo(404);
    }

    @Test
    void whatNobodyMayReadIsKeptAndNotShown() throws IOException {
        ApiClient.Answer made = post(WHOLE);
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        String address = made.header("Location").replace(service.url(), "");
        for (ApiClient.Answer answer : new ApiClient.Answer[] {
            made,
            tenant.as(Role.ADMIN).get(address),
            tenant.as(Role.ADMIN).get(path()),
            patch(address, "{\"name\": \"other\"}")
        }) {
            assertThat(answer.status()).isLessThan(300);
            assertThat(answer.text()).doesNotContain("hidden-");
        }
        JsonNode shown = tenant.as(Role.VIEWER).get(address).json();
        assertThat(shown.path("confidential").toString())
                .isEqualTo("[\"/repository/password\",\"/build/secret/npmrc\",\"/build/ssh/default\","
                        + "\"/build/registryAuth/registry.example/password\",\"/build/buildContext/lib\"]");
        assertThat(shown.at("/build/registryAuth/registry.example/username").stringValue())
                .isEqualTo("u");
        assertThat(shown.at("/build/buildContext/base").stringValue()).isEqualTo("docker-image://alpine:3");
        // The database has them, but nobody who reads it.
        String rows = service.part(Database.class)
                .inTransaction(transaction -> transaction.list(
                        "select triggers::text as stored from triggers where project = ?",
                        row -> row.text("stored"),
                        tenant.project()))
                .toString();
        assertThat(rows).contains("registry.example/app").doesNotContain("hidden-");
        JsonNode without = patch(
                        address,
                        "{\"build\": {\"secret\": null}, \"repository\": {\"password\": null, \"username\": null}}")
                .json();
        assertThat(without.path("confidential").toString()).doesNotContain("secret", "repository");
    }

    @Test
    void aChangeKeepsWhatItDoesNotName() throws IOException {
        String address = post(WHOLE).header("Location").replace(service.url(), "");
        JsonNode changed = patch(
                        address,
                        "{\"enabled\": false, \"branches\": [\"main\"], \"build\": {\"target\": \"app\"},"
                                + " \"repository\": {\"url\": \"https://git.example/org/moved.git\", \"password\": \"hidden-6\"}}")
                .json();
        assertThat(changed.path("enabled").booleanValue()).isFalse();
        assertThat(changed.at("/build/target").stringValue()).isEqualTo("app");
        assertThat(changed.at("/build/tag").stringValue()).isEqualTo("registry.example/app:{branch}");
        assertThat(changed.at("/repository/fullName").stringValue())
                .as("it goes with the URL that it was taken from")
                .isEqualTo("org/moved");
        assertThat(changed.path("confidential").size()).isEqualTo(5);
        assertThat(patch(address, "{\"branches\": null}")
                        .json()
                        .path("branches")
                        .size())
                .isZero();
        ApiClient.Answer refused = patch(address, "{\"build\": {\"taget\": \"app\"}, \"enabled\": true}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().path("hint").stringValue()).isEqualTo("target");
        assertThat(tenant.as(Role.VIEWER).get(address).json().path("enabled").booleanValue())
                .as("what is refused changes nothing")
                .isFalse();
        assertThat(patch(address, "{\"host\": \"gitlab\"}")
                        .json()
                        .path("parameter")
                        .stringValue())
                .isEqualTo("host");
        assertThat(patch(address, "{\"secret\": \"a-new-secret-of-mine\"}").status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'repository': {'url': 'https://thief.example/org/app.git'} | repository.password",
                "'repository': {'url': 'https://thief.example/org/app.git', 'username': 'u'} | repository.password",
                "'status': {'apiUrl': 'https://thief.example'} | status.token",
                "'status': {'apiUrl': null} | status.token",
                "'status': {'apiUrl': 'https://git.example/api', 'context': 'x'} | ",
                "'repository': {'url': 'https://other.example/org/app.git', 'username': null, 'password': null} | ",
            })
    void aCredentialDoesNotGoToAnotherAddressUnlessItIsGivenAgain(String members, @Nullable String parameter)
            throws IOException {
        String address = post(WHOLE.replace(
                        "\"build\"",
                        "\"status\": {\"token\": \"hidden-7\", \"apiUrl\": \"https://git.example/api\"}, \"build\""))
                .header("Location")
                .replace(service.url(), "");
        ApiClient.Answer answer = patch(address, "{" + members.replace('\'', '"') + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(parameter == null ? 200 : 400);
        if (parameter != null) {
            assertThat(answer.json().path("parameter").stringValue()).isEqualTo(parameter);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'status': {'apiUrl': 'https://thief.example'} | status.checkRun.privateKey",
                "'status': {'apiUrl': 'https://thief.example', 'checkRun': {'appId': 2}} | status.checkRun.privateKey",
                "'status': {'checkRun': {'appId': 2}} | ",
                "'status': {'checkRun': null, 'token': 't', 'apiUrl': 'https://other.example'} | ",
                "'status': {'token': 't'} | status.token",
                "'status': null | ",
            })
    void theKeyOfAnAppStaysWhereItIs(String members, @Nullable String parameter) throws IOException {
        String key = AppKeys.pkcs8(AppKeys.rsa(2048)).replace("\n", "\\n");
        ApiClient.Answer made = post("""
                {"name": "app", "host": "github", "repository": {"url": "https://git.example/org/app.git"},
                 "status": {"apiUrl": "https://git.example/api/v3",
                            "checkRun": {"appId": 1, "installationId": "2", "privateKey": "%s"}}}
                """.formatted(key));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(made.text()).doesNotContain("PRIVATE KEY");
        ApiClient.Answer answer =
                patch(made.header("Location").replace(service.url(), ""), "{" + members.replace('\'', '"') + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(parameter == null ? 200 : 400);
        assertThat(answer.text()).doesNotContain("BEGIN");
        if (parameter != null) {
            assertThat(answer.json().path("parameter").stringValue()).isEqualTo(parameter);
        }
    }

    @Test
    void aSecretIsRotatedWithAnOverlap() throws IOException {
        ApiClient.Answer made = post(WHOLE);
        String address = made.header("Location").replace(service.url(), "");
        ApiClient.Answer rotated = tenant.as(Role.MAINTAINER).postJson(address + "/secret", "{}");
        assertThat(rotated.status()).isEqualTo(200);
        assertThat(rotated.json().path("secret")).isNotEqualTo(made.json().path("secret"));
        assertThat(rotated.json().path("previousSecretAccepted").booleanValue()).isTrue();
        ApiClient.Answer given =
                tenant.as(Role.MAINTAINER).postJson(address + "/secret", "{\"secret\": \"a-long-secret-of-mine\"}");
        assertThat(given.json().path("secret").stringValue()).isEqualTo("a-long-secret-of-mine");
        String previous = address + "/secret/previous";
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("DELETE", previous, BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("DELETE", previous, BodyPublishers.noBody())
                        .status())
                .isEqualTo(404);
        assertThat(tenant.as(Role.VIEWER)
                        .get(address)
                        .json()
                        .path("previousSecretAccepted")
                        .booleanValue())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'name': null                             | name",
                "'host': 'githup'                         | host",
                "'repository': {}                         | repository.url",
                "'repository': {'url': 'app'}             | repository.url",
                "'repository': {'url': 'https://u:p@git.example/app.git'} | repository.url",
                "'repository': {'url': 'https://token@git.example/app.git'} | repository.url",
                "'repository': {'url': 'https://git.example/app.git#main'} | repository.url",
                "'repository': {'url': 'https://git.example/app.git', 'username': 'u'} | repository.password",
                "'repository': {'url': 'https://git.example/app.git', 'branch': 'u'} | repository.branch",
                "'events': []                             | events",
                "'events': ['pull']                       | events",
                "'events': 'push'                         | events",
                "'branches': [1]                          | branches",
                "'branches': ['!']                        | branches",
                "'branch': ['main']                       | branch",
                "'forks': 'yes'                           | forks",
                "'secret': 'short'                        | secret",
                "'secret': 'with a blank in it, long'     | secret",
                "'secret': 1                              | secret",
                "'payload': {'ref': '/ref'}               | payload",
                "'host': 'generic', 'payload': {'ref': 'ref'} | payload.ref",
                "'host': 'generic', 'payload': {'reff': '/ref'} | payload.reff",
                "'host': 'generic', 'secret': 'a-long-secret-of-mine' | secret",
                "'build': {'tag': 'r.example/app:{brunch}'} | build.tag",
                "'build': {'tag': 'not an image'}         | build.tag",
                "'build': {'tags': 'r.example/app'}       | build.tags",
                "'build': {'context': {}}                 | build.context",
                "'build': {'project': 'other'}            | build.project",
                "'build': {'timeout': 'long'}             | build.timeout",
                "'build': {'push': true}                  | build.push",
                "'build': []                              | build",
                "'status': {}                             | status.token",
                "'status': {'token': 't'}                 | status.apiUrl",
                "'status': {'token': 't', 'apiUrl': 'file:///etc'} | status.apiUrl",
                "'status': {'token': 't', 'apiUrl': 'https://u@git.example/'} | status.apiUrl",
                "'status': {'token': 't', 'apiUrl': 'https://git.example', 'context': '{tag}'} | status.context",
                "'status': {'token': 't', 'apiUrl': 'https://git.example', 'context': '{x}'} | status.context",
                "'status': {'token': 't', 'apiUrl': 'https://git.example', 'contest': 'x'} | status.contest",
                "'host': 'generic', 'status': {'token': 't', 'apiUrl': 'https://git.example'} | status",
                "'status': {'apiUrl': 'https://git.example', 'checkRun': {}} | status.checkRun.appId",
                "'status': {'apiUrl': 'https://git.example', 'checkRun': 'yes'} | status.checkRun",
                "'status': {'apiUrl': 'https://git.example', 'checkRun': {'appId': 1}} | status.checkRun.installationId",
                "'status': {'apiUrl': 'https://git.example', 'checkRun': {'appId': 'a/b', 'installationId': 2}} | status.checkRun.appId",
                "'status': {'apiUrl': 'https://git.example', 'checkRun': {'appId': 1, 'installationId': '../2'}} | status.checkRun.installationId",
                "'status': {'apiUrl': 'https://git.example', 'checkRun': {'appId': 1, 'installationId': 2}} | status.checkRun.privateKey",
                "'status': {'apiUrl': 'https://git.example', 'checkRun': {'appId': 1, 'installationId': 2, 'privateKey': 'x'}} | status.checkRun.privateKey",
                "'status': {'apiUrl': 'https://git.example', 'checkRun': {'appId': 1, 'installationId': 2, 'privatekey': 'x'}} | status.checkRun.privateKey",
                "'status': {'apiUrl': 'https://git.example', 'token': 't', 'checkRun': {'appId': 1}} | status.token",
                "'status': {'apiUrl': 'https://git.example', 'username': 'u', 'checkRun': {'appId': 1}} | status.username",
                "'host': 'gitea', 'status': {'apiUrl': 'https://git.example', 'checkRun': {'appId': 1}} | status.checkRun",
            })
    void whatCannotBeIsRefused(String members, String parameter) throws IOException {
        String json = "{'name': 'app', 'host': 'github', 'repository': {'url': 'https://git.example/org/app.git'}}";
        ObjectNode document = (ObjectNode) JsonMapper.shared().readTree(json.replace('\'', '"'));
        document.setAll((ObjectNode) JsonMapper.shared().readTree("{" + members.replace('\'', '"') + "}"));
        ApiClient.Answer answer = post(document.toString());
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("parameter").stringValue())
                .as(answer.text())
                .isEqualTo(parameter);
    }

    @Test
    void anotherProjectsTriggersDoNotExist() throws IOException {
        String address = post(WHOLE).header("Location").replace(service.url(), "");
        Tenant other = Tenant.in(service);
        assertThat(other.as(Role.ADMIN).get(address).status()).isEqualTo(404);
        String moved = address.replace(tenant.project(), other.project());
        assertThat(other.as(Role.ADMIN).get(moved).json().path("type").stringValue())
                .isEqualTo("/problems/trigger-not-found");
        assertThat(other.as(Role.ADMIN).get(moved + "/deliveries").status()).isEqualTo(404);
        assertThat(other.as(Role.ADMIN).postJson(moved + "/secret", "{}").status())
                .isEqualTo(404);
    }
}
