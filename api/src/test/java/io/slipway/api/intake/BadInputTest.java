package io.slipway.api.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.image.tar.TarEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input, and what it gets; nothing of it is kept. */
@ExtendWith(ServiceExtension.class)
final class BadInputTest {
    private static final String FROM_SCRATCH = "FROM scratch\nCOPY Dockerfile /\n";

    private final RunningService service;
    private final ApiClient client;
    private final List<Path> before;

    BadInputTest(RunningService service) throws IOException {
        this.service = service;
        this.client = service.client();
        this.before = service.contexts();
    }

    @AfterEach
    void nothingIsKept() throws IOException {
        service.requireNothingKept(before);
    }

    @Test
    void aBodyThatIsNoContextIsRefused() throws IOException {
        byte[] tar =
                Tars.dockerfile(FROM_SCRATCH).file("big", new byte[100_000]).bytes();
        Map<String, byte[]> bodies = new LinkedHashMap<>();
        bodies.put("empty", new byte[0]);
        bodies.put("text", "hello, this is no tar".getBytes(StandardCharsets.UTF_8));
        bodies.put("a form", "payload=%7B%22a%22%3A1%7D".getBytes(StandardCharsets.UTF_8));
        bodies.put("cut in a file", Arrays.copyOf(tar, 50_000));
        bodies.put("without its end", Arrays.copyOf(tar, tar.length - 1024));
        bodies.put("cut gzip", Arrays.copyOf(Tars.gzip(tar), 100));
        bodies.put("a zip", "PK\u0003\u0004".getBytes(StandardCharsets.UTF_8));
        for (Map.Entry<String, byte[]> body : bodies.entrySet()) {
            assertProblem(client.post("/v1/builds", body.getValue()), 422, "context-invalid", "context_invalid", "");
        }
        assertProblem(
                client.post("/v1/builds", tar, "Content-Encoding", "gzip"),
                422,
                "context-invalid",
                "context_invalid",
                "Content-Encoding");
    }

    @Test
    void anEntryThatLeavesTheContextIsRefused() throws IOException {
        Map<String, Tars> contexts = new LinkedHashMap<>();
        contexts.put("../outside", new Tars().file("../outside", "x"));
        contexts.put("/absolute", new Tars().file("/absolute", "x"));
        contexts.put("a/../../b", new Tars().file("a/../../b", "x"));
        contexts.put(
                "link/file", new Tars().entry(TarEntry.symlink("link", "/etc")).file("link/file", "x"));
        contexts.put("hard", new Tars().entry(TarEntry.hardLink("hard", "../../etc/passwd")));
        contexts.put("hard2", new Tars().entry(TarEntry.hardLink("hard2", "missing")));
        contexts.put("null", new Tars().entry(device("null", TarEntry.Type.CHARACTER_DEVICE)));
        contexts.put("pipe", new Tars().entry(device("pipe", TarEntry.Type.FIFO)));
        contexts.put("sda", new Tars().entry(device("sda", TarEntry.Type.BLOCK_DEVICE)));
        for (Map.Entry<String, Tars> context : contexts.entrySet()) {
            byte[] body = context.getValue().file("Dockerfile", FROM_SCRATCH).bytes();
            assertProblem(client.post("/v1/builds", body), 422, "context-invalid", "context_invalid", context.getKey());
        }
    }

    @Test
    void aContextThatIsTooLargeIsRefusedWhileItComesIn() throws IOException {
        byte[] large =
                Tars.dockerfile(FROM_SCRATCH).file("zeros", new byte[65 << 20]).bytes();
        assertProblem(client.post("/v1/builds", large), 413, "content-too-large", "context_too_large", "67108864");
        assertProblem(
                client.post("/v1/builds", Tars.gzip(large)), 413, "content-too-large", "context_too_large", "67108864");
        Tars many = Tars.dockerfile(FROM_SCRATCH);
        for (int i = 0; i < 5_000; i++) {
            many.file("f" + i, new byte[0]);
        }
        assertProblem(client.post("/v1/builds", many.gzip()), 413, "content-too-large", "context_too_large", "5000");
    }

