package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Docker;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.api.testing.CheckedForward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What was built can be had from Slipway itself, by everybody's tools: pulled from its registry, or downloaded as a file. */
@ExtendWith(TestBed.Extension.class)
final class PullTest {
    private static Path folder;

    @BeforeAll
    static void start() throws IOException {
        folder = TestBed.folder("pulls-"); // podman wants a short path
    }

    @AfterAll
    static void stop() {
        TestBed.remove(folder);
    }

    @Test
    void skopeoBuildahAndPodmanPullFromSlipwayItself(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo pulled > /sentence\nCMD [\"sh\"]\n");
                CheckedForward way = new CheckedForward(bed.service().url())) {
            JsonNode build = bed.client().succeed(context);
            String digest = build.get("digest").asString();
            String name = pullName(build, bed, way);
            String credentials = "anybody:" + bed.service().token();
            Path layout = folder.resolve("pulled");
            Programs.run(
                    "skopeo",
                    "copy",
                    "-q",
                    "--src-tls-verify=false",
                    "--src-creds",
                    credentials,
                    "docker://" + name,
                    "oci:" + layout);
            JsonNode index = JsonMapper.shared().readTree(Files.readString(layout.resolve("index.json")));
            assertThat(index.get("manifests").get(0).get("digest").asString()).isEqualTo(digest);

            String buildah = Programs.script("buildah");
            Programs.run(buildah, "pull", "-q", "--tls-verify=false", "--creds", credentials, name);
            try {
                assertThat(Programs.run(
                                buildah, "inspect", "--type", "image", "--format", "{{.FromImageDigest}}", name))
                        .contains(digest);
            } finally {
                Programs.tryRun(buildah, "rmi", name);
            }

            Files.createDirectory(folder.resolve("user"));
            try {
                podman("pull", "-q", "--tls-verify=false", "--creds", credentials, name);
                assertThat(podman("image", "inspect", "--format", "{{.Digest}}", name))
                        .contains(digest);
            } finally {
                podman("system", "migrate"); // ends the process that holds its user namespace
            }
        }
    }

    @Test
    void dockerPullsItAndLoadsTheDownload(TestBed bed) throws IOException {
        String name = "registry.example:5000/team/app:1";
        try (BuildContext context = BuildContext.of("""
                        FROM busybox:1.35
                        RUN echo for docker > /sentence && ln /sentence /second && rm /bin/vi && chmod 4755 /bin/su
                        ENTRYPOINT ["cat"]
                        CMD ["/sentence"]
                        """);
                CheckedForward way = new CheckedForward(bed.service().url());
                Docker docker = new Docker(folder.resolve("docker"))) {
            SlipwayClient client = bed.client();
            JsonNode build = client.succeed(context, "tag", name, "push", "false");
            String id = build.get("id").asString();
            Path oci = folder.resolve("for-docker.tar");
            client.download(id, "oci", oci);
            ImageTree built = ImageTree.of(OciImage.ofTar(oci, folder.resolve("for-docker")));

            String pullName = pullName(build, bed, way);
            docker.run("login", "-u", "anybody", "-p", bed.service().token(), way.host());
            docker.run("pull", "-q", pullName);
            assertThat(docker.run("image", "inspect", "--format", "{{.RepoDigests}}", pullName))
                    .contains("@" + build.get("digest").asString());
            OciImage pulled = docker.save(pullName);
            assertThat(ImageTree.of(pulled).differences(built, _ -> false, _ -> false))
                    .isEmpty();
            assertThat(pulled.run()).isEqualTo("for docker\n");
            String image = imageId(docker, pullName);
            docker.run("rmi", "-f", image);

            Path archive = folder.resolve("docker-archive.tar");
            client.download(id, "docker", archive);
            assertThat(docker.run("load", "-i", archive.toString())).contains(name);
            assertThat(imageId(docker, name)).isEqualTo(image);
            assertThat(ImageTree.of(docker.save(name)).differences(built, _ -> false, _ -> false))
                    .isEmpty();
        }
    }

    @Test
    void slipwaysOwnRegistryAsksForTheToken(TestBed bed) throws IOException {
        try (BuildContext context = small();
                CheckedForward way = new CheckedForward(bed.service().url())) {
            String name = pullName(bed.client().succeed(context), bed, way);
            for (String credentials : new String[] {"--no-creds", "--creds=anybody:wrong"}) {
                assertThat(Programs.tryRun("skopeo", "inspect", "--tls-verify=false", credentials, "docker://" + name)
                                .status())
                        .as(credentials)
                        .isNotZero();
            }
        }
    }

    @Test
    void anImageIsDownloadedInEachForm(TestBed bed) {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo down > /sentence && rm /bin/vi\n")) {
            SlipwayClient client = bed.client();
            JsonNode build = client.succeed(context, "tag", "registry.example:5000/team/app:1", "push", "false");
            String id = build.get("id").asString();
            Path oci = folder.resolve("oci.tar");
            client.download(id, "oci", oci);
            assertThat(inspect("oci-archive:" + oci).get("Digest").asString())
                    .isEqualTo(build.get("digest").asString());

            Path docker = folder.resolve("docker.tar");
            client.download(id, "docker", docker);
            assertThat(inspect("docker-archive:" + docker + ":registry.example:5000/team/app:1")
                            .get("Layers")
                            .size())
                    .isEqualTo(2);

            Path rootfs = folder.resolve("rootfs.tar");
            client.download(id, "rootfs", rootfs);
            assertThat(Programs.run("tar", "-tf", rootfs.toString()).lines().map(PullTest::plain))
                    .contains("sentence", "bin/sh", "tmp/")
                    .doesNotContain("bin/vi")
                    .doesNotHaveDuplicates();
            assertThat(client.get("/v1/builds/" + id + "/image?format=zip").status())
                    .isEqualTo(400);
        }
    }

    private static String imageId(Docker docker, String name) {
        return docker.run("image", "inspect", "--format", "{{.Id}}", name);
    }

    /** The build's name in Slipway's own registry, as it is on the way to it. */
    private static String pullName(JsonNode build, TestBed bed, CheckedForward way) {
        String name = build.get("pullName").asString();
        assertThat(name).startsWith(bed.service().host() + "/");
        return name.replace(bed.service().host(), way.host());
    }

    private static BuildContext small() {
        return BuildContext.of("FROM scratch\nCOPY file /file\n")
                .file("file", UUID.randomUUID().toString());
    }

    private static String plain(String path) {
        return path.startsWith("./") ? path.substring(2) : path;
    }

    private static JsonNode inspect(String image) {
        return JsonMapper.shared().readTree(Programs.run("skopeo", "inspect", image));
    }

    /** With storage of its own, and without what it would need of systemd. */
    private static String podman(String... arguments) {
        String[] options = {
            "env",
            "XDG_RUNTIME_DIR=" + folder.resolve("user"),
            "podman",
            "--root=" + folder.resolve("podman"),
            "--runroot=" + folder.resolve("run"),
            "--storage-driver=vfs",
            "--cgroup-manager=cgroupfs",
            "--events-backend=none"
        };
        return Programs.run(
                Stream.concat(Arrays.stream(options), Arrays.stream(arguments)).toArray(String[]::new));
    }
}
