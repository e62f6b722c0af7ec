package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** RUN --mount beyond what the recorded cases show: what lives on, who waits for whom, and what hostile mounts get. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class MountTest {
    /** Whoever holds a build until another one runs, on a service that may have two slots only. */
    private static final String TWO_SLOTS = "two slots of the shared service";

    private final String id = "cache-" + UUID.randomUUID();

    @Test
    void aCacheLivesOnBetweenBuilds(TestBed bed) throws IOException {
        build(bed, "RUN --mount=type=cache,target=/c,id=%s date > /c/first".formatted(id));
        ImageTree second = build(bed, "RUN --mount=type=cache,target=/other,id=%s ls /other > /r".formatted(id));
        assertThat(content(bed, "RUN --mount=type=cache,target=/c,id=%s ls /c".formatted(id)))
                .contains("first");
        assertThat(second.files()).doesNotContainKeys("c", "other");
    }

    /** Both builds run at the same time, so each has a worker. */
    @Test
    @ResourceLock(TWO_SLOTS)
    void whoeverWantsALockedCacheWaitsForTheOneWhoHasIt(TestBed bed) throws IOException {
        HeldRun held = new HeldRun();
        String mount = "RUN --mount=type=cache,target=/c,id=" + id + ",sharing=locked ";
        SlipwayClient client = bed.client();
        String first = held.instruction().replaceFirst("^RUN ", mount).replace("'exit 0'", "'echo > /c/one; exit 0'");
        try (BuildContext one = BuildContext.of("FROM busybox:1.35\n" + first);
                BuildContext two = BuildContext.of("FROM busybox:1.35\n" + mount + "test -e /c/one\n")) {
            String holder = client.submit(one, "noCache", "true");
            held.await();
            String waiter = client.submit(two, "noCache", "true");
            // Builds of other tests may be before it.
            Awaitility.await("the second one waits for the first one's cache")
                    .atMost(Duration.ofMinutes(5))
                    .untilAsserted(
                            () -> assertThat(client.logs(waiter)).contains("waiting for the cache mounted at /c"));
            assertThat(client.show(holder).get("state").asString()).isEqualTo("running");
            assertThat(client.show(waiter).get("state").asString()).isEqualTo("running");
            held.letGo();
            assertSucceeded(client, holder);
            assertSucceeded(client, waiter);
        }
    }

    @Test
    @ResourceLock(TWO_SLOTS)
    void aPrivateCacheIsAnotherOneForWhoeverComesSecond(TestBed bed) throws IOException {
        HeldRun held = new HeldRun();
        String mount = "RUN --mount=type=cache,target=/c,id=" + id + ",sharing=private ";
        SlipwayClient client = bed.client();
        try (BuildContext one = BuildContext.of("FROM busybox:1.35\n" + mount + "echo > /c/one\n"
                        + held.instruction().replaceFirst("^RUN ", mount));
                BuildContext two = BuildContext.of("FROM busybox:1.35\n" + mount + "test ! -e /c/one\n")) {
            String first = client.submit(one, "noCache", "true");
            held.await();
            JsonNode second = client.build(two, "noCache", "true");
            assertThat(second.get("state").asString())
                    .as(second.toPrettyString())
                    .isEqualTo("succeeded");
            held.letGo();
            assertSucceeded(client, first);
        }
    }

    @Test
    void whatIsWrittenToABoundStageIsGoneAndTheStageAsItWas(TestBed bed) throws IOException {
        assertThat(content(bed, """
                        RUN mkdir /s && echo kept > /s/file
                        FROM stage AS b
                        RUN --mount=type=bind,from=stage,source=/s,target=/m,rw \
                            echo changed > /m/file && echo > /m/new && rm -rf /m/nothing
                        RUN --mount=type=bind,from=stage,source=/s/file,target=/f,rw echo changed > /f
                        RUN --mount=type=bind,from=stage,source=/s,target=/m cat /m/file; ls /m""")).isEqualTo("kept\nfile\n");
    }

    @Test
    void symlinksLeadNowhereOutsideOfTheRoot(TestBed bed) throws IOException {
        assertThat(content(bed, """
                        RUN mkdir -p /a/etc && echo inside > /a/etc/passwd && ln -s /etc /a/link && ln -s ../../../../etc /a/up
                        FROM scratch AS only
                        COPY --from=stage /a /
                        FROM stage AS b
                        RUN ln -s /../../../.. /away
                        RUN --mount=from=only,source=/link,target=/m1 --mount=from=only,source=/up,target=/m2 \
                            --mount=from=only,source=../../etc,target=/m3 --mount=from=only,source=/etc,target=/away/m4 \
                            cat /m1/passwd /m2/passwd /m3/passwd /m4/passwd""")).isEqualTo("inside\ninside\ninside\ninside\n");
    }

    @Test
    void aMountPointThatALayerHidesLeavesNoTrace(TestBed bed) throws IOException {
        ImageTree tree = build(bed, """
                RUN mkdir -p /gone/deep && echo > /gone/file
                RUN rm -rf /gone
                RUN --mount=target=/gone/deep --mount=source=Dockerfile,target=/gone/file test -s /gone/file
                """);
        assertThat(tree.files().keySet()).noneMatch(path -> path.startsWith("gone"));
    }

    @Test
    void theNamesOfContextFilesAreNoPatterns(TestBed bed) throws IOException {
        try (BuildContext context =
                BuildContext.of("""
                FROM busybox:1.35
                RUN --mount=source=a*[1],target=/m cat /m/f > /r
                """).file("a*[1]/f", "literal").file("ab1/f", "pattern")) {
            assertThat(ImageTree.of(bed.build(context)).file("r").toString()).doesNotContain("pattern");
        }
    }

    @Test
    void aSourceThatDoesNotExistAndASecretThatIsRequiredFailTheStep(TestBed bed) {
        assertFailure(bed, "RUN --mount=from=busybox:1.35,source=/nope,target=/m true", "\"/nope\"");
        assertFailure(bed, "RUN --mount=type=secret,id=token,required true", "\"token\"");
        assertFailure(bed, "RUN --mount=type=ssh,required true", "\"default\"");
        assertFailure(bed, "RUN --mount=type=cache,target=/c,uid=4000000000 true", "4000000000");
    }

    @Test
    void anAgentSignsForAnyUserOfTheContainerAndKeepsTheKey(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("""
                FROM debian:bookworm-slim
                RUN apt-get update && apt-get install -y --no-install-recommends openssh-client && useradd -u 1234 builder
                USER 1234:1234
                RUN --mount=type=ssh,mode=0666 --mount=type=ssh,id=other,uid=1234,target=/tmp/other.sock \
                    ssh-add -L && echo data > /tmp/data && ssh-add -L > /tmp/key.pub && ssh-keygen -Y sign -f /tmp/key.pub -n test /tmp/data \
                    && SSH_AUTH_SOCK=/tmp/other.sock ssh-add -L > /tmp/other && ! grep -rs "PRIVATE KEY" /run /tmp
                """)) {
            String one = key(context, "one");
            String two = key(context, "two");
            SlipwayClient client = bed.client();
            String build = client.submitWith(
                    context,
                    JsonMapper.shared()
                            .writeValueAsString(Map.of(
                                    "noCache",
                                    true,
                                    "ssh",
                                    Map.of("default", one, "other", two),
                                    "label",
                                    Map.of("a", "b"))));
            assertSucceeded(client, build);
            assertThat(client.logs(build)).contains("one@test").contains("Signing file /tmp/data");
        }
    }

    private static String key(BuildContext context, String name) throws IOException {
        Path file = context.scratch().resolve(name);
        Programs.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name + "@test", "-f", file.toString());
        return Files.readString(file);
    }

    @Test
    void twoMountsOfOneLockedCacheDoNotWaitForEachOther(TestBed bed) throws IOException {
        assertThat(content(
                        bed,
                        "RUN --mount=type=cache,target=/x,id=%1$s,sharing=locked --mount=type=cache,target=/y,id=%1$s,sharing=locked"
                                        .formatted(id)
                                + " echo same > /x/f && cat /y/f"))
                .isEqualTo("same\n");
    }

    private static ImageTree build(TestBed bed, String instructions) throws IOException {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35 AS stage\n" + instructions + "\n")) {
            return ImageTree.of(bed.build(context, "noCache", "true"));
        }
    }

    /** What the last instruction's command prints. */
    private static String content(TestBed bed, String instructions) throws IOException {
        int command = instructions.lastIndexOf("RUN ");
        try (BuildContext context = BuildContext.of("FROM busybox:1.35 AS stage\n" + instructions.substring(0, command)
                + instructions
                        .substring(command)
                        .stripTrailing()
                        .replaceFirst("(?s)(RUN (?:--\\S+\\s+(?:\\\\\\s+)?)*)(.*)", "$1{ $2; } > /r")
                + "\nCMD [\"cat\", \"/r\"]\n")) {
            return bed.build(context, "noCache", "true").run();
        }
    }

    private static void assertSucceeded(SlipwayClient client, String build) {
        assertThat(client.await(build).get("state").asString())
                .as(client.logs(build))
                .isEqualTo("succeeded");
    }

    private static void assertFailure(TestBed bed, String instruction, String message) {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35 AS stage\n" + instruction + "\n")) {
            JsonNode build = bed.client().build(context);
            JsonNode error = build.get("error");
            assertThat(error.get("code").asString()).as(build.toPrettyString()).isEqualTo("instruction_failed");
            assertThat(error.get("line").asInt()).isEqualTo(2);
            assertThat(error.get("message").asString()).contains(message);
        }
    }
}
