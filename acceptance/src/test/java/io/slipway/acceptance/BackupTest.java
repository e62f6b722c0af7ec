package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Postgres15;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** What docs/operating.md says under "Backup". */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class BackupTest {
    private static final String SECRET = "RUN --mount=type=secret,id=npmrc grep -q restored /run/secrets/npmrc\n";

    @Test
    void aDumpOfARunningServiceAndItsKeysMakeItAnew(TestBed bed) throws Exception {
        Path folder = TestBed.folder("slipway-backup-");
        Path dump = folder.resolve("slipway.dump");
        try (Postgres15 lost = new Postgres15(folder.resolve("lost"));
                Postgres15 restored = new Postgres15(folder.resolve("restored"));
                BuildContext context = BuildContext.of("FROM busybox:1.35\n" + SECRET)) {
            String old;
            String token;
            try (SlipwayService service = SlipwayService.start(folder.resolve("first"), bed.bases(), lost.settings())) {
                SlipwayClient client = service.client();
                assertThat(client.send(client.request("/v1/projects/default/secrets/npmrc")
                                        .header("Content-Type", "application/json")
                                        .PUT(BodyPublishers.ofString("{\"value\": \"restored\"}")))
                                .status())
                        .isEqualTo(201);
                old = client.succeed(context, "secret", "npmrc").get("id").asString();
                token = client.send(client.request("/v1/tokens")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"name\": \"jane\", \"role\": \"admin\"}")))
                        .json()
                        .get("token")
                        .asString();
                lost.run("pg_dump", "--format=custom", "--file=" + dump);
            }
            restored.run("pg_restore", "--no-owner", "--exit-on-error", dump.toString());
            Path home = folder.resolve("second");
            keep(folder.resolve("first/secret-key"), home);

            try (SlipwayService service = SlipwayService.start(home, bed.bases(), restored.settings())) {
                SlipwayClient client = new SlipwayClient(service.url(), token);
                assertThat(client.show(old).get("state").asString()).isEqualTo("succeeded");
                assertThat(client.logs(old)).contains("Build " + old + " succeeded");
                assertThat(client.get("/v1/keys").json().get("withUnknownKey").asLong())
                        .isZero();
                assertThat(client.get("/v1/builds/" + old + "/image").status())
                        .as("without the store the image is gone, and nothing else")
                        .isEqualTo(404);
                JsonNode next = client.succeed(context, "secret", "npmrc", "noCache", "true");
                assertThat(next.get("digest").asString()).startsWith("sha256:");
                assertThat(client.get("/v1/audit?action=secret.set")
                                .json()
                                .get("entries")
                                .get(0)
                                .get("object")
                                .asString())
                        .isEqualTo("npmrc");
                assertThat(service.token())
                        .as("the administrator's token of a new home")
                        .isNotEqualTo(token);
            }
        } finally {
            TestBed.remove(folder);
        }
    }

    /** As the table there says: the embedded database, and what makes images and waiting builds come along, to wherever. */
    @Test
    void aCopyOfTheHomeOfAStoppedServiceHasItsImagesAndItsQueue(TestBed bed) throws Exception {
        Path folder = TestBed.folder("slipway-backup-");
        Path first = folder.resolve("first");
        Path second = folder.resolve("second");
        try (BuildContext plain = BuildContext.of("FROM busybox:1.35\nRUN echo made >/made\n");
                BuildContext context = BuildContext.of("FROM busybox:1.35\nCOPY --from=more Dockerfile /\n");
                BuildContext more = BuildContext.of("FROM scratch\n")) {
            String made;
            try (SlipwayService service = SlipwayService.start(first, bed.bases(), Map.of())) {
                made = service.client().succeed(plain).get("id").asString();
            }
            String queued;
            try (SlipwayService service =
                    SlipwayService.start(first, bed.bases(), Map.of("workers.enabled", "false"))) {
                Map<String, BodyPublisher> parts = new LinkedHashMap<>();
                parts.put("build", BodyPublishers.ofString("{\"noCache\": true}"));
                parts.put("context", context.tar());
                parts.put("context.more", more.tar());
                queued = service.client().postParts(parts).json().get("id").asString();
            }
            keep(first.resolve("secret-key"), second);
            Files.createDirectory(second.resolve("store"));
            for (String part : List.of("postgres", "home-id", "contexts", "store/blobs", "store/held")) {
                Programs.run(
                        "cp",
                        "-a",
                        first.resolve(part).toString(),
                        second.resolve(part).toString());
            }
            TestBed.remove(first);
            try (SlipwayService service = SlipwayService.start(second, bed.bases(), Map.of())) {
                SlipwayClient client = service.client();
                Path rootfs = folder.resolve("rootfs.tar");
                client.download(made, "rootfs", rootfs);
                assertThat(Programs.run("tar", "-xOf", rootfs.toString(), "made"))
                        .isEqualTo("made\n");
                JsonNode build = client.await(queued);
                assertThat(build.get("state").asString())
                        .as(client.logs(queued))
                        .isEqualTo("succeeded");
                assertThat(client.logs(made)).contains("Build " + made + " succeeded");
            }
        } finally {
            TestBed.remove(folder);
        }
    }

    private static void keep(Path key, Path home) throws IOException {
        Files.createDirectory(home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.copy(key, home.resolve("secret-key"));
        Files.setPosixFilePermissions(home.resolve("secret-key"), PosixFilePermissions.fromString("rw-------"));
    }
}
