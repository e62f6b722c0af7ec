package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SecretSearch;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A secret is there for the RUN that mounts it, and nowhere else: not while it runs, and not afterwards. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class SecretTest {
    /** How a secret may come into a file: programs that read it and write the file. */
    private static final List<String> FORMS = List.of(
            "cat",
            "od -An -tx1 -v | tr -d ' \\n'",
            "od -An -tx1 -v | tr -d ' \\n' | tr a-f A-F",
            "base64 -w 0",
            "{ printf x; cat; } | base64 -w 0",
            "{ printf xx; cat; } | base64 -w 0",
            "{ printf '\\377\\377'; cat; } | base64 -w 0 | tr +/ -_",
            "gzip",
            "zstd -q",
            "xz",
            "{ head -c 5000000 /dev/zero; cat; }",
            "{ head -c 1048570 /dev/zero; cat; }",
            "od -An -tx1 -v | tr -d ' \\n' | zstd -q",
            "base64 -w 0 | xz",
            "{ cat >\"$2.f\"; tar -c \"$2.f\" 2>/dev/null; rm \"$2.f\"; } | gzip");

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
    void aSecretOfTheProjectIsInNoFileOfTheServiceBeforeTheBuildNorWhileItRunsNorAfterIt() throws Exception {
        String secret = "s3cret-" + UUID.randomUUID();
        SlipwayClient client = service.client();
        put(client, "team-token", secret);
        assertNowhere(secret);
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of(
                """
                FROM busybox:1.35
                %sRUN --mount=type=secret,id=token wc -c < /run/secrets/token > /length
                CMD ["cat", "/length"]
                """.formatted(held.instruction().replaceFirst("^RUN ", "RUN --mount=type=secret,id=token ")))) {
            String id = client.submit(context, "secret", "id=token,src=team-token");
            held.await();
            assertNowhere(secret);
            held.letGo();
            JsonNode build = client.await(id);
            assertThat(build.get("state").asString()).as(client.logs(id)).isEqualTo("succeeded");
            assertThat(build.toString() + client.logs(id)).doesNotContain(secret);
            assertNowhere(secret);
            // It is no part of any key: with another value all is found in the cache.
            put(client, "team-token", "another-" + UUID.randomUUID());
            JsonNode again = client.succeed(context, "secret", "id=token,src=team-token");
            assertThat(again.get("digest")).isEqualTo(build.get("digest"));
            assertThat(client.get("/v1/projects/default/secrets/team-token/uses")
                            .json()
                            .get("uses")
                            .size())
                    .isEqualTo(2);
        }
    }

    @Test
    void theGuardLooksForSecretsOfTheProjectToo() throws Exception {
        SlipwayClient client = service.client();
        put(client, "guarded-token", "s3cret-" + UUID.randomUUID()); // another test counts the uses of its own
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN --mount=type=secret,id=guarded-token cp /run/secrets/guarded-token /copy # %s
                """.formatted(UUID.randomUUID()))) {
            JsonNode build = client.build(context, "secret", "guarded-token", "secretsGuard", "fail");
            assertThat(build.get("error").get("code").asString()).isEqualTo("secret_in_image");
        }
    }

    private static void put(SlipwayClient client, String name, String value) {
        SlipwayClient.Answer answer = client.send(client.request("/v1/projects/default/secrets/" + name)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"value\": \"" + value + "\"}")));
        assertThat(answer.status()).as(answer.body()).isIn(200, 201);
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
    void aSecretThatIsPrintedIsMaskedBeforeItIsStored() throws Exception {
        String secret = "s3cret-" + UUID.randomUUID();
        String key = "line one of " + UUID.randomUUID() + "\\nline two of " + UUID.randomUUID();
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN --mount=type=secret,id=token,env=TOKEN --mount=type=secret,id=key \
                    echo "it is $TOKEN"; printf %s "${TOKEN%?????}"; sleep 0.2; printf '%s\\n' "${TOKEN#"${TOKEN%?????}"}"; \
                    printf "user:$TOKEN" | base64 >&2; sed 's/^/> /' /run/secrets/key; base64 /run/secrets/key; \
                    echo done
                """)) {
            SlipwayClient client = service.client();
            String id = client.submitWith(
                    context,
                    "{\"secret\": {\"token\": \"" + secret + "\", \"key\": \"" + key + "\"}, \"noCache\": true}");
            client.await(id);
            assertThat(client.logs(id)).contains("it is ***\n", "\n***\n", "> ***\n> ***", "done\n");
            assertNowhere(secret);
            for (String line : key.split("\\\\n")) {
                assertNowhere(line);
            }
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
            String limits;
            String command;
            try {
                limits = Files.readString(Path.of("/proc/" + machine.pid() + "/limits"));
                command = Files.readString(Path.of("/proc/" + machine.pid() + "/cmdline"));
            } catch (IOException e) {
                assertThat(machine.isAlive()).as(e.toString()).isFalse(); // that of another test
                continue;
            }
            assertThat(limits).containsPattern("Max core file size +0 +0 +bytes");
            assertThat(command).contains("-XX:-CreateCoredumpOnCrash");
        }
    }

    /**
     * Whatever the database has, in every table of every schema that is not PostgreSQL's own: as text, and bytes as they are. The tables that
     * another test has made meanwhile may be gone.
     */
    private static Map<String, String> tablesWith(SecretSearch secret) throws IOException, SQLException {
        Map<String, String> found = new TreeMap<>();
        try (Connection connection = database();
                Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename)"
                            + " FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            assertThat(names).contains("public.builds");
            for (String name : names) {
                try (ResultSet rows = statement.executeQuery("SELECT t::text, t.* FROM " + name + " t")) {
                    while (rows.next()) {
                        for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                            boolean has = rows.getObject(column) instanceof byte[] bytes
                                    ? secret.isIn(bytes)
                                    : secret.isIn(String.valueOf(rows.getString(column)));
                            if (has) {
                                found.put(name, rows.getMetaData().getColumnName(column));
                            }
                        }
                    }
                } catch (SQLException e) {
                    if (!name.startsWith("planted.") || !"42P01".equals(e.getSQLState())) { // undefined_table
                        throw e;
                    }
                }
            }
        }
        return found;
    }

    private static Connection database() throws IOException, SQLException {
        Path data = service.home().resolve("postgres");
        String port = Files.readAllLines(data.resolve("data/postmaster.pid")).get(3);
        String password = Files.readString(data.resolve("password"));
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "slipway", password);
    }

    /**
     * Looks into every file of the service's data (database, stores, work, logs), and into every table: PostgreSQL compresses long values in its
     * files.
     */
    private static void assertNowhere(String secret) throws Exception {
        SecretSearch search = new SecretSearch(secret);
        assertThat(search.isIn(service.log())).as("it is in the log").isFalse();
        assertThat(tablesWith(search)).isEmpty();
        assertThat(SecretSearch.asOwner(service.home(), secret)).isEmpty();
    }

    @Test
    void aSecretInAFileWouldBeFound() throws Exception {
        String secret = "s3cret-" + UUID.randomUUID();
        Path planted = Files.createDirectory(service.home().resolve("store/planted"));
        try {
            for (int i = 0; i < FORMS.size(); i++) {
                // As private as what the service writes.
                Programs.run(
                        "bash",
                        "-euc",
                        "umask 077; printf %s \"$1\" | { " + FORMS.get(i) + "; } >\"$2\"",
                        "bash",
                        secret,
                        planted.resolve("file-" + i).toString());
            }
            assertThat(SecretSearch.asOwner(service.home(), secret).lines().map(Path::of))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, FORMS.size())
                            .mapToObj(i -> planted.resolve("file-" + i))
                            .toList());
        } finally {
            Programs.run("rm", "-r", planted.toString());
        }
    }

    @Test
    void aSecretInATableWouldBeFound() throws Exception {
        String secret = "s3cret-" + UUID.randomUUID();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(secret.getBytes(UTF_8));
        }
        try (Connection connection = database();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA planted; CREATE TABLE planted.texts (t text);"
                    + " CREATE TABLE planted.objects (j jsonb); CREATE TABLE planted.blobs (b bytea);"
                    + " INSERT INTO planted.texts VALUES ('a " + secret + " b');"
                    + " INSERT INTO planted.objects VALUES ('[\"" + secret + "\"]')");
            try {
                try (PreparedStatement insert = connection.prepareStatement("INSERT INTO planted.blobs VALUES (?)")) {
                    insert.setBytes(1, packed.toByteArray());
                    insert.execute();
                }
                assertThat(tablesWith(new SecretSearch(secret)).keySet())
                        .containsExactly("planted.blobs", "planted.objects", "planted.texts");
            } finally {
                statement.execute("DROP SCHEMA planted CASCADE");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/self/mem", "/nowhere"})
    void whatCannotBeSearchedIsAnError(String path) {
        assertThatThrownBy(() -> SecretSearch.asOwner(Path.of(path), "s3cret-" + UUID.randomUUID()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("could be searched");
    }
}
