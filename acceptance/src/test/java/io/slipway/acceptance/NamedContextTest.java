package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Buildah;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.remote.testing.GitHttpServer;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Named contexts of every kind, in FROM, COPY --from and RUN --mount; and Dockerfiles that are not in the context. */
@ExtendWith(TestBed.Extension.class)
final class NamedContextTest {
    private static Path folder;
    private static BuildContext extra;
    private static GitHttpServer git;
    private static HttpServer files;
    private static SlipwayService service;
    private static SlipwayClient client;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-named-contexts-");
        extra = BuildContext.of("FROM nowhere\n")
                .file("lib/f", "content")
                .file("lib/left-out", "never")
                .file(".dockerignore", "**/left-out\nDockerfile\n.dockerignore\n");
        Path repositories = Files.createDirectory(folder.resolve("git"));
        Programs.run(
                "bash",
                "-euc",
                """
                export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
                work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
                git init -q -b main && git config user.name Tester && git config user.email tester@example.org
                cp -R "$1" sub && git add -f . && git commit -qm first
                git clone -q --bare . "$2"
                """,
                "bash",
                extra.folder().toString(),
                repositories.resolve("lib.git").toString());
        git = GitHttpServer.open(repositories);
        Path served = Files.createDirectory(folder.resolve("files"));
        Programs.run("cp", extra.tarFile().toString(), served.resolve("lib.tar").toString());
        Programs.run("gzip", "-k", served.resolve("lib.tar").toString());
        Files.writeString(served.resolve("page.html"), "<html>no archive</html>");
        files = SimpleFileServer.createFileServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), served, SimpleFileServer.OutputLevel.NONE);
        files.start();
        service = SlipwayService.start(
                folder.resolve("home"),
                bed.bases(),
                Map.of("context.denied-networks", "", "storage.context-age", "0s"));
        client = service.client();
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        files.stop(0);
        git.close();
        extra.close();
        TestBed.remove(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"part", "git", "gitText", "http", "httpText", "httpGz"})
    void filesAreTheSameHoweverTheyCame(String kind) throws IOException {
        String repository = git.url() + "/lib.git";
        String archive = "http://127.0.0.1:" + files.getAddress().getPort() + "/lib.tar";
        Object source = switch (kind) {
            case "git" -> Map.of("git", Map.of("url", repository, "ref", "main", "subdirectory", "sub"));
            case "gitText" -> repository + "#main:sub";
            case "http" -> Map.of("http", Map.of("url", archive));
            case "httpText" -> archive;
            case "httpGz" -> archive + ".gz";
            default -> null;
        };
        try (BuildContext context = BuildContext.of("""
                FROM extra AS whole
                FROM busybox:1.35
                COPY --from=extra lib /copied
                RUN --mount=from=extra,source=lib,target=/m cat /m/f > /mounted
                RUN --mount=type=cache,target=/c,id=%s,from=extra,source=lib cat /c/f > /seeded
                COPY --from=whole / /whole
                """.formatted(UUID.randomUUID()))) {
            Map<String, BodyPublisher> parts = new LinkedHashMap<>();
            if (source == null) {
                parts.put("context.extra", extra.tar());
                parts.put("build", BodyPublishers.ofString("{}"));
            } else {
                parts.put("build", json(Map.of("buildContext", Map.of("extra", source))));
            }
            parts.put("context", context.tar());
            ImageTree tree = tree(context, succeeded(client.postParts(parts)));
            String f = tree.file("copied/f").content();
            for (String path : List.of("mounted", "seeded", "whole/lib/f")) {
                assertThat(tree.file(path).content()).as(path).isEqualTo(f);
            }
            assertThat(tree.files().keySet())
                    .noneMatch(path -> path.contains("left-out") || path.contains("Dockerfile"));
            assertThat(tree.file("copied/f").uid()).isZero();
        }
    }

    /** Buildah keeps the owners that files have on this machine; for the reference, and here, they are root's. */
    @Test
    void whatIsBuiltIsWhatBuildahBuilds(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("""
                        FROM busybox:1.35 AS base
                        FROM base
                        COPY --from=extra --chown=0:0 . /all
                        COPY --from=tools /bin/sh /sh
                        """);
                BuildContext plain = BuildContext.of("").file("a/b", "text").shell("chmod 775 a; ln -s b a/link")) {
            Map<String, BodyPublisher> parts = new LinkedHashMap<>();
            parts.put("build", json(Map.of("buildContext", Map.of("tools", "docker-image://busybox:1.35"))));
            parts.put("context", context.tar());
            parts.put("context.extra", plain.tar());
            ImageTree ours = tree(context, succeeded(client.postParts(parts)));
            ImageTree theirs = Buildah.build(
                    context,
                    bed.bases(),
                    "--build-context",
                    "extra=" + plain.folder(),
                    "--build-context",
                    "tools=docker-image://docker.io/library/busybox:1.35");
            assertThat(ours.differences(theirs, path -> path.matches("(dev|proc|sys|run|etc)(/.*)?"), _ -> false))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"image", "imageText", "build", "buildText", "ociLayout", "ociLayoutOfTag"})
    void anImageBringsItsConfigAndItsFilesWhereverItIs(String kind, TestBed bed) throws IOException {
        try (BuildContext base = BuildContext.of("""
                        FROM busybox:1.35
                        RUN mkdir /made && echo content > /made/f
                        ENV FROM_BASE=yes
                        ONBUILD RUN echo triggered > /triggered
                        """);
                BuildContext context = BuildContext.of("""
                        FROM extra
                        COPY --from=extra /made /copied
                        RUN --mount=from=extra,source=/made,target=/m cat /m/f > /mounted
                        """)) {
            String name = bed.target().host() + "/extra/base:" + UUID.randomUUID();
            String id = client.succeed(base, "tag", name).get("id").asString();
            Path layout = base.scratch().resolve("layout.tar");
            client.download(id, "oci", layout);
            Map<String, BodyPublisher> parts = new LinkedHashMap<>();
            Object source = switch (kind) {
                case "image" -> Map.of("image", name);
                case "imageText" -> "docker-image://" + name;
                case "build" -> Map.of("build", id);
                case "buildText" -> "slipway://" + id;
                case "ociLayout" -> Map.of("ociLayout", Map.of());
                default -> Map.of("ociLayout", Map.of("tag", name.substring(name.lastIndexOf(':') + 1)));
            };
            if (kind.startsWith("ociLayout")) {
                parts.put("context.extra", file(layout));
            }
            parts.put("context", context.tar());
            parts.put("build", json(Map.of("buildContext", Map.of("extra", source))));
            JsonNode build = succeeded(client.postParts(parts));
            ImageTree tree = tree(context, build);
            assertThat(tree.file("copied/f")).isEqualTo(tree.file("made/f"));
            assertThat(tree.file("mounted").content())
                    .isEqualTo(tree.file("made/f").content());
            assertThat(tree.files()).containsKey("triggered");
            assertThat(tree.config().at("/config/Env").toString()).contains("FROM_BASE=yes");
            assertThat(tree.config().at("/config").has("OnBuild")).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "busybox:1.35, FROM busybox:1.35",
        "docker.io/library/busybox:1.35, FROM busybox:1.35",
        "busybox:1.35, FROM docker.io/library/busybox:1.35",
        "nowhere, FROM nowhere:latest",
        "base, FROM busybox:1.35 AS base\\nRUN false\\nFROM base",
        "base, FROM busybox:1.35 AS base\\nRUN false\\nFROM scratch\\nCOPY --from=0 / /",
        "base, FROM busybox:1.35 AS Base\\nRUN false\\nFROM scratch\\nCOPY --from=BASE / /",
    })
    void aContextHidesTheStageOrImageOfItsName(String name, String dockerfile) throws IOException {
        try (BuildContext context = BuildContext.of(dockerfile.replace("\\n", "\n") + "\n")) {
            Map<String, BodyPublisher> parts = new LinkedHashMap<>();
            parts.put("context", context.tar());
            parts.put("context." + name, extra.tar());
            assertThat(tree(context, succeeded(client.postParts(parts))).files())
                    .containsOnlyKeys("lib", "lib/f");
        }
    }

    @Test
    void aContextThatNothingNamesIsNotEvenLookedFor() throws IOException {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n")) {
            client.succeed(context, "buildContext", "unused=docker-image://localhost:1/nowhere:1");
        }
    }

    @Test
    void theSameFilesAreFoundInTheCacheAndChangedOnesAreNot() throws IOException {
        String dockerfile = """
                FROM busybox:1.35
                # %s
                COPY --from=extra lib /lib
                RUN --mount=from=extra,target=/m cat /m/lib/f > /result
                """.formatted(UUID.randomUUID()).replace("# ", "ENV ID=");
        try (BuildContext context = BuildContext.of(dockerfile);
                BuildContext changed = BuildContext.of("").file("lib/f", "changed")) {
            JsonNode first =
                    succeeded(client.postParts(Map.of("context", context.tar(), "context.extra", extra.tar())));
            JsonNode again =
                    succeeded(client.postParts(Map.of("context", context.tar(), "context.extra", extra.tar())));
            JsonNode other =
                    succeeded(client.postParts(Map.of("context", context.tar(), "context.extra", changed.tar())));
            assertThat(again.get("digest")).isEqualTo(first.get("digest"));
            assertThat(again.get("steps")
                            .valueStream()
                            .filter(step -> step.has("line") && step.get("line").asInt() > 1))
                    .allMatch(step -> step.get("state").asString().equals("cached"));
            assertThat(other.get("digest")).isNotEqualTo(first.get("digest"));
        }
    }

    @Test
    void theSameRequestIsTheSameBuildAndOtherFilesAreAnotherRequest() throws IOException {
        String key = UUID.randomUUID().toString();
        try (BuildContext context = BuildContext.of("FROM extra\n");
                BuildContext changed = BuildContext.of("").file("lib/f", "changed")) {
            Answer first = keyed(key, context, extra);
            Answer again = keyed(key, context, extra);
            assertThat(first.status()).as(first.body()).isEqualTo(202);
            assertThat(again.body()).isEqualTo(first.body());
            Answer other = keyed(key, context, changed);
            assertThat(other.status()).isEqualTo(422);
            assertThat(other.json().get("type").asString()).endsWith("idempotency-mismatch");
        }
    }

    private static Answer keyed(String key, BuildContext context, BuildContext named) {
        return client.postParts(Map.of("context", context.tar(), "context.extra", named.tar()), "Idempotency-Key", key);
    }

    @Test
    void aBuildWithoutAnImageIsNoContext() {
        try (BuildContext fails = BuildContext.of("FROM busybox:1.35\nRUN false\n");
                BuildContext context = BuildContext.of("FROM extra\n")) {
            String failed = client.build(fails).get("id").asString();
            assertRefused(buildOn(context, "slipway://" + failed), "has no image: it is failed");
            assertRefused(buildOn(context, "slipway://bld_nothing"), "there is no build bld_nothing");
        }
    }

    @Test
    void whatIsNoContextIsRefusedAndNothingIsKept() throws IOException {
        Set<String> before = stored();
        String server = "http://127.0.0.1:" + files.getAddress().getPort();
        try (BuildContext context = BuildContext.of("FROM extra\n")) {
            assertRefused(buildOn(context, server + "/page.html"), "tar");
            assertRefused(buildOn(context, server + "/missing.tar"), "404");
            assertRefused(buildOn(context, git.url() + "/lib.git#nowhere"), "nowhere");
            assertRefused(buildOn(context, git.url() + "/lib.git?checksum=0000000"), "0000000");
            assertRefused(
                    client.postParts(Map.of("context", context.tar(), "context.extra", BodyPublishers.ofString("x"))),
                    "tar");
            Map<String, BodyPublisher> layout = new LinkedHashMap<>();
            layout.put("context", context.tar());
            layout.put("context.extra", extra.tar());
            layout.put("build", json(Map.of("buildContext", Map.of("extra", Map.of("ociLayout", Map.of())))));
            assertRefused(client.postParts(layout), "no OCI layout");
            Map<String, BodyPublisher> twice = new LinkedHashMap<>();
            twice.put("context", context.tar());
            twice.put("context.extra", extra.tar());
            twice.put("build", json(Map.of("buildContext", Map.of("extra", "docker-image://busybox:1.35"))));
            Answer both = client.postParts(twice);
            assertThat(both.status()).isEqualTo(400);
            assertThat(both.body()).contains("given twice");
            Answer unknown = client.postParts(Map.of("context", context.tar(), "contxt.extra", extra.tar()));
            assertThat(unknown.status()).isEqualTo(400);
            assertThat(unknown.body()).contains("contxt.extra");
        }
        // Those of earlier builds may have gone meanwhile.
        assertThat(before).containsAll(stored());
    }

    @Test
    void theServicesOwnMachineIsNoSourceOfThem(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("FROM extra\n")) {
            for (String value :
                    List.of("http://127.0.0.1:" + files.getAddress().getPort() + "/lib.tar", git.url() + "/lib.git")) {
                Answer answer = bed.client().post(context.tar(), "application/x-tar", "buildContext", "extra=" + value);
                assertThat(answer.status()).as(answer.body()).isEqualTo(422);
                assertThat(answer.json().get("code").asString()).isEqualTo("context_unreachable");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"option", "part"})
    void aDockerfileNeedNotBeInTheContext(String form) throws IOException {
        String dockerfile = "FROM scratch\nCOPY . /\n";
        try (BuildContext context = BuildContext.of("FROM nowhere\n")
                .file("kept", "1")
                .file("dropped", "2")
                .file("Dockerfile.dockerignore", "kept\n")
                .file(".dockerignore", "dropped\n*ockerfile*\n.dockerignore\n")) {
            Map<String, BodyPublisher> parts = new LinkedHashMap<>();
            if (form.equals("option")) {
                parts.put("build", json(Map.of("dockerfileInline", dockerfile)));
            } else {
                parts.put("dockerfile", BodyPublishers.ofString(dockerfile));
            }
            parts.put("context", context.tar());
            assertThat(tree(context, succeeded(client.postParts(parts))).files())
                    .containsOnlyKeys("kept");

            parts.put("dockerfile", BodyPublishers.ofString("FROM scratch\nCOPPY a b\n"));
            parts.put("build", BodyPublishers.ofString("{}"));
            Answer wrong = client.postParts(parts);
            assertThat(wrong.status()).isEqualTo(422);
            assertThat(wrong.json().get("line").asInt()).isEqualTo(2);
        }
    }

    @Test
    void aContextGoesWithItsBuild() {
        try (BuildContext context = BuildContext.of("FROM extra\n")) {
            JsonNode build =
                    succeeded(client.postParts(Map.of("context", context.tar(), "context.extra", extra.tar())));
            String id = build.get("id").asString();
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .untilAsserted(() -> assertThat(stored()).noneMatch(file -> file.startsWith(id)));
        }
    }

    private static Answer buildOn(BuildContext context, String value) {
        return client.post(context.tar(), "application/x-tar", "buildContext", "extra=" + value);
    }

    private static void assertRefused(Answer answer, String words) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.json().get("detail").asString()).contains(words);
    }

    /** The contexts that the service keeps. */
    private static Set<String> stored() {
        return Programs.run("ls", folder.resolve("home/contexts").toString())
                .lines()
                .collect(Collectors.toSet());
    }

    private static JsonNode succeeded(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        String id = answer.json().get("id").asString();
        JsonNode build = client.await(id);
        assertThat(build.get("state").asString())
                .as(build.toPrettyString() + client.logs(id))
                .isEqualTo("succeeded");
        return build;
    }

    private static ImageTree tree(BuildContext context, JsonNode build) throws IOException {
        Path tar = context.scratch().resolve("image.tar");
        client.download(build.get("id").asString(), "oci", tar);
        return ImageTree.of(OciImage.ofTar(
                tar, Files.createTempDirectory(context.scratch(), "image").resolve("oci")));
    }

    private static BodyPublisher json(Object value) {
        return BodyPublishers.ofByteArray(JsonMapper.shared().writeValueAsBytes(value));
    }

    private static BodyPublisher file(Path path) throws FileNotFoundException {
        return BodyPublishers.ofFile(path);
    }
}
