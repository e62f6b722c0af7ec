package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.DevBuild;
import io.slipway.acceptance.fixture.Forward;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.api.testing.CheckedForward;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** {@code ./dev build --server}: a service builds a directory, of which only what it lacks is sent. */
@ExtendWith(TestBed.Extension.class)
final class ServerBuildTest {
    private static Path folder;
    private static SlipwayService service;
    private static SlipwayClient client;

    /** What the command sees of the service. */
    private static CheckedForward way;

    private DevBuild dev;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-upload-");
        service = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of());
        client = service.client();
        way = new CheckedForward(service.url());
    }

    @AfterAll
    static void stop() throws IOException {
        try {
            way.close();
        } finally {
            service.close();
            TestBed.remove(folder);
        }
    }

    @BeforeEach
    void makeCommand() {
        dev = new DevBuild(folder);
    }

    @Test
    void theImageIsTheSameAsFromATarAndEveryStepIsCached() throws Exception {
        try (BuildContext context = BuildContext.of("""
                        FROM busybox:1.35
                        COPY . /all
                        COPY dir/run /run
                        RUN --mount=type=bind,target=/m find /m | sort > /list
                        """)
                .file("dir/run", "#!/bin/sh\n")
                .file("dir/ignored", "never")
                .file("kept/yes", "yes")
                .file(".dockerignore", "dir/ignored\n**/left-out\n!kept\n")
                .shell("""
                        chmod 755 dir/run; ln dir/run dir/hard; ln -s ../nowhere dir/soft; mkdir -m 1777 empty; : > nothing
                        printf x > "$(printf 'not-utf8-\\377')"; printf y > 'größe "quoted"'
                        mkdir left-out; mkfifo left-out/fifo; chmod 600 kept/yes
                        """)) {
            context.shell("rm left-out/fifo"); // a tar of everything can't have it
            JsonNode tar = client.succeed(context, "sourceDateEpoch", "1700000000");
            context.shell("mkfifo left-out/fifo");
            Path digest = folder.resolve("digest");
            Path image = folder.resolve("image.tar");
            int status = run(
                    context, "--source-date-epoch", "1700000000", "--iidfile", digest.toString(), "-o", "oci:" + image);
            assertThat(status).as(dev.log()).isZero();
            assertThat(Files.readString(digest)).isEqualTo(tar.get("digest").asString());
            assertThat(dev.log())
                    .contains(
                            "COPY . /all",
                            "CACHED",
                            "succeeded: " + tar.get("digest").asString());
            JsonNode sent = newest();
            assertThat(sent.get("digest")).isEqualTo(tar.get("digest"));
            for (JsonNode step : sent.get("steps")) {
                if (step.get("instruction").asString().matches("(COPY|RUN).*")) {
                    assertThat(step.get("state").asString()).as(step.toString()).isEqualTo("cached");
                }
            }
            assertThat(Programs.run("tar", "-xOf", image.toString(), "index.json"))
                    .contains(tar.get("digest").asString());
        }
    }

    @Test
    void ofTwentyThousandFilesOnlyTheOneThatChangedTravels() throws Exception {
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY files /files\n")
                        .shell("mkdir files; for d in $(seq 20); do mkdir files/$d; for f in $(seq 1000); do"
                                + " printf '%s %s' $d $f > files/$d/$f; done; done");
                Forward forward = Forward.to(way.url())) {
            assertThat(run(context, forward.url())).as(dev.log()).isZero();
            assertThat(dev.log()).contains("sending 20001 of 20001 contents");
            context.file("files/7/77", "x".repeat(100_000));
            long before = forward.sent();
            assertThat(run(context, forward.url())).as(dev.log()).isZero();
            assertThat(dev.log()).contains("sending 1 of 20001 contents, 100000 bytes");
            // The manifest has about 150 bytes for each file.
            assertThat(forward.sent() - before).isBetween(100_000L, 4_000_000L);
            Path files = folder.resolve("files.tar");
            client.download(newest().get("id").asString(), "rootfs", files);
            assertThat(Programs.run("tar", "-xOf", files.toString(), "files/7/77"))
                    .isEqualTo("x".repeat(100_000));
            assertThat(Programs.run("tar", "-xOf", files.toString(), "files/20/1000"))
                    .isEqualTo("20 1000");
            assertThat(run(context, forward.url())).as(dev.log()).isZero();
            assertThat(dev.log()).doesNotContain("sending");
        }
    }

    @Test
    void endingTheCommandCancelsTheBuild() throws Exception {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo begun && sleep 600\n")) {
            Process process = command(context, way.url()).start();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> dev.log().contains("begun\n"));
            Programs.run("kill", "-TERM", Long.toString(process.pid()));
            assertThat(process.waitFor()).as(dev.log()).isNotZero();
            String id = newest().get("id").asString();
            assertThat(client.await(id).get("state").asString()).isEqualTo("cancelled");
            assertThat(dev.log()).contains("cancelled: " + id);
        }
    }

    @Test
    void whatTheServiceRefusesIsToldWithItsHint() throws Exception {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nCOPYY a b\n");
                BuildContext failing = BuildContext.of("FROM busybox:1.35\nRUN exit 3\n")) {
            assertThat(run(context)).isEqualTo(1);
            assertThat(dev.log()).contains("COPYY", "hint: ");
            assertThat(run(failing)).isEqualTo(1);
            assertThat(dev.log()).contains("failed");
            ProcessBuilder stranger = command(failing, way.url());
            stranger.environment().put("SLIPWAY_TOKEN", "wrong");
            assertThat(stranger.start().waitFor()).isEqualTo(1);
            assertThat(dev.log()).contains("failed: The service does not take the token.", "hint: ");
            assertThat(run(failing, "--home", "/tmp")).isEqualTo(2);
            assertThat(dev.log()).contains("--home is for builds on this machine");
        }
    }

    @Test
    void namedContextsDockerfilesAndSecretsOfElsewhereAreSent() throws Exception {
        try (BuildContext context = BuildContext.of("FROM nothing\n");
                BuildContext lib = BuildContext.of("FROM nothing\n").file("f", "from the library")) {
            Path dockerfile = folder.resolve("Elsewhere");
            Files.writeString(dockerfile, """
                    FROM busybox:1.35
                    ARG A
                    COPY --from=lib f /f
                    RUN --mount=type=secret,id=s,required test "$(cat /run/secrets/s)$A" = hiddenvalue
                    """);
            Path secret = folder.resolve("secret");
            Files.writeString(secret, "hidden");
            Path token = folder.resolve("token");
            Files.writeString(token, service.token());
            Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
            int status = run(
                    context,
                    "--token-file",
                    token.toString(),
                    "-f",
                    dockerfile.toString(),
                    "--build-context",
                    "lib=" + lib.folder(),
                    "--build-arg",
                    "A=value",
                    "--secret",
                    "id=s,src=" + secret);
            assertThat(status).as(dev.log()).isZero();
        }
    }

    @Test
    void layersAndCachesAreTheServicesToMake() throws Exception {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo 1 >/one\nRUN echo 2 >/two\n")) {
            Path image = folder.resolve("flat.tar");
            assertThat(run(context, "--layers", "flat", "--secrets-guard", "off", "-o", "oci:" + image))
                    .as(dev.log())
                    .isZero();
            assertThat(OciImage.ofTar(image, folder.resolve("flat")).layers()).hasSize(1);
            assertThat(run(context, "--cache-to", "type=local,dest=/tmp/cache")).isEqualTo(1);
            assertThat(dev.log()).contains("cacheTo", "hint: ");
        }
    }

    @Test
    void aServiceBehindTlsIsBelievedIfItsAuthorityIsNamed() throws Exception {
        Path certificate = folder.resolve("authority.pem");
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo over TLS\n");
                Forward forward = Forward.withTls(way.url(), certificate)) {
            assertThat(run(context, forward.url(), "--ca-file", certificate.toString()))
                    .as(dev.log())
                    .isZero();
            assertThat(dev.log()).contains("over TLS");
            assertThat(run(context, forward.url())).isEqualTo(1);
            assertThat(dev.log()).contains("failed: the service: ", "hint: --ca-file FILE names the authorities");
            assertThat(run(
                            context,
                            forward.url(),
                            "--ca-file",
                            context.folder().resolve("Dockerfile").toString()))
                    .isEqualTo(2);
            assertThat(dev.log()).contains("--ca-file: ").doesNotContain("Exception");
            assertThat(run(context, "--ca-file", certificate.toString())).isEqualTo(2);
            assertThat(dev.log()).contains("--ca-file is for a service with TLS");
        }
    }

    @Test
    void anOciLayoutIsSentAndIsAnImage() throws Exception {
        Path layout = folder.resolve("layout");
        try (BuildContext base = BuildContext.of("FROM busybox:1.35\nENV FROM_LAYOUT=yes\nRUN echo base >/base\n");
                BuildContext context =
                        BuildContext.of("FROM extra\nRUN test $FROM_LAYOUT = yes && cat /base > /copy\n")) {
            Path tar = folder.resolve("layout.tar");
            assertThat(run(base, "-o", "oci:" + tar, "-t", "x:1")).as(dev.log()).isZero();
            Programs.run("skopeo", "copy", "oci-archive:" + tar, "oci:" + layout + ":1");
            assertThat(run(context, "--build-context", "extra=oci-layout://" + layout + ":1"))
                    .as(dev.log())
                    .isZero();
            assertThat(newest().at("/namedContexts/0/kind").asString()).isEqualTo("layout");
            assertThat(run(context, "--build-context", "extra=oci-layout://" + layout + ":2"))
                    .isEqualTo(1);
            assertThat(dev.log()).contains("the OCI layout has no image 2");
        }
    }

    @Test
    void anAgentsSocketIsRefusedWithWhatToDoInstead() throws Exception {
        Path socket = folder.resolve("agent.sock");
        try (BuildContext context = BuildContext.of("FROM scratch\n");
                ServerSocketChannel agent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            agent.bind(UnixDomainSocketAddress.of(socket));
            assertThat(run(context, "--ssh", "default=" + socket)).isEqualTo(2);
            assertThat(dev.log()).contains("with --server an agent can't be reached; --ssh ID=KEY names a key");
        }
    }

    private static JsonNode newest() {
        String id = client.get("/v1/builds?limit=1").json().at("/builds/0/id").asString();
        return client.show(id);
    }

    private int run(BuildContext context, String... options) throws IOException, InterruptedException {
        boolean own = options.length > 0 && options[0].startsWith("http");
        ProcessBuilder command = command(context, own ? options[0] : way.url());
        List<String> all = new ArrayList<>(command.command());
        all.addAll(List.of(options).subList(own ? 1 : 0, options.length));
        return command.command(all).start().waitFor();
    }

    private ProcessBuilder command(BuildContext context, String server) throws IOException {
        dev = new DevBuild(folder);
        ProcessBuilder command =
                dev.command(folder.resolve("unused"), List.of(context.folder().toString(), "--server", server));
        command.redirectErrorStream(true).redirectOutput(command.redirectError().file());
        command.environment().put("SLIPWAY_TOKEN", service.token());
        command.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        return command;
    }
}
