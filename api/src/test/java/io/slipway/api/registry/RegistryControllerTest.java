package io.slipway.api.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.SucceededBuild;
import io.slipway.api.testing.Tars;
import io.slipway.image.Digest;
import io.slipway.image.MediaType;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(ServiceExtension.class)
final class RegistryControllerTest {
    private final RunningService service;
    private final ApiClient client;
    private final SucceededBuild build;
    private final String repository;

    RegistryControllerTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
        this.build = SucceededBuild.in(service, "tag=registry.example/app:7");
        this.repository = "/v2/default/" + build.id();
    }

    @Test
    void aClientIsToldThatThisIsARegistry() throws IOException {
        Answer answer = client.get("/v2/");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
    }

    @Test
    void aClientLogsInWithAnyUserNameAndATokenAsPassword() throws IOException {
        ApiClient nobody = new ApiClient(service.url(), null);
        Answer refused = nobody.get("/v2/");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.header("WWW-Authenticate")).startsWith("Basic ");
        assertThat(refused.json().path("errors").path(0).path("code").stringValue())
                .isEqualTo("UNAUTHORIZED");
        String basic =
                Base64.getEncoder().encodeToString(("anyone:" + service.token()).getBytes(StandardCharsets.UTF_8));
        assertThat(nobody.get("/v2/", "Authorization", "Basic " + basic).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"latest", "7", "DIGEST"})
    void theManifestIsServedByTagAndByDigest(String reference) throws IOException {
        String path = repository + "/manifests/"
                + (reference.equals("DIGEST") ? build.manifest().digest() : reference);
        Answer answer = client.get(path);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo(MediaType.OCI_MANIFEST);
        assertThat(answer.header("Docker-Content-Digest"))
                .isEqualTo(build.manifest().digest().toString());
        assertThat(Digest.of(answer.response().body()))
                .isEqualTo(build.manifest().digest());
        Answer head = client.send("HEAD", path, BodyPublishers.noBody());
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length"))
                .isEqualTo(Long.toString(build.manifest().size()));
        assertThat(client.get(path, "If-None-Match", answer.header("ETag")).status())
                .isEqualTo(304);
    }

    @Test
    void blobsAreServedWholeAndInPart() throws IOException {
        String path = repository + "/blobs/" + build.layer().digest();
        byte[] whole = client.get(path).response().body();
        assertThat(Digest.of(whole)).isEqualTo(build.layer().digest());
        for (String range : List.of("bytes=2-5", "bytes=5-", "bytes=-4", "bytes=0-0")) {
            Answer part = client.get(path, "Range", range);
            assertThat(part.status()).as(range).isEqualTo(206);
            String[] ends =
                    part.header("Content-Range").replaceAll("bytes |/.*", "").split("-");
            assertThat(part.response().body())
                    .isEqualTo(Arrays.copyOfRange(whole, Integer.parseInt(ends[0]), Integer.parseInt(ends[1]) + 1));
        }
        assertThat(client.get(path, "Range", "bytes=5-").response().body())
                .isEqualTo(Arrays.copyOfRange(whole, 5, whole.length));
        assertThat(client.get(path, "Range", "bytes=999999-").status()).isEqualTo(416);
        assertThat(client.get(path, "Range", "pages=1-2").status()).isEqualTo(200);
        Answer head = client.send("HEAD", path, BodyPublishers.noBody());
        assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(whole.length));
    }

    @Test
    void onlyWhatBelongsToTheImageIsServedUnderItsName() throws IOException {
        SucceededBuild other = SucceededBuild.in(service, "");
        assertThat(service.part(ContentStore.class).contains(other.layer().digest()))
                .isTrue();
        assertError(client.get(repository + "/blobs/" + other.layer().digest()), 404, "BLOB_UNKNOWN");
        assertError(client.get(repository + "/blobs/" + build.manifest().digest()), 404, "BLOB_UNKNOWN");
        assertError(client.get(repository + "/manifests/" + other.manifest().digest()), 404, "MANIFEST_UNKNOWN");
        assertError(client.get(repository + "/manifests/" + build.layer().digest()), 404, "MANIFEST_UNKNOWN");
    }

    @Test
    void whatIsNotThereIsSaidAsRegistriesSayIt() throws IOException {
        assertError(client.get(repository + "/manifests/nope"), 404, "MANIFEST_UNKNOWN");
        assertError(client.get(repository + "/manifests/sha256:12"), 400, "DIGEST_INVALID");
        assertError(client.get(repository + "/blobs/md5:12"), 400, "DIGEST_INVALID");
        assertError(client.get("/v2/other/" + build.id() + "/manifests/latest"), 404, "NAME_UNKNOWN");
        assertError(client.get("/v2/default/bld_1/manifests/latest"), 404, "NAME_UNKNOWN");
        assertError(client.get("/v2/library/debian/manifests/latest"), 404, "NAME_UNKNOWN");
        assertError(client.get("/v2/_catalog"), 404, "NAME_UNKNOWN");
        assertError(client.post(repository + "/blobs/uploads/", new byte[0]), 405, "UNSUPPORTED");
        Answer queued = client.post(
                "/v1/builds",
                Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes());
        String id = queued.json().path("id").stringValue();
        assertError(client.get("/v2/default/" + id + "/manifests/latest"), 404, "NAME_UNKNOWN");
    }

    @Test
    void tagsAreListed() throws IOException {
        Answer answer = client.get(repository + "/tags/list");
        assertThat(answer.json().path("name").stringValue()).isEqualTo("default/" + build.id());
        assertThat(answer.json().path("tags").toString()).isEqualTo("[\"7\",\"latest\"]");
        assertThat(client.get(repository + "/tags/list?n=1&last=7")
                        .json()
                        .path("tags")
                        .toString())
                .isEqualTo("[\"latest\"]");
    }

    @Test
    void skopeoPullsTheImage(@TempDir Path directory) throws Exception {
        String name = "docker://127.0.0.1:" + service.port() + "/default/" + build.id();
        Path auth = directory.resolve("auth.json");
        String pair = Base64.getEncoder().encodeToString(("x:" + service.token()).getBytes(StandardCharsets.UTF_8));
        Files.writeString(auth, "{\"auths\":{\"127.0.0.1:" + service.port() + "\":{\"auth\":\"" + pair + "\"}}}");
        for (String reference : List.of(":latest", "@" + build.manifest().digest())) {
            Path copy = directory.resolve("copy" + reference.length());
            run(
                    "skopeo",
                    "--insecure-policy",
                    "copy",
                    "--src-tls-verify=false",
                    "--src-authfile=" + auth,
                    name + reference,
                    "dir:" + copy);
            assertThat(Digest.of(Files.readAllBytes(copy.resolve("manifest.json"))))
                    .isEqualTo(build.manifest().digest());
            assertThat(copy.resolve(build.layer().digest().hex())).exists();
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    private static void assertError(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().path("errors").path(0).path("code").stringValue())
                .isEqualTo(code);
    }
}
