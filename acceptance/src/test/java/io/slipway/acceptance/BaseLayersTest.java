package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The layers of a base are fetched when somebody needs their files, and only then. */
@ExtendWith(TestBed.Extension.class)
final class BaseLayersTest {
    private static final String COPY = "COPY --link Dockerfile /copied\nWORKDIR /\nCMD [\"cat\", \"/copied\"]\n";

    private Path folder;
    private Registry registry;

    @BeforeEach
    void open() throws IOException {
        folder = TestBed.folder("lazy-");
        registry = Registry.open(folder.resolve("registry"));
    }

    @AfterEach
    void close() {
        registry.close();
        TestBed.remove(folder);
    }

    @Test
    void aLinkedCopyOntoABaseNeedsNothingOfItButItsConfigUntilTheImageIsPulledFromHere(TestBed bed) throws IOException {
        Base base = base();
        JsonNode build = build(bed, base, COPY, "tag", registry.host() + "/built/app:1");

        assertThat(base.layers()).noneMatch(layer -> isStored(bed, layer));
        JsonNode steps = build.get("steps");
        assertThat(steps.get(0).get("state").asString()).isEqualTo("executed");

        String id = build.get("id").asString();
        String blob = "/v2/default/" + id + "/blobs/sha256:" + base.layers().getFirst();
        SlipwayClient client = bed.client();
        SlipwayClient.Answer head =
                client.send(client.request(blob).method("HEAD", java.net.http.HttpRequest.BodyPublishers.noBody()));
        assertThat(head.status()).isEqualTo(200);
        assertThat(Long.parseLong(head.header("Content-Length"))).isPositive();
        assertThat(base.layers()).as("a HEAD fetches nothing").noneMatch(layer -> isStored(bed, layer));

        Path pulled = folder.resolve("pulled");
        Programs.run(
                "skopeo",
                "copy",
                "-q",
                "--src-tls-verify=false",
                "--src-creds",
                "anybody:" + bed.service().token(),
                "docker://" + build.get("pullName").asString(),
                "oci:" + pulled + ":" + OciImage.TAG);
        assertThat(base.layers()).allMatch(layer -> isStored(bed, layer));
        assertThat(base.layers())
                .allSatisfy(layer ->
                        assertThat(pulled.resolve("blobs/sha256/" + layer)).exists());
    }

    @Test
    void aDownloadFetchesTheBaseAndSaysSoIfItCannot(TestBed bed) throws IOException {
        Base base = base();
        String id = build(bed, base, COPY, "tag", registry.host() + "/built/app:1")
                .get("id")
                .asString();
        registry.kill();
        SlipwayClient.Answer refused = bed.client().get("/v1/builds/" + id + "/image");
        assertThat(refused.status()).isEqualTo(502);
        assertThat(refused.json().get("type").asString()).isEqualTo("/problems/base-unavailable");
        assertThat(refused.json().get("detail").asString()).contains(registry.host());
        SlipwayClient.Answer blob = bed.client()
                .get("/v2/default/" + id + "/blobs/sha256:" + base.layers().getFirst());
        assertThat(blob.status()).isEqualTo(502);
        assertThat(blob.body()).contains("UNAVAILABLE").contains(registry.host());

        registry.restart();
        Path tar = folder.resolve("image.tar");
        bed.client().download(id, "rootfs", tar);
        assertThat(Programs.run("tar", "-tf", tar.toString())).contains("copied", "first", "second");
    }

    @Test
    void anImageThatIsPushedNowhereIsKeptWhole(TestBed bed) throws IOException {
        Base base = base();
        build(bed, base, COPY);
        assertThat(base.layers()).allMatch(layer -> isStored(bed, layer));
    }

    @Test
    void aRunHasAllLayersOfABaseThatIsNew(TestBed bed) throws IOException {
        Base base = base();
        build(
                bed,
                base,
                "COPY --from=busybox:1.35 /bin/busybox /bin/sh\nRUN read a </first && read b </second && echo $a $b >/both\n");
        assertThat(base.layers()).allMatch(layer -> isStored(bed, layer));
    }

    @Test
    void anotherBuildsImageIsABaseWhoseLayersAreStillElsewhere(TestBed bed) throws IOException {
        Base base = base();
        String id = build(bed, base, COPY, "tag", registry.host() + "/built/app:1")
                .get("id")
                .asString();
        try (BuildContext context = BuildContext.of("""
                        FROM earlier
                        COPY --from=busybox:1.35 /bin/busybox /bin/sh
                        RUN read a </first && test -e /copied && echo $a >/again
                        """)) {
            bed.client().succeed(context, "buildContext", "earlier=slipway://" + id);
        }
        assertThat(base.layers()).allMatch(layer -> isStored(bed, layer));
    }

    /**
     * An image that no build has seen.
     *
     * @param layers the hexadecimal digests of its compressed layers
     */
    private record Base(String name, List<String> layers) {}

    private Base base() throws IOException {
        String layout = folder.resolve("base").toString();
        Programs.run("umoci", "init", "--layout", layout);
        Programs.run("umoci", "new", "--image", layout + ":it");
        for (String file : List.of("first", "second")) {
            Path tree = Files.createDirectories(folder.resolve("tree-" + file));
            Files.writeString(tree.resolve(file), UUID.randomUUID() + "\n");
            Path tar = folder.resolve(file + ".tar");
            Programs.run("tar", "-C", tree.toString(), "-cf", tar.toString(), file);
            Programs.run("umoci", "raw", "add-layer", "--image", layout + ":it", tar.toString());
        }
        String name = registry.host() + "/team/base:1";
        Programs.run("skopeo", "copy", "-q", "--dest-tls-verify=false", "oci:" + layout + ":it", "docker://" + name);
        List<String> layers = new ArrayList<>();
        new OciImage(Path.of(layout))
                .layers()
                .forEach(layer -> layers.add(layer.getFileName().toString()));
        return new Base(name, List.copyOf(layers));
    }

    private static JsonNode build(TestBed bed, Base base, String instructions, String... query) throws IOException {
        try (BuildContext context = BuildContext.of("FROM " + base.name() + "\n" + instructions)) {
            return bed.client().succeed(context, query);
        }
    }

    private static boolean isStored(TestBed bed, String layer) {
        return Files.exists(bed.service().home().resolve("store/blobs/sha256").resolve(layer));
    }
}
