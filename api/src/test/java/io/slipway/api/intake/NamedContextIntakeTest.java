package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.SucceededBuild;
import io.slipway.api.testing.Tars;
import io.slipway.db.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a request may name as a context, and what is left of one that is refused. */
@ExtendWith(ServiceExtension.class)
final class NamedContextIntakeTest {
    private final RunningService service;
    private final ApiClient client;

    NamedContextIntakeTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
    }

    @Test
    void aBuildOfTheSameProjectIsAContextAndAnotherProjectsIsNotEvenThere() throws IOException {
        service.part(Database.class)
                .run(transaction ->
                        transaction.update("insert into projects (name) values ('elsewhere') on conflict do nothing"));
        SucceededBuild own = SucceededBuild.in(service, "project=default");
        SucceededBuild other = SucceededBuild.in(service, "project=elsewhere");
        assertThat(post("buildContext=base=slipway://" + own.id()).status()).isEqualTo(202);
        Answer refused = post("buildContext=base=slipway://" + other.id());
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().get("detail").stringValue())
                .isEqualTo("buildContext base: there is no build " + other.id() + " in the project default.");
        assertThat(refused.json().get("parameter").stringValue()).isEqualTo("buildContext");
    }

    @Test
    void theFilesOfAContextLieBesideTheBuildsOwn() throws IOException {
        List<Path> before = service.contexts();
        Multipart body = new Multipart()
                .file(
                        "context.lib",
                        "application/x-tar",
                        new Tars().file("a", "b").gzip())
                .file(
                        "context",
                        "application/x-tar",
                        Tars.dockerfile("FROM lib\n").bytes());
        Answer accepted = client.post("/v1/builds", body.bytes(), "Content-Type", body.contentType());
        assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
        String id = accepted.json().get("id").stringValue();
        assertThat(service.contexts().stream().filter(file -> !before.contains(file)))
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrder(id + ".tar", id + ".tar.index", id + ".0.tar", id + ".0.tar.index");
    }

    @Test
    void nothingIsKeptOfAContextWhoseRequestIsRefusedLater() throws IOException {
        List<Path> before = service.contexts();
        byte[] lib = new Tars().file("a", "b").bytes();
        byte[] context = Tars.dockerfile("FROM lib\n").bytes();
        for (Multipart body : List.of(
                new Multipart().file("context.lib", "application/x-tar", lib),
                new Multipart()
                        .file("context.lib", "application/x-tar", lib)
                        .file("context.lib:latest", "application/x-tar", lib),
                new Multipart()
                        .file("context.lib", "application/x-tar", lib)
                        .file("context", "application/x-tar", context)
                        .field("build", "{\"buildContext\": {\"lib\": \"docker-image://alpine\"}}"),
                new Multipart()
                        .file("context.lib", "application/x-tar", lib)
                        .file("context", "application/x-tar", context)
                        .field("build", "{\"buildContext\": {\"layout\": {\"ociLayout\": {}}}}"),
                new Multipart()
                        .file("context.LIB", "application/x-tar", lib)
                        .file("context", "application/x-tar", context),
                new Multipart()
                        .file("context.lib", "application/x-tar", lib)
                        .file("context", "application/x-tar", context)
                        .field("dockerfile", "FROM scratch\n")
                        .field("build", "{\"dockerfile\": \"Dockerfile\"}"))) {
            Answer refused = client.post("/v1/builds", body.bytes(), "Content-Type", body.contentType());
            assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        }
        service.requireNothingKept(before);
    }

    @Test
    void aPartThatIsNoContextIsNamed() throws IOException {
        Multipart body = new Multipart()
                .file(
                        "context",
                        "application/x-tar",
                        Tars.dockerfile("FROM lib\n").bytes())
                .file("context.lib", "application/x-tar", "no tar".getBytes(StandardCharsets.UTF_8));
        Answer refused = client.post("/v1/builds", body.bytes(), "Content-Type", body.contentType());
        assertThat(refused.status()).as(refused.text()).isEqualTo(422);
        assertThat(refused.json().get("detail").stringValue()).startsWith("context.lib: ");
        assertThat(refused.json().get("parameter").stringValue()).isEqualTo("context.lib");
    }

    @Test
    void aDockerfileThatComesAlongIsReadLikeOneInTheContext() throws IOException {
        byte[] context = new Tars().file("a", "b").bytes();
        Multipart body = new Multipart()
                .file("context", "application/x-tar", context)
                .file("dockerfile", "text/plain", new byte[] {(byte) 0xff, '\n'});
        assertRefused(body, "it is not UTF-8");
        assertRefused(
                new Multipart()
                        .file("context", "application/x-tar", context)
                        .file("dockerfile", "text/plain", "x".repeat(17 << 20).getBytes(StandardCharsets.UTF_8)),
                "it is larger than");
    }

    private void assertRefused(Multipart body, String words) throws IOException {
        Answer refused = client.post("/v1/builds", body.bytes(), "Content-Type", body.contentType());
        assertThat(refused.status()).as(refused.text()).isEqualTo(422);
        assertThat(refused.json().get("detail").stringValue()).contains(words);
    }

    private Answer post(String query) throws IOException {
        return client.post("/v1/builds?" + query, Tars.dockerfile("FROM base\n").bytes());
    }
}
