package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Manifest;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.db.Database;
import io.slipway.image.Digest;
import io.slipway.image.context.BuildContext;
import io.slipway.image.context.ContextEntry;
import io.slipway.image.tar.FileName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Contexts that come as a manifest and the contents that are missing. */
@ExtendWith(ServiceExtension.class)
final class ManifestTest {
    private static final String DOCKERFILE = "FROM scratch\nCOPY . /\n";

    private final RunningService service;
    private final ApiClient client;

    ManifestTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
    }

    @Test
    void whatIsMissingIsToldSentAndBuilt() throws IOException {
        String text = unique();
        Manifest manifest = new Manifest()
                .file("Dockerfile", DOCKERFILE, "0644")
                .file("bin/run", text, "4755")
                .file("again", text, "0600")
                .file("empty", "", "0644")
                .entry("hard", "hardlink", Map.of("target", "bin/run"))
                .entry("soft", "symlink", Map.of("target", "../outside"))
                .entry("nothing", "directory", Map.of("mode", "1777"))
                .entry("./", "directory", Map.of("mode", "0711"))
                .entry(null, "symlink", Map.of("pathBase64", base64(0xff, 'a'), "targetBase64", base64('b', 0xfe)));
        Answer created = manifest.post(client);
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().get("id").stringValue();
        assertThat(created.header("Location")).isEqualTo("/v1/contexts/" + id);
        assertThat(texts(created.json().get("missing"))).contains(sha256(text)).doesNotHaveDuplicates();
        assertThat(created.json().get("state").stringValue()).isEqualTo("incomplete");
        assertThat(created.json().get("entries").intValue()).isEqualTo(9);

        Answer early = build(id);
        assertThat(early.status()).isEqualTo(409);
        assertThat(early.json().get("missingBytes").longValue())
                .isEqualTo(created.json().get("missingBytes").longValue());
        assertThat(early.json().get("hint").stringValue()).contains("/v1/contexts/" + id + "/files");

        Answer complete = put(id, contents(DOCKERFILE, text).gzip());
        assertThat(complete.status()).as(complete.text()).isEqualTo(200);
        assertThat(complete.json().get("state").stringValue()).isEqualTo("complete");
        assertThat(complete.json().get("missing").size()).isZero();

        Path tar = built(id);
        try (BuildContext context = BuildContext.open(tar)) {
            assertThat(text(context, "bin/run")).isEqualTo(text);
            assertThat(text(context, "again")).isEqualTo(text);
            assertThat(text(context, "hard")).isEqualTo(text);
            assertThat(text(context, "empty")).isEmpty();
            assertThat(entry(context, "hard").entry().linkName()).isEqualTo("bin/run");
            assertThat(entry(context, "soft").entry().linkName()).isEqualTo("../outside");
            assertThat(entry(context, "bin/run").entry().mode()).isEqualTo(04755);
            assertThat(entry(context, "bin").entry().mode()).isEqualTo(0755);
            assertThat(entry(context, "nothing").entry().mode()).isEqualTo(01777);
            assertThat(context.root().entry().mode()).isEqualTo(0711);
            String name = FileName.decode(new byte[] {(byte) 0xff, 'a'});
            assertThat(FileName.encode(entry(context, name).entry().linkName()))
                    .isEqualTo(new byte[] {'b', (byte) 0xfe});
        }
        // The build has what it needs, whatever becomes of the context.
        assertThat(client.send("DELETE", "/v1/contexts/" + id, BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        assertThat(client.get("/v1/contexts/" + id).status()).isEqualTo(404);
        try (BuildContext context = BuildContext.open(tar)) {
            assertThat(text(context, "again")).isEqualTo(text);
        }
    }

    @Test
    void onlyWhatChangedIsMissingTheNextTimeAndItComesFromSeveralPacks() throws IOException {
        List<String> texts = new ArrayList<>();
        Manifest first = new Manifest().file("Dockerfile", DOCKERFILE, "0644");
        for (int i = 0; i < 100; i++) {
            texts.add(unique());
            first.file("f" + i, texts.get(i), "0644");
        }
        send(first, texts);
        for (int round = 0; round < 3; round++) {
            texts.set(7 + round, unique());
            Manifest next = new Manifest().file("Dockerfile", DOCKERFILE, "0644");
            for (int i = 0; i < 100; i++) {
                next.file("f" + i, texts.get(i), "0644");
            }
            Answer created = next.post(client);
            assertThat(texts(created.json().get("missing"))).containsExactly(sha256(texts.get(7 + round)));
            String id = created.json().get("id").stringValue();
            put(id, contents(texts.get(7 + round)).bytes());
            try (BuildContext context = BuildContext.open(built(id))) {
                for (int i = 0; i < 100; i++) {
                    assertThat(text(context, "f" + i)).isEqualTo(texts.get(i));
                }
            }
        }
    }

    @Test
    void whatCameWholeStaysWhenTheConnectionBreaks() throws IOException {
        byte[] one = random(300_000);
        byte[] two = random(300_000);
        Manifest manifest = new Manifest().file("one", one).file("two", two).file("Dockerfile", DOCKERFILE, "0644");
        String id = manifest.post(client).json().get("id").stringValue();
        byte[] tar = new Tars()
                .file(sha256(one), one)
                .file(sha256(two), two)
                .file(sha256(bytes(DOCKERFILE)), DOCKERFILE)
                .bytes();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes("PUT /v1/contexts/" + id + "/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + service.token() + "\r\nContent-Length: " + tar.length + "\r\n\r\n"));
            out.write(tar, 0, 450_000);
            out.flush();
        }
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .until(() -> !texts(client.get("/v1/contexts/" + id).json().get("missing"))
                        .contains(sha256(one)));
        assertThat(texts(client.get("/v1/contexts/" + id).json().get("missing")))
                .contains(sha256(two));
        // Sent again as a whole: what is there is passed over.
        assertThat(put(id, tar).json().get("state").stringValue()).isEqualTo("complete");
        try (BuildContext context = BuildContext.open(built(id));
                InputStream content = context.open(entry(context, "two"))) {
            assertThat(content.readAllBytes()).isEqualTo(two);
        }
    }

    @Test
    void aContentThatIsNotWhatItsNameSaysIsRefusedAndWhatCameBeforeStays() throws IOException {
        String good = unique();
        String other = unique();
        String id = new Manifest()
                .file("good", good, "0644")
                .file("other", other, "0644")
                .post(client)
                .json()
                .get("id")
                .stringValue();
        String wrong = other.substring(1) + "x";
        Answer refused = put(
                id,
                new Tars().file(sha256(good), good).file(sha256(other), wrong).bytes());
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().get("code").stringValue()).isEqualTo("context_invalid");
        assertThat(refused.json().get("detail").stringValue()).contains(sha256(other), sha256(wrong));
        assertThat(texts(client.get("/v1/contexts/" + id).json().get("missing")))
                .containsExactly(sha256(other));
        for (Tars tar : List.of(
                new Tars().file("name", good),
                contents("not of this context"),
                new Tars().file(sha256(other), "another length"))) {
            Answer answer = put(id, tar.bytes());
            assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        }
        assertThat(put(id, bytes("no tar")).status()).isEqualTo(422);
    }

    @Test
    void anotherProjectsContextsAreNotThereAndItsContentsAreMissing() throws IOException {
        service.part(Database.class)
                .run(transaction ->
                        transaction.update("insert into projects (name) values ('elsewhere') on conflict do nothing"));
        String text = unique();
        String own = send(new Manifest().file("Dockerfile", text, "0644"), List.of(text));
        Answer other =
                new Manifest("elsewhere").file("Dockerfile", text, "0644").post(client);
        assertThat(texts(other.json().get("missing"))).containsExactly(sha256(text));
        Answer build = client.postJson("/v1/builds", "{\"project\": \"elsewhere\", \"context\": \"" + own + "\"}");
        assertThat(build.status()).isEqualTo(422);
        assertThat(build.json().get("code").stringValue()).isEqualTo("context_unreachable");
        assertThat(new Manifest("nowhere").file("a", text, "0644").post(client).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"context": "ID"}                             | 422 | context_invalid     | it has no index.json
            {"context": "ctx_00000000000000000000000000"} | 422 | context_unreachable | There is no context ctx_00000000000000000000000000
            {"context": "/tmp/layout"}                    | 400 |                     | is no id of a context
            """)
    void aLayoutThatWasSentHasToBeOne(String layout, int status, @Nullable String code, String words)
            throws IOException {
        String text = unique();
        String id = send(
                new Manifest().file("no-layout", text, "0644").file("Dockerfile", DOCKERFILE, "0644"), List.of(text));
        Answer refused = client.postJson(
                "/v1/builds",
                "{\"context\": \"" + id + "\", \"buildContext\": {\"base\": {\"ociLayout\": " + layout.replace("ID", id)
                        + "}}}");
        assertThat(refused.status()).as(refused.text()).isEqualTo(status);
        assertThat(refused.json().path("code").asString(null)).isEqualTo(code);
        assertThat(refused.json().get("detail").stringValue()).contains(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"path\": \"/abs\", \"type\": \"directory\"} | 422 | \"/abs\" has an absolute path",
                "{\"path\": \"a/../b\", \"type\": \"directory\"} | 422 | has \"..\" in its path",
                "{\"path\": \"l\", \"type\": \"symlink\", \"target\": \"/\"}, {\"path\": \"l/x\", \"type\": \"directory\"} | 422 | through the symbolic link \"l\"",
                "{\"path\": \"h\", \"type\": \"hardlink\", \"target\": \"../x\"} | 422 | has \"..\" in its path",
                "{\"path\": \"h\", \"type\": \"hardlink\", \"target\": \"x\"} | 422 | not among the entries before it",
                "{\"path\": \"f\", \"type\": \"fifo\"} | 400 | unknown type of an entry fifo",
                "{\"path\": \"f\"} | 400 | is a file and has no size",
                "{\"path\": \"f\", \"type\": \"directory\", \"mode\": \"10000\"} | 400 | has a mode that is not",
                "{\"path\": \"f\", \"type\": \"directory\", \"mode\": 493} | 400 | has a mode that is no text",
                "{\"path\": \"f\", \"type\": \"directory\", \"uid\": -1} | 400 | has a uid below 0",
                "{\"path\": \"f\", \"type\": \"directory\", \"pathBase64\": \"Zg==\"} | 400 | has a text and its Base64 form",
                "{\"path\": \"f\", \"type\": \"directory\", \"mod\": \"0644\"} | 400 | did you mean mode?",
                "{\"path\": \"f\", \"size\": 1, \"sha256\": \"ABC\"} | 400 | 64 hexadecimal digits",
                "{\"path\": \"f\", \"size\": 1, \"sha256\": \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"} | 422 | has 1 bytes",
                "{\"path\": \"f\", \"type\": \"directory\", \"type\": \"directory\"} | 400 | not JSON, line 1",
                "3 | 400 | must be an object",
            })
    void entriesThatAContextMustNotHaveAreRefused(String entries, int status, String words) throws IOException {
        Answer refused = client.postJson("/v1/contexts", "{\"entries\": [" + entries + "]}");
        assertThat(refused.status()).as(refused.text()).isEqualTo(status);
        assertThat(refused.json().get("detail").stringValue()).contains(words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[]", "{}", "{\"entries\": 1}", "{\"entries\": []} x", "{\"entry\": []}", "", "{\"entries\": ["})
    void whatIsNoManifestIsRefused(String body) throws IOException {
        assertThat(client.postJson("/v1/contexts", body).status()).isEqualTo(400);
    }

    @Test
    void limitsAreThoseOfTars() throws IOException {
        Manifest many = new Manifest();
        for (int i = 0; i <= 5000; i++) {
            many.entry("d" + i, "directory", Map.of());
        }
        assertThat(many.post(client).status()).isEqualTo(413);
        Answer large = client.postJson(
                "/v1/contexts",
                "{\"entries\": [{\"path\": \"f\", \"size\": 67108865, \"sha256\": \"" + "a".repeat(64) + "\"}]}");
        assertThat(large.status()).as(large.text()).isEqualTo(413);
    }

    @Test
    void contextsAndContentsExpireAndWhatIsLeftOfPacksIsPutTogether() throws IOException {
        try (RunningService hasty =
                RunningService.start("slipway.upload.expiry=4s", "slipway.upload.content-expiry=8s")) {
            ApiClient to = hasty.client();
            String kept = unique();
            String dropped = unique().repeat(100);
            String id = new Manifest()
                    .file("kept", kept, "0644")
                    .file("dropped", dropped, "0644")
                    .post(to)
                    .json()
                    .get("id")
                    .stringValue();
            Answer sent = to.send(
                    "PUT",
                    "/v1/contexts/" + id + "/files",
                    BodyPublishers.ofByteArray(contents(kept, dropped).bytes()));
            assertThat(sent.status()).as(sent.text()).isEqualTo(200);
            Manifest half = new Manifest().file("kept", kept, "0644").file("Dockerfile", kept, "0644");
            // Kept in use, while the other is not.
            Awaitility.await()
                    .atMost(1, TimeUnit.MINUTES)
                    .pollInterval(500, TimeUnit.MILLISECONDS)
                    .until(() -> half.post(to).json().get("missing").size() == 0 && packBytes(hasty) == kept.length());
            assertThat(to.get("/v1/contexts/" + id).status()).isEqualTo(404);
            Answer again = half.post(to);
            assertThat(again.json().get("state").stringValue()).isEqualTo("complete");
            Awaitility.await().atMost(1, TimeUnit.MINUTES).until(() -> packBytes(hasty) == 0);
            assertThat(half.post(to).json().get("missing").size()).isEqualTo(1);
        }
    }

    private static long packBytes(RunningService of) throws IOException {
        long bytes = 0;
        try (var packs = Files.newDirectoryStream(of.home().resolve("uploads/contents/default"), "*.pack")) {
            for (Path pack : packs) {
                try {
                    bytes += Files.size(pack);
                } catch (NoSuchFileException e) {
                    // It has just been put together with another one.
                }
            }
        }
        return bytes;
    }

    private String send(Manifest manifest, List<String> texts) throws IOException {
        String id = manifest.post(client).json().get("id").stringValue();
        List<String> all = new ArrayList<>(texts);
        if (manifest.entries().stream().anyMatch(entry -> sha256(DOCKERFILE).equals(entry.get("sha256")))) {
            all.add(DOCKERFILE);
        }
        Answer answer = put(id, contents(all.toArray(String[]::new)).bytes());
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().get("state").stringValue()).isEqualTo("complete");
        return id;
    }

    private Answer put(String id, byte[] tar) throws IOException {
        return client.send("PUT", "/v1/contexts/" + id + "/files", BodyPublishers.ofByteArray(tar));
    }

    private Answer build(String id) throws IOException {
        return client.postJson("/v1/builds", "{\"context\": \"" + id + "\"}");
    }

    /** The context of a build that is accepted. */
    private Path built(String id) throws IOException {
        Answer accepted = build(id);
        assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
        return service.home()
                .resolve("contexts")
                .resolve(accepted.json().get("id").stringValue() + ".tar");
    }

    private static ContextEntry entry(BuildContext context, String path) {
        ContextEntry entry = context.find(path);
        if (entry == null) {
            throw new AssertionError("no " + path);
        }
        return entry;
    }

    private static String text(BuildContext context, String path) throws IOException {
        try (InputStream content = context.open(entry(context, path))) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Tars contents(String... texts) {
        Tars tar = new Tars();
        for (String text : texts) {
            tar.file(sha256(text), text);
        }
        return tar;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.stringValue()));
        return texts;
    }

    private static String unique() {
        return UUID.randomUUID().toString();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random().nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String sha256(String text) {
        return sha256(bytes(text));
    }

    private static String sha256(byte[] content) {
        return Digest.of(content).hex();
    }

    private static String base64(int... bytes) {
        byte[] name = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            name[i] = (byte) bytes[i];
        }
        return Base64.getEncoder().encodeToString(name);
    }
}
