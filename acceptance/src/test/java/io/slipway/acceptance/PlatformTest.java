package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.image.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One request builds for several processors: one index, foreign RUNs emulated, cross-compiling stages native. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class PlatformTest {
    private static final String BASE = "/platforms/busybox:1";
    private static final String HERE = Platform.local().toString();
    private static final String FOREIGN = HERE.equals("linux/arm64") ? "linux/amd64" : "linux/arm64";
    private static final Map<String, String> MACHINES = Map.of("linux/amd64", "x86_64", "linux/arm64", "aarch64");
    private static Path folder;

    /** Slipway itself makes the base of two platforms, from Debian's packages. */
    @BeforeAll
    static void makeBase(TestBed bed) throws IOException {
        folder = TestBed.folder("platforms-");
        for (String platform : List.of(HERE, FOREIGN)) {
            String architecture = platform.substring("linux/".length());
            Programs.run(
                    Programs.script("foreign-busybox"),
                    architecture,
                    file(architecture).toString());
        }
        try (BuildContext context = withBusyboxes("""
                FROM scratch
                ARG TARGETARCH
                COPY busybox-$TARGETARCH /bin/busybox
                SHELL ["/bin/busybox", "sh", "-ec"]
                RUN busybox --install /bin; mkdir -p /tmp /etc
                ENV PATH=/bin
                SHELL ["/bin/sh", "-c"]
                CMD ["uname", "-m"]
                """)) {
            bed.client()
                    .succeed(
                            context,
                            "platform",
                            HERE + "," + FOREIGN,
                            "tag",
                            bed.target().host() + BASE);
        }
    }

    @AfterAll
    static void remove() {
        TestBed.remove(folder);
    }

    private static Path file(String architecture) {
        return folder.resolve("busybox-" + architecture);
    }

    private static BuildContext withBusyboxes(String dockerfile) {
        return BuildContext.of(dockerfile).shell("cp " + folder + "/busybox-* .");
    }

    @Test
    void theIndexHasAnImageForEachPlatform(TestBed bed) throws IOException {
        String base = "docker://" + bed.target().host() + BASE;
        JsonNode index = json("skopeo", "inspect", "--raw", "--tls-verify=false", base);
        assertThat(index.get("mediaType").asString()).isEqualTo("application/vnd.oci.image.index.v1+json");
        assertThat(index.get("manifests")
                        .valueStream()
                        .map(image -> image.get("platform").get("os").asString() + "/"
                                + image.get("platform").get("architecture").asString()))
                .containsExactly(HERE, FOREIGN);
        for (String platform : List.of(HERE, FOREIGN)) {
            String architecture = platform.substring("linux/".length());
            JsonNode config =
                    json("skopeo", "inspect", "--config", "--tls-verify=false", "--override-arch", architecture, base);
            assertThat(config.get("architecture").asString()).isEqualTo(architecture);
        }
    }

    @Test
    void foreignStepsAreEmulatedAndCrossCompilingOnesRunHere(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("""
                FROM --platform=$BUILDPLATFORM %1$s AS build
                ARG TARGETARCH BUILDARCH TARGETPLATFORM
                RUN echo "on $BUILDARCH for $TARGETPLATFORM: $(uname -m)" >/built
                FROM %1$s
                COPY --from=build /built /built
                RUN uname -m >/machine
                """.formatted(bed.target().host() + BASE))) {
            SlipwayClient client = bed.client();
            JsonNode build = client.succeed(context, "platform", HERE, "platform", FOREIGN);
            assertThat(build.get("steps")
                            .valueStream()
                            .map(step -> step.path("stage").asString("")))
                    .anyMatch(stage -> stage.startsWith(FOREIGN + " "));
            for (String platform : List.of(HERE, FOREIGN)) {
                assertThat(read(client, build, platform, "machine")).isEqualTo(MACHINES.get(platform) + "\n");
                assertThat(read(client, build, platform, "built"))
                        .isEqualTo("on %s for %s: %s\n"
                                .formatted(HERE.substring("linux/".length()), platform, MACHINES.get(HERE)));
            }
            JsonNode again = client.succeed(context, "platform", HERE + "," + FOREIGN);
            assertThat(again.get("digest")).isEqualTo(build.get("digest"));
            assertThat(again.get("steps")
                            .valueStream()
                            .filter(step -> step.has("layer"))
                            .map(step -> step.get("state").asString()))
                    .containsOnly("cached");
        }
    }

    @Test
    void oneForeignPlatformIsAnImageAndNoIndex(TestBed bed) throws IOException {
        try (BuildContext context =
                BuildContext.of("FROM " + bed.target().host() + BASE + "\nRUN uname -m >/machine\n")) {
            JsonNode build = bed.client().succeed(context, "platform", FOREIGN);
            Path tar = context.scratch().resolve("image.tar");
            bed.client().download(build.get("id").asString(), "rootfs", tar);
            assertThat(Programs.run("tar", "-xOf", tar.toString(), "machine").strip())
                    .isEqualTo(MACHINES.get(FOREIGN));
        }
    }

    @Test
    void aBaseOfAnotherPlatformIsWarnedOfAndIsNoPartOfAnIndex(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nLABEL a=b\n")) {
            JsonNode one = bed.client().succeed(context, "platform", FOREIGN);
            assertThat(one.get("warnings")
                            .valueStream()
                            .map(warning -> warning.get("rule").asString()))
                    .containsExactly("InvalidBaseImagePlatform");
            JsonNode several = bed.client().build(context, "platform", HERE + "," + FOREIGN);
            assertThat(several.get("state").asString()).isEqualTo("failed");
            assertThat(several.get("error").get("code").asString()).isEqualTo("platform_unsupported");
            assertThat(several.get("error").get("line").asInt()).isEqualTo(1);
            assertThat(bed.client().logs(several.get("id").asString()))
                    .contains("[" + FOREIGN + " 0] FROM busybox:1.35");
        }
    }

    @Test
    void whatNobodyCanRunIsRefusedBeforeTheFirstStep(TestBed bed) {
        try (BuildContext context = BuildContext.of("""
                FROM %s AS first
                RUN exit 3
                FROM scratch
                COPY --from=first / /
                RUN true
                """.formatted(bed.target().host() + BASE))) {
            JsonNode build = bed.client().build(context, "platform", "linux/sparc64");
            JsonNode error = build.get("error");
            assertThat(error.get("code").asString()).isEqualTo("platform_unsupported");
            assertThat(error.get("line").asInt()).isEqualTo(2);
            assertThat(error.get("message").asString()).contains("no emulator for linux/sparc64");
            assertThat(build.get("steps")
                            .valueStream()
                            .map(step -> step.get("state").asString()))
                    .doesNotContain("executed", "cached");
        }
    }

    @Test
    void aDownloadThatHoldsOneImageHasToNameIt(TestBed bed) throws IOException {
        try (BuildContext context =
                withBusyboxes("FROM scratch\nARG TARGETARCH\nCOPY busybox-$TARGETARCH /busybox\n")) {
            SlipwayClient client = bed.client();
            JsonNode build = client.succeed(context, "platform", HERE + "," + FOREIGN);
            String image = "/v1/builds/" + build.get("id").asString() + "/image?format=rootfs";
            SlipwayClient.Answer unnamed = client.get(image);
            assertThat(unnamed.status()).isEqualTo(400);
            assertThat(unnamed.json().get("hint").asString()).contains(HERE).contains(FOREIGN);
            SlipwayClient.Answer missing = client.get(image + "&platform=linux/s390x");
            assertThat(missing.status()).isEqualTo(400);
            assertThat(missing.json().get("detail").asString()).contains("not for the platform");
            // All of it, pulled from Slipway itself.
            Path layout = context.scratch().resolve("all");
            Programs.run(
                    "skopeo",
                    "copy",
                    "-q",
                    "--all",
                    "--src-tls-verify=false",
                    "--src-creds=token:" + bed.service().token(),
                    "docker://" + build.get("pullName").asString(),
                    "oci:" + layout + ":all");
            assertThat(Programs.run("skopeo", "inspect", "--raw", "oci:" + layout + ":all"))
                    .contains(FOREIGN.substring("linux/".length()));
        }
    }

    private static String read(SlipwayClient client, JsonNode build, String platform, String file) throws IOException {
        Path tar = folder.resolve(build.get("id").asString() + platform.replace('/', '-') + ".tar");
        client.download(build.get("id").asString(), "rootfs&platform=" + platform, tar);
        return Programs.run("tar", "-xOf", tar.toString(), file);
    }

    private static JsonNode json(String... command) {
        return JsonMapper.shared().readTree(Programs.run(command));
    }
}
