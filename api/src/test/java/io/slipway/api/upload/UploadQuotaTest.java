package io.slipway.api.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.Manifest;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Tars;
import io.slipway.db.Database;
import io.slipway.image.Digest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a project has sent to {@code /v1/contexts} takes no more than its quota, as it lies on the disk. */
final class UploadQuotaTest {
    private static final long QUOTA = 1 << 20;
    private static final int BYTES = 300_000;

    private static RunningService service;
    private static ApiClient client;

    /** Each test has a project of its own. */
    private final String project = "p-" + UUID.randomUUID();

    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start("slipway.upload.project-quota=1MB");
        client = service.client();
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    UploadQuotaTest() {
        service.part(Database.class)
                .run(transaction -> transaction.update("insert into projects (name) values (?)", project));
    }

    @Test
    void whatWasNotUsedForLongestGoesFirst() throws IOException {
        byte[] first = random(BYTES);
        byte[] second = random(BYTES);
        byte[] third = random(BYTES);
        byte[] fourth = random(BYTES);
        send(manifest(first), first);
        String id = send(manifest(second), second);
        send(manifest(third), third);
        manifest(first).post(client); // used again
        assertThat(onDisk()).isGreaterThan(3 * BYTES);
        send(manifest(fourth), fourth);
        assertThat(onDisk()).isLessThanOrEqualTo(QUOTA);
        assertThat(missing(manifest(first).post(client))).isEmpty();
        assertThat(missing(manifest(third).post(client))).isEmpty();
        assertThat(missing(manifest(fourth).post(client))).isEmpty();
        assertThat(missing(manifest(second).post(client))).hasSize(1);
        assertThat(client.get("/v1/contexts/" + id).status()).isEqualTo(404);
    }

    @Test
    void whatIsUsedAllTheTimeStaysAmongWhatComesAndGoes() throws IOException {
        byte[] kept = random(100_000);
        send(manifest(kept), kept);
        for (int round = 0; round < 12; round++) {
            byte[] other = random(BYTES / 2);
            Manifest both = manifest(kept).file("other", other);
            Answer created = both.post(client);
            assertThat(missing(created)).containsExactly(Digest.of(other).hex());
            Answer sent = put(created.json().get("id").stringValue(), other);
            assertThat(sent.json().get("state").stringValue()).isEqualTo("complete");
            assertThat(onDisk()).isLessThanOrEqualTo(QUOTA);
        }
    }

    @Test
    void aContextThatIsLargerAloneIsRefused() throws IOException {
        byte[] large = new byte[(int) QUOTA];
        Answer refused = manifest(large).post(client);
        assertThat(refused.status()).as(refused.text()).isEqualTo(413);
        JsonNode problem = refused.json();
        assertThat(problem.get("type").stringValue()).isEqualTo("/problems/context-over-quota");
        assertThat(problem.get("quotaBytes").longValue()).isEqualTo(QUOTA);
        assertThat(problem.get("contextBytes").longValue()).isBetween(QUOTA + 1, QUOTA + 1000);
        assertThat(problem.get("hint").stringValue()).contains("/v1/builds", "slipway.upload.project-quota");
        assertThat(onDisk()).isZero();
        assertThat(client.get("/v1").json().at("/limits/projectUploadBytes").longValue())
                .isEqualTo(QUOTA);
    }

    /** A content that a context names more than once takes its room once. */
    @Test
    void oneThatJustFitsIsTakenAndHasEverythingElseMoveOut() throws IOException {
        byte[] before = random(BYTES);
        send(manifest(before), before);
        byte[] large = random((int) QUOTA - 2000);
        send(manifest(large).file("again", large), large);
        assertThat(onDisk()).isBetween(QUOTA - 2000, QUOTA);
        assertThat(missing(manifest(before).post(client))).hasSize(1);
    }

    @Test
    void manifestsCountToo() throws IOException {
        Manifest many = new Manifest(project);
        for (int i = 0; i < 1000; i++) {
            many.entry("directory-" + i, "directory", Map.of());
        }
        Answer last = many.post(client);
        long one = onDisk();
        assertThat(one).isPositive();
        for (long all = one; all <= 2 * QUOTA; all += one) {
            last = many.post(client);
            assertThat(last.status()).as(last.text()).isEqualTo(201);
            assertThat(onDisk()).isLessThanOrEqualTo(QUOTA);
        }
        String id = last.json().get("id").stringValue();
        assertThat(client.get("/v1/contexts/" + id).status()).isEqualTo(200);
    }

    private Manifest manifest(byte[] content) {
        return new Manifest(project).file("file", content);
    }

    private static String send(Manifest manifest, byte[] content) throws IOException {
        Answer created = manifest.post(client);
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().get("id").stringValue();
        Answer sent = put(id, content);
        assertThat(sent.status()).as(sent.text()).isEqualTo(200);
        assertThat(sent.json().get("state").stringValue()).isEqualTo("complete");
        return id;
    }

    private static Answer put(String id, byte[] content) throws IOException {
        byte[] tar = new Tars().file(Digest.of(content).hex(), content).bytes();
        return client.send("PUT", "/v1/contexts/" + id + "/files", BodyPublishers.ofByteArray(tar));
    }

    private static List<String> missing(Answer context) {
        return context.json()
                .get("missing")
                .valueStream()
                .map(JsonNode::stringValue)
                .toList();
    }

    /** What all files of the project take. */
    private long onDisk() throws IOException {
        long bytes = 0;
        for (String kind : List.of("contents", "manifests")) {
            Path folder = service.home().resolve("uploads").resolve(kind).resolve(project);
            if (Files.exists(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.toList()) {
                        bytes += Files.size(file);
                    }
                }
            }
        }
        return bytes;
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random().nextBytes(bytes);
        return bytes;
    }
}
