package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.StalledRegistry;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** A layer of a base comes to a machine once, whoever wants it, and whatever ends on its way. */
@ExtendWith(TestBed.Extension.class)
final class BaseDownloadTest {
    private static final int BYTES = 20_000_000;

    private Path folder;
    private Registry registry;
    private StalledRegistry stalled;
    private SlipwayService service;
    private String base;

    @BeforeEach
    void open(TestBed bed) throws IOException {
        folder = TestBed.folder("base-download-");
        registry = Registry.open(folder.resolve("registry"));
        String digest = push();
        stalled = new StalledRegistry(registry, digest);
        base = stalled.host() + "/team/base:1";
        service = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of("workers.slots", "2"));
    }

    @AfterEach
    void close() {
        stalled.close();
        service.close();
        registry.close();
        TestBed.remove(folder);
    }

    /** An image of one large layer; its digest. */
    private String push() throws IOException {
        String layout = folder.resolve("base").toString();
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        Files.write(Files.createDirectory(folder.resolve("tree")).resolve("large"), content);
        Path tar = folder.resolve("layer.tar");
        Programs.run("tar", "-C", folder.resolve("tree").toString(), "-cf", tar.toString(), "large");
        Programs.run("umoci", "init", "--layout", layout);
        Programs.run("umoci", "new", "--image", layout + ":it");
        Programs.run("umoci", "raw", "add-layer", "--image", layout + ":it", tar.toString());
        Programs.run(
                "skopeo",
                "copy",
                "-q",
                "--dest-tls-verify=false",
                "oci:" + layout + ":it",
                "docker://" + registry.host() + "/team/base:1");
        return "sha256:" + new OciImage(Path.of(layout)).layers().getFirst().getFileName();
    }

    @Test
    void whatAKilledWorkerHasFetchedOfALayerIsNotFetchedAgain() throws Exception {
        HeldRun held = new HeldRun();
        try (BuildContext context =
                BuildContext.of("""
                FROM busybox:1.35 AS held
                %s
                FROM busybox:1.35
                COPY --from=%s /large /large
                COPY --from=held /etc /copied
                """.formatted(held.instruction().strip(), base))) {
            SlipwayClient client = service.client();
            String id = client.submit(context);
            held.await();
            stalled.awaitStall();
            Path partial = service.home().resolve("store/partial");
            Awaitility.await("half of it is on the disk")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> bytes(partial) > BYTES / 3);
            held.killWorker(service);
            Awaitility.await("the next attempt")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> client.show(id).get("attempt").asInt() == 2);
            held.await();
            stalled.letGo();
            held.letGo();
            JsonNode build = client.await(id);
            assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
            assertThat(stalled.asked()).hasSize(2).first().isEqualTo(0L);
            assertThat(stalled.asked().getLast()).isGreaterThan(BYTES / 3);
            assertThat(bytes(partial)).isZero();
        }
    }

    @Test
    void twoBuildsThatWantALayerAtTheSameTimeFetchItOnce() throws Exception {
        try (BuildContext one =
                        BuildContext.of("FROM busybox:1.35\nRUN echo one\nCOPY --from=" + base + " /large /one\n");
                BuildContext other =
                        BuildContext.of("FROM busybox:1.35\nRUN echo two\nCOPY --from=" + base + " /large /two\n")) {
            SlipwayClient client = service.client();
            String first = client.submit(one);
            stalled.awaitStall();
            String second = client.submit(other);
            Awaitility.await("the other build copies, too")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> client.show(second)
                            .at("/steps/2/state")
                            .asString("")
                            .equals("running"));
            stalled.letGo();
            for (String id : new String[] {first, second}) {
                assertThat(client.await(id).get("state").asString())
                        .as(client.logs(id))
                        .isEqualTo("succeeded");
            }
            assertThat(stalled.asked()).containsExactly(0L);
        }
    }

    private static long bytes(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }
}
