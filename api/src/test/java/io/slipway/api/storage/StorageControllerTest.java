package io.slipway.api.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.SucceededBuild;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import io.slipway.db.build.BuildImages;
import io.slipway.db.build.MadeImage;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What can be said of the store without a worker: who may ask, and what of the images is known. */
@ExtendWith(ServiceExtension.class)
final class StorageControllerTest {
    private static final String[] ADDRESSES = {"/v1/storage", "/v1/cache-mounts"};

    @Test
    void withoutAWorkersProgramItIsSaidThatTheStoreCannotBeLookedAt(RunningService service) throws IOException {
        for (String address : ADDRESSES) {
            assertThat(type(service.client().get(address))).isEqualTo("503 /problems/storage-unavailable");
        }
        assertThat(type(service.client().post("/v1/storage/collect", new byte[0])))
                .isEqualTo("503 /problems/storage-unavailable");
        assertThat(type(service.client()
                        .send("DELETE", "/v1/cache-mounts/8f0c1b7a9d3e5f2a4c6b-0", BodyPublishers.noBody())))
                .isEqualTo("503 /problems/storage-unavailable");
    }

    @Test
    void theStoreIsForAdministratorsAndCacheMountsForTheirProject(RunningService service) throws IOException {
        ApiClient client = Tenant.in(service).as(Role.ADMIN);
        assertThat(type(client.get("/v1/storage"))).isEqualTo("403 /problems/forbidden");
        assertThat(type(client.post("/v1/storage/collect", new byte[0]))).isEqualTo("403 /problems/forbidden");
        assertThat(type(client.get("/v1/cache-mounts?project=default"))).isEqualTo("404 /problems/project-not-found");
    }

    @Test
    void wrongParametersAreNamed(RunningService service) throws IOException {
        for (String query : List.of("limit=0", "limit=101", "limit=x", "cursor=!", "curser=a")) {
            ApiClient.Answer answer = service.client().get("/v1/cache-mounts?" + query);
            assertThat(answer.status()).as(query).isEqualTo(400);
            assertThat(answer.json().get("parameter").asString()).isEqualTo(query.split("=")[0]);
        }
        assertThat(service.client().get("/v1/storage?x=y").status()).isEqualTo(400);
    }

    @Test
    void aBodyThatNobodyWouldReadIsRefused(RunningService service) throws IOException {
        assertThat(type(service.client().post("/v1/storage/collect", "{\"project\": \"a\"}".getBytes(UTF_8))))
                .isEqualTo("400 /problems/request-invalid");
    }

    @Test
    void aBuildWhoseImageHasGoneSaysSince(RunningService service) throws IOException {
        SucceededBuild build = SucceededBuild.in(service, "tag=registry.example/gone:1&push=false");
        SucceededBuild other = SucceededBuild.in(service, "tag=registry.example/there:1&push=false");
        BuildImages images = service.part(BuildImages.class);
        String digest = build.manifest().digest().toString();
        assertThat(images.all(Duration.ofHours(1)).images())
                .contains(new MadeImage(digest, build.manifest().mediaType(), true));
        assertThat(images.all(Duration.ZERO).images())
                .contains(new MadeImage(digest, build.manifest().mediaType(), false));

        images.removed(List.of(digest), Instant.now().minusSeconds(3600));
        assertThat(service.client().get("/v1/builds/" + build.id()).json().has("imageRemovedAt"))
                .as("it had not ended then: the image was made anew")
                .isFalse();
        images.removed(List.of(digest), Instant.now().plusSeconds(3600));
        ApiClient.Answer gone = service.client().get("/v1/builds/" + build.id());
        assertThat(gone.json().has("imageRemovedAt")).isTrue();
        assertThat(gone.json().has("pullName")).isFalse();
        assertThat(gone.json().get("links").has("image")).isFalse();
        assertThat(type(service.client().get("/v1/builds/" + build.id() + "/image")))
                .isEqualTo("404 /problems/image-removed");
        assertThat(service.client()
                        .get("/v2/default/" + build.id() + "/manifests/latest")
                        .text())
                .contains("MANIFEST_UNKNOWN", "was removed at");
        assertThat(images.all(Duration.ZERO).images())
                .extracting(MadeImage::digest)
                .doesNotContain(digest)
                .contains(other.manifest().digest().toString());
        assertThat(service.client().get("/v1/builds/" + other.id()).json().has("pullName"))
                .isTrue();
    }

    private static String type(ApiClient.Answer answer) {
        return answer.status() + " " + answer.json().get("type").asString();
    }
}