    @Test
    void aMissingDockerfileIsNamedWithWhatThereIs() throws IOException {
        Answer answer = client.post(
                "/v1/builds",
                new Tars().file("docker/Dockerfile.prod", FROM_SCRATCH).bytes());
        assertProblem(answer, 422, "dockerfile-invalid", "dockerfile_invalid", "no file Dockerfile");
        assertThat(answer.json().path("hint").stringValue()).contains("docker/Dockerfile.prod");
        Answer named = client.post(
                "/v1/builds?dockerfile=nope", Tars.dockerfile(FROM_SCRATCH).bytes());
        assertProblem(named, 422, "dockerfile-invalid", "dockerfile_invalid", "no file nope");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ../shared/Dockerfile | which leads outside of the context
                    /etc/Dockerfile      | which leads outside of the context
                    docker/nothing       | and the context has nothing there
                    Dockerfile           | and the context has nothing there
                    """)
    void aDockerfileThatIsALinkToNothingIsCalledThat(String target, String detail) throws IOException {
        Tars context = new Tars().entry(TarEntry.symlink("Dockerfile", target)).file("docker/Dockerfile", FROM_SCRATCH);
        Answer answer = client.post("/v1/builds", context.bytes());
        assertProblem(
                answer,
                422,
                "dockerfile-invalid",
                "dockerfile_invalid",
                "Dockerfile is a symbolic link to " + target + ", " + detail + ".");
    }

    @Test
    void anEntryOfAnUnknownTypeIsNamedItself() throws IOException {
        byte[] tar = new Tars()
                .file("before", "x")
                .file("odd", "y")
                .file("Dockerfile", FROM_SCRATCH)
                .bytes();
        setType(tar, 1024, 'Q');
        assertProblem(
                client.post("/v1/builds", tar),
                422,
                "context-invalid",
                "context_invalid",
                "The context's tar is broken behind the entry \"before\": The entry odd has the unknown type 'Q'"
                        + " (at byte 1024).");
    }

    /** Changes the type of the entry whose header is at {@code offset}, and its checksum (POSIX, "ustar Interchange Format"). */
    private static void setType(byte[] tar, int offset, char type) {
        tar[offset + 156] = (byte) type;
        Arrays.fill(tar, offset + 148, offset + 156, (byte) ' ');
        int sum = 0;
        for (int i = offset; i < offset + 512; i++) {
            sum += tar[i] & 0xff;
        }
        byte[] digits = "%06o".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, tar, offset + 148, digits.length);
        tar[offset + 154] = 0;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    FROM scratch\\nCOPPY a b       | 2 | 1 | COPPY
                    RUN true                      | 1 | 1 | before the first FROM
                    FROM scratch\\n\\nEXPOSE 99999 | 3 |   | 99999
                    """)
    void aMistakeInTheDockerfileIsToldWithItsPlace(String text, int line, @Nullable Integer column, String detail)
            throws IOException {
        Answer answer = client.post(
                "/v1/builds", Tars.dockerfile(text.replace("\\n", "\n")).bytes());
        assertProblem(answer, 422, "dockerfile-invalid", "dockerfile_invalid", detail);
        assertThat(answer.json().path("line").intValue()).isEqualTo(line);
        if (column != null) {
            assertThat(answer.json().path("column").intValue()).isEqualTo(column);
        }
    }

    @Test
    void aMistypedInstructionHasAHint() throws IOException {
        Answer answer = client.post(
                "/v1/builds", Tars.dockerfile("FROM scratch\nCOPPY a b\n").bytes());
        assertThat(answer.json().path("hint").stringValue()).contains("COPY");
    }

    @Test
    void aStageThatIsNotThereIsRefused() throws IOException {
        assertProblem(
                client.post(
                        "/v1/builds?target=nope", Tars.dockerfile(FROM_SCRATCH).bytes()),
                422,
                "dockerfile-invalid",
                "dockerfile_invalid",
                "nope");
    }

