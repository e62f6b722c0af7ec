package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Hook;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayClient.Answer;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.api.testing.CheckedForward;
import io.slipway.image.Digest;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitSshServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every way in leads to the same image: the same files give the same digest, however they came. */
@ExtendWith(TestBed.Extension.class)
final class ContextTest {
    /** All files are newer, so their times are this one: git keeps none. */
    private static final int EPOCH = 1;

    private static Path folder;
    private static BuildContext context;
    private static GitHttpServer git;
    private static GitHttpServer lockedGit;
    private static GitSshServer ssh;
    private static HttpServer files;
    private static SlipwayService service;
    private static String digest;

    @BeforeAll
    static void start(TestBed bed) throws IOException, GeneralSecurityException {
        folder = TestBed.folder("slipway-contexts-");
        context = BuildContext.of("FROM scratch\nCOPY . /app/\n")
                .file("lib/naïve name.txt", "content")
                .shell("""
                        printf '#!/bin/sh\\necho hello\\n' > run.sh
                        chmod 755 run.sh
                        ln -s run.sh link
                        """);
        Path repositories = Files.createDirectory(folder.resolve("git"));
        makeRepository(repositories.resolve("app.git"));
        git = GitHttpServer.open(repositories);
        lockedGit = GitHttpServer.withPassword(repositories, "me", "secret");
        Path keys = Files.createDirectory(folder.resolve("keys"));
        ssh = new GitSshServer(repositories, keys);
        Programs.run("chmod", "-R", "a+rX", keys.toString()); // the service may be another user's
        Path tarballs = Files.createDirectory(folder.resolve("files"));
        Programs.run(
                "cp", context.tarFile().toString(), tarballs.resolve("app.tar").toString());
        Programs.run("gzip", "-k", tarballs.resolve("app.tar").toString());
        Programs.run("zstd", "-q", tarballs.resolve("app.tar").toString());
        files = SimpleFileServer.createFileServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                tarballs,
                SimpleFileServer.OutputLevel.NONE);
        files.start();
        service = SlipwayService.start(
                folder.resolve("home"),
                bed.bases(),
                Map.of(
                        "context.denied-networks",
                        "",
                        "git.allow-file",
                        "true",
                        "git.ssh-key",
                        ssh.key().toString(),
                        "git.projects",
                        "default",
                        "git.known-hosts",
                        ssh.knownHosts().toString()));
        // A build of another service: what is the same here is the same on every machine.
        digest = bed.client()
                .succeed(context, "sourceDateEpoch", Integer.toString(EPOCH))
                .get("digest")
                .asString();
    }

    /** {@code main} has the context's files in {@code service/}; before, as {@code v1} says, there was one more. */
    private static void makeRepository(Path bare) {
        Programs.run("bash", "-euc", """
                export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
                work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work"
                git init -q -b main && git config user.name Tester && git config user.email tester@example.org
                cp -R "$1" service && echo more > service/more
                git add . && git commit -qm first && git tag v1
                rm service/more && echo read me > README.md
                git add -A . && git commit -qm second
                git clone -q --bare . "$2"
                """, "bash", context.folder().toString(), bare.toString());
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        files.stop(0);
        ssh.close();
        lockedGit.close();
        git.close();
        context.close();
        TestBed.remove(folder);
    }

    @ParameterizedTest(name = "{0} with Content-Encoding {1}")
    @CsvSource({"app.tar,", "app.tar.gz,", "app.tar.zst,", "app.tar.gz, gzip", "app.tar.zst, zstd"})
    void aBodyMayBeCompressed(String file, String encoding) throws IOException {
        var request = service.client()
                .request("/v1/builds?sourceDateEpoch=" + EPOCH)
                .header("Content-Type", "application/x-tar")
                .POST(BodyPublishers.ofFile(folder.resolve("files").resolve(file)));
        if (encoding != null) {
            request.header("Content-Encoding", encoding);
        }
        assertBuilds(service.client().send(request));
    }

    @Test
    void aFormHasOptionsAndContext() throws IOException {
        String answer;
        try (CheckedForward way = new CheckedForward(service.url())) {
            answer = Programs.run(
                    "curl",
                    "-sS",
                    "-H",
                    "Authorization: Bearer " + service.token(),
                    way.url() + "/v1/builds",
                    "-F",
                    "build={\"sourceDateEpoch\": " + EPOCH + "};type=application/json",
                    "-F",
                    "context=@" + folder.resolve("files/app.tar.gz") + ";type=application/gzip");
        }
        assertBuilt(JsonMapper.shared().readTree(answer).get("id").asString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.tar", "app.tar.gz", "app.tar.zst"})
    void aTarballIsFetched(String file) throws IOException {
        assertBuilds(post(service, http(file)));
    }

    @Test
    void aGitRepositoryIsFetchedOverHttp() throws IOException {
        assertBuilds(post(service, git(git.url(), "main")));
    }

    @Test
    void aGitRepositoryIsFetchedOverSsh() throws IOException {
        assertBuilds(post(service, git(ssh.url(), "main")));
    }

    @Test
    void aRepositoryThatIsNotThereHasACode() {
        Answer answer = post(service, Map.of("git", Map.of("url", git.url() + "/missing.git")));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("code").asString()).isEqualTo("git_repository_not_found");
    }

    /** However a context comes, the log is the same. */
    @Test
    void everyWayInGivesTheSameLog() throws IOException {
        Map<String, String> logs = new LinkedHashMap<>();
        SlipwayClient client = service.client();
        String query = "?noCache=true&sourceDateEpoch=" + EPOCH;
        List<Answer> answers = List.of(
                client.send(client.request("/v1/builds" + query)
                        .header("Content-Type", "application/x-tar")
                        .POST(BodyPublishers.ofFile(folder.resolve("files/app.tar")))),
                client.postParts(new LinkedHashMap<>(Map.of(
                        "build", BodyPublishers.ofString("{\"noCache\": true, \"sourceDateEpoch\": " + EPOCH + "}"),
                        "context", BodyPublishers.ofFile(folder.resolve("files/app.tar.gz"))))),
                post(client, git(git.url(), "main")),
                post(client, http("app.tar.zst")),
                post(client, sent(client)));
        List<String> ids = new ArrayList<>();
        for (Answer answer : answers) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(202);
            ids.add(answer.json().get("id").asString());
        }
        ids.add(pushed(client));
        for (String id : ids) {
            client.await(id);
            Answer retried = client.post("/v1/builds/" + id + "/retry");
            client.await(retried.json().get("id").asString());
            logs.put("way " + logs.size(), plain(client.logs(id)));
            logs.put(
                    "way " + logs.size(),
                    plain(client.logs(retried.json().get("id").asString())));
        }
        assertThat(logs.values()).allMatch(log -> log.contains("COPY . /app/"));
        assertThat(new HashSet<>(logs.values())).as(logs.toString()).hasSize(1);
    }

    /** The id of the same context, of which paths and contents are sent one after the other. */
    private static String sent(SlipwayClient client) throws IOException {
        Path contents = Files.createDirectory(folder.resolve("contents"));
        List<Map<String, Object>> entries = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(context.folder())) {
            for (Path path : paths.skip(1).toList()) {
                String name = context.folder().relativize(path).toString();
                if (Files.isSymbolicLink(path)) {
                    entries.add(Map.of(
                            "path",
                            name,
                            "type",
                            "symlink",
                            "target",
                            Files.readSymbolicLink(path).toString()));
                } else if (Files.isDirectory(path)) {
                    entries.add(Map.of("path", name, "type", "directory"));
                } else {
                    byte[] content = Files.readAllBytes(path);
                    String sum = Digest.of(content).hex();
                    Files.write(contents.resolve(sum), content);
                    String mode = Files.isExecutable(path) ? "0755" : "0644";
                    entries.add(Map.of("path", name, "mode", mode, "size", content.length, "sha256", sum));
                }
            }
        }
        Answer made = client.send(client.request("/v1/contexts")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(
                        JsonMapper.shared().writeValueAsBytes(Map.of("project", "default", "entries", entries)))));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        Path tar = folder.resolve("contents.tar");
        Programs.run("tar", "-C", contents.toString(), "-cf", tar.toString(), ".");
        Answer whole = client.send(
                client.request(made.json().at("/links/files").asString()).PUT(BodyPublishers.ofFile(tar)));
        assertThat(whole.status()).as(whole.body()).isBetween(200, 204);
        return made.json().get("id").asString();
    }

    /** The build of a trigger that is told of a push. */
    private static String pushed(SlipwayClient client) {
        Hook hook = Hook.to(service, client, "default", "generic", """
                'repository': {'url': '%s/app.git', 'fullName': 'app', 'subdirectory': 'service'},
                'build': {'noCache': true, 'sourceDateEpoch': %d}""".formatted(git.url(), EPOCH));
        String tip = Programs.run("git", "-C", folder.resolve("git/app.git").toString(), "rev-parse", "main")
                .strip();
        String body = "{\"ref\": \"refs/heads/main\", \"commit\": \"" + tip + "\"}";
        return hook.decided(hook.standard(Hook.newId(), body))
                .at("/events/0/build")
                .asString();
    }

    private Answer post(SlipwayClient client, Object source) throws IOException {
        return client.post(
                BodyPublishers.ofByteArray(JsonMapper.shared()
                        .writeValueAsBytes(Map.of("context", source, "sourceDateEpoch", EPOCH, "noCache", true))),
                "application/json");
    }

    /** Without times, the build's name, and the digest, which tells when files were changed. */
    private static String plain(String log) {
        return log.replaceAll("bld_[0-9a-z]+", "BUILD")
                .replaceAll("sha256:[0-9a-f]{64}", "DIGEST")
                .replaceAll("\\d+(\\.\\d+)? ?m?s\\b", "TIME");
    }

    @Test
    void theServicesKeyIsForTheProjectsThatItIsFor() throws IOException {
        Answer made = service.client()
                .send(service.client()
                        .request("/v1/projects")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"name\": \"keyless\"}")));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        Map<String, Object> source = git(ssh.url(), "main");
        for (Map<String, Object> options : List.of(
                Map.<String, Object>of("project", "keyless", "context", source),
                Map.<String, Object>of("projectCredentials", false, "context", source))) {
            Answer answer = service.client()
                    .post(
                            BodyPublishers.ofByteArray(JsonMapper.shared().writeValueAsBytes(options)),
                            "application/json");
            assertThat(answer.status()).as(answer.body()).isEqualTo(422);
            assertThat(answer.json().get("code").asString()).isEqualTo("git_auth");
        }
        try (BuildContext added = BuildContext.of("FROM scratch\nADD " + ssh.url() + "/app.git /\n")) {
            service.client().succeed(added);
            JsonNode anonymous = service.client().build(added, "projectCredentials", "false", "noCache", "true");
            assertThat(anonymous.at("/error/message").asString(""))
                    .as(anonymous.toString())
                    .contains("does not let Slipway in");
        }
    }

    @Test
    void aGitRepositoryOfThisMachineIsFetchedWhereThatIsAllowed() throws IOException {
        assertBuilds(post(service, git("file://" + folder.resolve("git"), "main")));
    }

    @Test
    void aGitRepositoryIsFetchedWithCredentials() throws IOException {
        Map<String, Object> known = Map.of(
                "url", lockedGit.url() + "/app.git", "subdirectory", "service", "username", "me", "password", "secret");
        assertBuilds(post(service, Map.of("git", known)));
        Map<String, Object> wrong = Map.of(
                "url", lockedGit.url() + "/app.git", "subdirectory", "service", "username", "me", "password", "wrong");
        Answer answer = post(service, Map.of("git", wrong));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("code").asString()).isEqualTo("git_auth");
    }

    @Test
    void aRefIsTheContextOfItsTime() throws IOException {
        Answer answer = post(service, git(git.url(), "v1"));
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        JsonNode build = service.client().await(answer.json().get("id").asString());
        assertThat(build.get("state").asString()).isEqualTo("succeeded");
        assertThat(build.get("digest").asString()).isNotEqualTo(digest);
        String first =
                Programs.run("git", "-c", "safe.directory=*", "--git-dir", folder + "/git/app.git", "rev-parse", "v1");
        assertThat(post(service, git(ssh.url(), first.strip()))
                        .json()
                        .get("context")
                        .get("sha256"))
                .isEqualTo(build.get("context").get("sha256"));
    }

    @Test
    void theServicesOwnMachineIsNoSourceUnlessThatIsConfigured(TestBed bed) {
        for (Map<String, Object> source : List.of(
                git(git.url(), "main"),
                git(ssh.url(), "main"),
                git("file://" + folder.resolve("git"), "main"),
                http("app.tar"))) {
            Answer answer = post(bed.service(), source);
            assertThat(answer.status()).as("%s: %s", source, answer.body()).isEqualTo(422);
            assertThat(answer.json().get("code").asString()).isEqualTo("context_unreachable");
        }
    }

    private static Map<String, Object> http(String file) {
        return Map.of(
                "http", Map.of("url", "http://127.0.0.1:" + files.getAddress().getPort() + "/" + file));
    }

    private static Map<String, Object> git(String url, String ref) {
        return Map.of("git", Map.of("url", url + "/app.git", "ref", ref, "subdirectory", "service"));
    }

    private static Answer post(SlipwayService to, Map<String, Object> source) {
        try {
            SlipwayClient client = to.client();
            return client.post(
                    BodyPublishers.ofByteArray(
                            JsonMapper.shared().writeValueAsBytes(Map.of("context", source, "sourceDateEpoch", EPOCH))),
                    "application/json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertBuilds(Answer answer) throws IOException {
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        assertBuilt(answer.json().get("id").asString());
    }

    private static void assertBuilt(String id) throws IOException {
        SlipwayClient client = service.client();
        JsonNode build = client.await(id);
        assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
        assertThat(build.get("digest").asString()).isEqualTo(digest);
    }
}
