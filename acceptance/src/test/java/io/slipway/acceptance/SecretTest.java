package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** A secret is there for the RUN that mounts it, and nowhere else: not while it runs, and not afterwards. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class SecretTest {
    /** One of its own: all that it ever stores is looked through. */
    private static SlipwayService service;

    private static Path folder;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-secrets-");
        service = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of());
    }

    @AfterAll
    static void stop() {
        service.close();
        TestBed.remove(folder);
    }

    @Test
    void aSecretIsInNoFileOfTheServiceWhileTheBuildRunsNorAfterIt() throws Exception {
        String secret = "s3cret-" + UUID.randomUUID();
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of(
                """
                FROM busybox:1.35
                RUN --mount=type=secret,id=token --mount=type=secret,id=token,env=TOKEN \
                    test "$(cat /run/secrets/token)" = "$TOKEN" && echo ${#TOKEN} > /length
                RUN --mount=type=secret,id=token,env=TOKEN \
                    sh -c 'ulimit -c unlimited; kill -SEGV $$'; sh -c 'kill -ABRT $$'; test "$(ulimit -Hc)" = 0
                %sCMD ["cat", "/length"]
                """.formatted(held.instruction().replaceFirst("^RUN ", "RUN --mount=type=secret,id=token ")))) {
            SlipwayClient client = service.client();
            String id = client.submitWith(context, "{\"secret\": {\"token\": \"" + secret + "\"}, \"noCache\": true}");
            held.await();
            assertNowhere(secret);
            assertNoneMakesCores();
            held.letGo();
            JsonNode build = client.await(id);
            assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
            assertThat(build.toString() + client.logs(id)).doesNotContain(secret);
            assertNowhere(secret);
            Path tar = context.scratch().resolve("image.tar");
            client.download(id, "oci", tar);
            ImageTree tree = ImageTree.of(OciImage.ofTar(tar, context.scratch().resolve("image")));
            assertThat(tree.files().keySet()).contains("length").noneMatch(path -> path.contains("core"));
        }
    }

    @Test
    void anotherValueOfASecretIsNoReasonToRunAgain() throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN --mount=type=secret,id=token wc -c < /run/secrets/token > /length && echo %s > /id
                """.formatted(UUID.randomUUID()))) {
            SlipwayClient client = service.client();
            JsonNode one = client.await(client.submitWith(context, "{\"secret\": {\"token\": \"a\"}}"));
            JsonNode two = client.await(client.submitWith(context, "{\"secret\": {\"token\": \"bcd\"}}"));
            assertThat(one.get("state").asString()).as(one.toPrettyString()).isEqualTo("succeeded");
            assertThat(two.get("digest").asString()).isEqualTo(one.get("digest").asString());
        }
    }

    /**
     * Whoever has the secret in its memory leaves no core of it: that of a worker can't be made to be looked through, since a worker is the first
     * process of its namespace, to which no signal gets that it does not handle (pid_namespaces(7)).
     */
    private static void assertNoneMakesCores() throws IOException {
        List<ProcessHandle> machines = Stream.concat(
                        Stream.of(service.process()), service.process().descendants())
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .toList();
        assertThat(machines).as("the service and at least one worker").hasSizeGreaterThan(1);
        for (ProcessHandle machine : machines) {
            assertThat(Files.readString(Path.of("/proc/" + machine.pid() + "/limits")))
                    .containsPattern("Max core file size +0 +0 +bytes");
            assertThat(Files.readString(Path.of("/proc/" + machine.pid() + "/cmdline")))
                    .contains("-XX:-CreateCoredumpOnCrash");
        }
    }

    /**
     * Every table of the database as text. Its files are looked through as well, but PostgreSQL compresses long values in them.
     */
    private static Map<String, String> tables() throws IOException, SQLException {
        Path data = service.home().resolve("postgres");
        String port = Files.readAllLines(data.resolve("data/postmaster.pid")).get(3);
        String password = Files.readString(data.resolve("password"));
        Map<String, String> tables = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "slipway", password);
                Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            for (String name : names) {
                try (ResultSet rows = statement.executeQuery(
                        "SELECT coalesce(string_agg(t::text, ' '), '') FROM public.\"" + name + "\" t")) {
                    rows.next();
                    tables.put(name, rows.getString(1));
                }
            }
        }
        return tables;
    }

    /** Looks into every file of the service's data (database, stores, work, logs), and in what is compressed, too. */
    private static void assertNowhere(String secret) throws Exception {
        byte[] bytes = secret.getBytes(UTF_8);
        // Base64 of a text that stands at any of three positions has one of these in common.
        List<String> forms = List.of(
                secret,
                HexFormat.of().formatHex(bytes),
                middle(Base64.getEncoder().encodeToString(bytes)),
                middle(Base64.getEncoder().encodeToString(("x" + secret).getBytes(UTF_8))),
                middle(Base64.getEncoder().encodeToString(("xx" + secret).getBytes(UTF_8))));
        String patterns = String.join("\n", forms);
        String home = service.home().toString();
        assertThat(service.log()).doesNotContain(forms);
        Map<String, String> tables = tables();
        assertThat(tables.get("builds")).isNotBlank();
        assertThat(tables.values()).noneMatch(rows -> forms.stream().anyMatch(rows::contains));
        Programs.Result plain = Programs.tryRun("grep", "-rlaF", "--devices=skip", "-e", patterns, home);
        assertThat(plain.output().lines().filter(line -> !line.startsWith("grep: ")))
                .isEmpty();
        Programs.Result packed = Programs.tryRun(
                "bash",
                "-c",
                "find \"$1\"/store/blobs -type f -exec sh -c 'for f; do zcat -f \"$f\" 2>/dev/null | grep -qaF -e \"$0\" && echo \"$f\"; done' \"$2\" {} +",
                "bash",
                home,
                patterns);
        assertThat(packed.output()).isEmpty();
    }

    private static String middle(String text) {
        return text.substring(4, text.length() - 4);
    }
}
