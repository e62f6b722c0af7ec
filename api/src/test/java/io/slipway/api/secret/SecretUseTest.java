package io.slipway.api.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.TestService;
import io.slipway.db.Database;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildId;
import io.slipway.image.Digest;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Builds with workers get secrets of their project, and each time is known. */
final class SecretUseTest {
    private final TestService service = TestService.shared();

    @Test
    void aBuildGetsTheValueOfTheMomentInWhichItIsClaimedAndItsUseIsListed() {
        String secret = project("secret-use") + "/secrets/npmrc";
        put(secret, "first");
        BuildId one = service.submitWithSecrets(
                "secret-use",
                Map.of("npmrc", "npmrc", "other", "npmrc"),
                "secret npmrc",
                "secret other",
                "secret none");
        assertThat(service.ended(one).path("state").stringValue()).isEqualTo("succeeded");
        assertThat(log(one)).contains(sha256("first")).contains("none").doesNotContain("first");
        put(secret, "second");
        BuildId two = service.submitWithSecrets("secret-use", Map.of("npmrc", "npmrc"), "secret npmrc");
        service.ended(two);
        assertThat(log(two)).contains(sha256("second"));

        JsonNode first = TestService.json(service.get(secret + "/uses?limit=1"));
        assertThat(first.at("/uses/0/build").stringValue()).isEqualTo(two.value());
        assertThat(first.at("/uses/0/version").intValue()).isEqualTo(2);
        assertThat(first.at("/uses/0/attempt").intValue()).isEqualTo(1);
        String next = first.path("next").stringValue();
        JsonNode second = TestService.json(service.get(next.substring(next.indexOf("/v1/"))));
        assertThat(second.path("uses").size()).isEqualTo(1);
        assertThat(second.at("/uses/0/build").stringValue()).isEqualTo(one.value());
        assertThat(second.at("/uses/0/version").intValue()).isEqualTo(1);
        assertThat(second.has("next")).isFalse();
        assertThat(service.get(secret + "/uses?cursor=eA").statusCode()).isEqualTo(400);
    }

    @Test
    void aBuildWhoseSecretIsGoneEndsAndTheNextOneRuns() {
        project("secret-gone");
        BuildId without = service.submitWithSecrets("secret-gone", Map.of("npmrc", "gone"), "secret npmrc");
        BuildId after = service.submitTo("secret-gone", "say hello");
        JsonNode failed = service.ended(without);
        assertThat(failed.path("state").stringValue()).isEqualTo("failed");
        assertThat(failed.at("/error/code").stringValue()).isEqualTo("secret_missing");
        assertThat(failed.at("/error/message").stringValue()).contains("no secret gone");
        assertThat(failed.at("/error/hint").stringValue()).contains("/v1/projects/secret-gone/secrets/gone");
        assertThat(log(without)).contains("secret_missing");
        assertThat(service.ended(after).path("state").stringValue()).isEqualTo("succeeded");
    }

    @Test
    void aProjectNeverGetsAnothersSecret() {
        put(project("secret-owner") + "/secrets/npmrc", "theirs");
        project("secret-thief");
        BuildId build = service.submitWithSecrets("secret-thief", Map.of("npmrc", "npmrc"), "secret npmrc");
        assertThat(service.ended(build).at("/error/code").stringValue()).isEqualTo("secret_missing");
        assertThat(TestService.json(service.get("/v1/projects/secret-owner/secrets/npmrc/uses"))
                        .path("uses")
                        .isEmpty())
                .isTrue();
    }

    @Test
    void whatSomebodyMovesInTheDatabaseIsNotDecrypted() {
        put(project("secret-moved") + "/secrets/a", "of-a");
        put("/v1/projects/secret-moved/secrets/b", "of-b");
        service.bean(Database.class).run(transaction -> transaction.update("""
                update secrets set sealed = (select sealed from secrets where project = 'secret-moved' and name = 'a')
                where project = 'secret-moved' and name = 'b'
                """));
        BuildId build = service.submitWithSecrets("secret-moved", Map.of("b", "b"), "secret b");
        JsonNode error = service.ended(build).path("error");
        assertThat(error.path("code").stringValue()).isEqualTo("secret_missing");
        assertThat(error.path("message").stringValue()).contains("secret b can't be decrypted");
        BuildId other = service.submitWithSecrets("secret-moved", Map.of("a", "a"), "secret a");
        assertThat(service.ended(other).path("state").stringValue()).isEqualTo("succeeded");
    }

    @Test
    void aBuildIsAtRegistriesWhoItsProjectSays() {
        String credentials = project("logins") + "/registry-credentials";
        putJson(credentials, "{\"host\": \"r.example\", \"username\": \"all\", \"password\": \"hidden\"}");
        putJson(
                credentials,
                "{\"host\": \"r.example\", \"repository\": \"team\", \"username\": \"team\", \"password\": \"hidden\"}");
        BuildId build = service.submitTo("logins", "login r.example");
        service.ended(build);
        assertThat(log(build)).contains("null=all", "team=team").doesNotContain("hidden");
        BuildId foreign = service.submitTo("no-logins", "login r.example");
        service.ended(foreign);
        assertThat(log(foreign)).doesNotContain("=all", "=team");
    }

    private String project(String name) {
        service.bean(Projects.class).create(name, null, "tok_0");
        return "/v1/projects/" + name;
    }

    private void put(String secret, String value) {
        putJson(secret, "{\"value\": \"" + value + "\"}");
    }

    private void putJson(String path, String json) {
        HttpResponse<String> answer = service.send(service.request(path)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(json)));
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    }

    private String log(BuildId build) {
        return service.get("/v1/builds/" + build + "/logs").body();
    }

    private static String sha256(String text) {
        return Digest.of(text.getBytes(UTF_8)).hex();
    }
}
