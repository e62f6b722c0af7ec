package io.slipway.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** Builds and webhooks as they come in over HTTP, from eight senders at once. */
final class IntakeLoad {
    private static final String PROJECT = "load";

    /** Characters of a commit's message: hosts tell a lot beside what is asked for, and of small pushes some 10 kB. */
    private static final int USUAL = 10_000;

    private static final int LARGE = 200_000;

    /** Webhooks a second: more than eight million a day. */
    private static final int STEADY = 100;

    private IntakeLoad() {}

    /** Small contexts; nobody builds them. */
    static void submits(Service service) throws Exception {
        service.post("/v1/projects", "{\"name\": \"" + PROJECT + "\"}");
        byte[] context = ContextTar.of("FROM scratch\nLABEL a=b\n");
        HttpRequest request = service.request("/v1/builds?project=" + PROJECT)
                .header("Content-Type", "application/x-tar")
                .POST(HttpRequest.BodyPublishers.ofByteArray(context))
                .build();
        Service.measure("POST /v1/builds, a context of one file", () -> Service.send(request, 2));
    }

    /** Pushes as GitHub tells of them, each a new delivery, signed; of a branch that the trigger does not build: as many as are taken, then steadily. */
    static void webhooks(Service service) throws Exception {
        JsonNode trigger = service.post("/v1/projects/" + PROJECT + "/triggers", """
                {"name": "load", "host": "github", "repository": {"url": "https://github.com/octo/app.git"}, "branches": ["release"]}
                """);
        URI address = URI.create(
                service.url() + "/v1/webhooks/github/" + trigger.path("id").stringValue());
        String secret = trigger.path("secret").stringValue();
        AtomicInteger commits = new AtomicInteger();
        IntFunction<Service.Call> pushes = characters -> () -> {
            // Hosts don't send the same body twice, and what comes twice is a duplicate.
            byte[] body =
                    push(commits.incrementAndGet(), "x".repeat(characters)).getBytes(UTF_8);
            byte[] answer = Service.send(
                    HttpRequest.newBuilder(address)
                            .header("Content-Type", "application/json")
                            .header("X-GitHub-Event", "push")
                            .header("X-GitHub-Delivery", UUID.randomUUID().toString())
                            .header("X-Hub-Signature-256", "sha256=" + hmac(secret, body))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    2);
            if (!new String(answer, UTF_8).replace(" ", "").contains("\"duplicate\":false")) {
                throw new IOException("not taken as new: " + new String(answer, UTF_8));
            }
        };
        Service.measure(
                "POST /v1/webhooks/github/…, a push of 10 kB, of a branch that is not built", pushes.apply(USUAL));
        Service.measureAt(STEADY, "the same, " + STEADY + " a second", pushes.apply(USUAL));
        Service.measureAt(STEADY / 10, "of 200 kB, " + STEADY / 10 + " a second", pushes.apply(LARGE));
    }

    private static String push(int number, String message) {
        return """
                {"ref": "refs/heads/main", "before": "%1$040x", "after": "%2$040x", "created": false, "deleted": false, "forced": false,
                 "repository": {"full_name": "octo/app", "clone_url": "https://github.com/octo/app.git"},
                 "head_commit": {"id": "%2$040x", "message": "%3$s", "added": [], "removed": [], "modified": ["a"]},
                 "commits": [{"id": "%2$040x", "message": "Change it", "added": [], "removed": [], "modified": ["a"]}],
                 "pusher": {"name": "octo"}, "sender": {"login": "octo"}}
                """.formatted(number, number + 1, message);
    }

    private static String hmac(String secret, byte[] body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body));
    }
}
