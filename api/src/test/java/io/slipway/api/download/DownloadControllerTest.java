package io.slipway.api.download;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.SucceededBuild;
import io.slipway.api.testing.Tars;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ServiceExtension.class)
final class DownloadControllerTest {
    private final RunningService service;
    private final ApiClient client;
    private final SucceededBuild build;
    private final String path;

    DownloadControllerTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
        this.build = SucceededBuild.in(service, "tag=registry.example/app:7");
        this.path = "/v1/builds/" + build.id() + "/image";
    }

    @Test
    void anOciLayoutHoldsTheImage() throws IOException {
        Answer answer = client.get(path);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/x-tar");
        assertThat(answer.header("Content-Disposition")).contains(build.id() + ".oci.tar");
        Map<String, String> files = files(answer);
        assertThat(files)
                .containsKeys(
                        "oci-layout",
                        "index.json",
                        "blobs/sha256/" + build.layer().digest().hex());
        assertThat(files.get("index.json")).contains(build.manifest().digest().toString(), "registry.example/app:7");
    }

    @Test
    void aDockerArchiveHoldsTheImageUnderItsName() throws IOException {
        assertThat(files(client.get(path + "?format=docker")).get("manifest.json"))
                .contains("registry.example/app:7");
    }

    @Test
    void aRootFileSystemHasTheFilesOfTheLayers() throws IOException {
        assertThat(files(client.get(path + "?format=rootfs")))
                .containsEntry("hello.txt", SucceededBuild.HELLO + build.id());
    }

    @Test
    void aClientThatHasTheImageIsNotSentItAgain() throws IOException {
        Answer head = client.send("HEAD", path, BodyPublishers.noBody());
        assertThat(head.status()).isEqualTo(200);
        String tag = head.header("ETag");
        assertThat(client.get(path, "If-None-Match", tag).status()).isEqualTo(304);
        assertThat(client.get(path + "?format=rootfs", "If-None-Match", tag).status())
                .isEqualTo(200);
    }

    @Test
    void aBuildWithoutAnImageHasNone() throws IOException {
        String queued = client.post(
                        "/v1/builds",
                        Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes())
                .json()
                .path("id")
                .stringValue();
        Answer answer = client.get("/v1/builds/" + queued + "/image");
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.json().path("state").stringValue()).isEqualTo("queued");
        assertThat(client.get("/v1/builds/bld_1/image").status()).isEqualTo(404);
        assertThat(client.get(path + "?format=zip").status()).isEqualTo(400);
        assertThat(client.get(path + "?fromat=oci").status()).isEqualTo(400);
    }

    @Test
    void anImageThatWasRemovedFromTheStoreIsNotFound() throws IOException {
        assertThat(service.part(ContentStore.class).delete(build.layer().digest()))
                .isTrue();
        Answer answer = client.get(path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("ETag")).isEmpty();
        assertThat(answer.header("Content-Disposition")).isEmpty();
        assertThat(answer.header("X-Request-Id")).isNotEmpty();
    }

    private static Map<String, String> files(Answer answer) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (TarReader tar =
                new TarReader(new ByteArrayInputStream(answer.response().body()))) {
            for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                files.put(
                        Objects.requireNonNull(entry).name(),
                        new String(tar.content().readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return files;
    }
}