    @Test
    void withoutAValidTokenThereIsNothing() throws IOException {
        byte[] tar = Tars.dockerfile(FROM_SCRATCH).bytes();
        for (@Nullable String token : new @Nullable String[] {null, "wrong"}) {
            Answer answer = new ApiClient(service.url(), token).post("/v1/builds", tar);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/unauthorized");
        }
    }

    @Test
    void bodiesThatAreNotWhatTheirTypeSaysAreRefused() throws IOException {
        assertThat(client.post("/v1/builds", new byte[0], "Content-Type", "text/html")
                        .status())
                .isEqualTo(415);
        assertThat(client.post("/v1/builds", new byte[0], "Content-Encoding", "br")
                        .status())
                .isEqualTo(415);
        for (String json : List.of("", "{", "[]", "{\"a\": 1, \"a\": 2}", "{} x")) {
            Answer answer = client.postJson("/v1/builds", json);
            assertThat(answer.status()).as(json).isEqualTo(400);
            assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/request-invalid");
        }
        Answer tooMuch = client.postJson("/v1/builds", "{\"target\": \"" + "x".repeat(2 << 20) + "\"}");
        assertThat(tooMuch.status()).isEqualTo(413);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"tag": "a",\\n"label" "b"}      | 2 |  9 | Unexpected character
                    {"tag": ["a"                     | 1 | 13 | it ends before its last bracket
                    {"tag": "a"}\\n{"tag": "b"}      | 2 |  1 | something follows after its end
                    {"tag": latest}                  | 1 |  9 | Unrecognized token 'latest'
                    """)
    void brokenJsonIsToldWithItsPlaceAndInWords(String json, int line, int column, String detail) throws IOException {
        Multipart body = new Multipart()
                .field("build", json.replace("\\n", "\n"))
                .file(
                        "context",
                        "application/x-tar",
                        Tars.dockerfile(FROM_SCRATCH).bytes());
        Answer answer = client.post("/v1/builds", body.bytes(), "Content-Type", body.contentType());
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue())
                .startsWith("the part build is not JSON, line " + line + ", column " + column + ": ")
                .contains(detail)
                .doesNotContain("jackson", "`", "Source", "Feature");
        assertThat(answer.json().path("line").intValue()).isEqualTo(line);
        assertThat(answer.json().path("column").intValue()).isEqualTo(column);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"tag": "a", "tag": "b"}                              | 1 | 14 | tag
                    {"registryAuth": {"h":\\n {"username": "a", "username": "b"}}} | 2 | 20 | username
                    {"é": 1, "é": 2}                                      | 1 | 11 | é
                    """)
    void aNameThatIsThereTwiceIsCalledThat(String json, int line, int column, String name) throws IOException {
        Answer answer = client.postJson("/v1/builds", json.replace("\\n", "\n"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue())
                .isEqualTo(
                        "the body, line " + line + ", column " + column + ": the field " + name + " is there twice.");
        assertThat(answer.json().path("line").intValue()).isEqualTo(line);
        assertThat(answer.json().path("column").intValue()).isEqualTo(column);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"git": {"url": "a", "username": "u"}}   | password | context.git has a username and no password
                    {"git": {"url": "a", "password": "p"}}   | username | context.git has a password and no username
                    {"http": {"url": "a", "username": "u"}}  | password | context.http has a username and no password
                    {"http": {"url": "a", "password": "p"}}  | username | context.http has a password and no username
                    """)
    void halfOfTheCredentialsIsRefused(String context, String parameter, String detail) throws IOException {
        Answer answer = client.postJson("/v1/builds", "{\"context\": " + context + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("parameter").stringValue()).isEqualTo(parameter);
        assertThat(answer.json().path("detail").stringValue()).startsWith(detail);
        assertThat(answer.json().path("hint").stringValue()).startsWith("give both");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/builds?limit=, limit, `limit` is empty.",
        "/v1/builds?state, state, `state` has no value.",
        "/v1/builds/bld_x/logs?follow=, follow, `follow` is empty.",
        "/v1/builds/bld_x?wait=, wait, `wait` is empty.",
    })
    void aParameterWithoutAValueIsRefused(String path, String parameter, String detail) throws IOException {
        Answer answer = client.get(path);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("parameter").stringValue()).isEqualTo(parameter);
        assertThat(answer.json().path("detail").stringValue()).isEqualTo(detail);
        assertThat(answer.json().path("hint").stringValue()).isEqualTo("leave it out for the default");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"tag": "a"}                                          | context is missing
                    {"context": {}}                                       | exactly one of git and http
                    {"context": {"git": {"url": "a"}, "http": {}}}        | exactly one of git and http
                    {"context": {"gitt": {"url": "a"}}}                   | did you mean git?
                    {"context": {"git": {}}}                              | context.git.url is missing
                    {"context": {"git": {"url": "a", "branch": "b"}}}     | unknown field of context.git branch
                    {"context": {"git": {"url": "a", "subdir": "b"}}}     | unknown field of context.git subdir
                    {"context": {"http": {"url": "a", "checksum": "1"}}}  | context.http.checksum must be
                    {"contxt": {"git": {"url": "a"}}}                     | did you mean context?
                    {"context": {"git": {"url": "a"}}, "buildarg": {}}    | did you mean buildArg?
                    """)
    void jsonThatSaysTheWrongThingIsRefusedByName(String json, String detail) throws IOException {
        Answer answer = client.postJson("/v1/builds", json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("detail").stringValue()).contains(detail);
    }

    @Test
    void aQueryBesideOptionsInTheBodyIsRefused() throws IOException {
        Answer answer = client.postJson("/v1/builds?tag=a", "{\"context\": {\"git\": {\"url\": \"a\"}}}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/parameter-unknown");
    }

    @Test
    void aMultipartBodyWithOtherPartsIsRefused() throws IOException {
        byte[] tar = Tars.dockerfile(FROM_SCRATCH).bytes();
        Map<Multipart, String> bodies = new LinkedHashMap<>();
        bodies.put(new Multipart().field("build", "{}"), "no part context");
        bodies.put(new Multipart().file("contxt", "application/x-tar", tar), "did you mean context?");
        bodies.put(
                new Multipart().file("context", "application/x-tar", tar).file("context", "application/x-tar", tar),
                "more than one part context");
        bodies.put(
                new Multipart().file("context", "application/x-tar", tar).field("build", "{\"context\": {}}"),
                "has a field context");
        bodies.put(
                new Multipart().file("context", "application/x-tar", tar).field("build", "{\"tags\": \"a\"}"),
                "did you mean tag?");
        for (Map.Entry<Multipart, String> body : bodies.entrySet()) {
            Answer answer = client.post(
                    "/v1/builds",
                    body.getKey().bytes(),
                    "Content-Type",
                    body.getKey().contentType());
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.json().path("detail").stringValue()).contains(body.getValue());
        }
        Multipart cut = new Multipart().file("context", "application/x-tar", tar);
        byte[] whole = cut.bytes();
        Answer answer =
                client.post("/v1/builds", Arrays.copyOf(whole, whole.length - 200), "Content-Type", cut.contentType());
        assertThat(answer.status()).as(answer.text()).isIn(400, 422);
    }

    private static TarEntry device(String name, TarEntry.Type type) {
        return new TarEntry(name, type, 0644, 0, 0, Instant.EPOCH, 0, "", 1, 3, Collections.emptySortedMap(), null);
    }

    private static void assertProblem(Answer answer, int status, String type, String code, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/" + type);
        assertThat(answer.json().path("instance").stringValue()).isEqualTo("/v1/builds");
        assertThat(answer.json().path("code").stringValue()).isEqualTo(code);
        assertThat(answer.json().path("detail").stringValue()).contains(detail);
    }
}
