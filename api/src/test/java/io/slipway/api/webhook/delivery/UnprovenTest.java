package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.secret.SecretBox;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Statements;
import io.slipway.api.testing.Tenant;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.api.webhook.host.RegistryProof;
import io.slipway.api.webhook.host.StandardWebhooks;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.Deliveries;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.StackTrace;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whoever delivers without a proof does not learn whether there is what they deliver to: not by the answer, and not by how long it takes, since the same is done: the same
 * statements in the database, as many secrets opened, as many proofs tried and as many codes computed.
 */
final class UnprovenTest {
    private static final byte[] BODY = "{\"references\": [\"registry.example/team/base:1\"]}".getBytes(UTF_8);
    private static final String REPOSITORY = "'repository': {'url': 'https://git.example/team/app.git'}";
    private static final String NO_TRIGGER = "trg_" + "0".repeat(26);
    private static final String PUBLIC_KEY =
            "whpk_PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="; // RFC 8032, section 7.1, test 2
    private static final String REGISTRY = "registry.example:5000";

    /** What is written down of a request. Only its own threads run these: nothing is delivered that is proven. */
    private static final String TRACED = Stream.concat(
                    Stream.of(HostKind.values())
                            .map(kind -> kind.host().getClass().getName() + "::isProven")
                            .distinct(),
                    Stream.of(
                            RegistryProof.class.getName() + "::isProven",
                            StandardWebhooks.class.getName() + "::isSignature",
                            RegistryProof.class.getPackageName() + ".Hmac::of",
                            RegistryProof.class.getPackageName() + ".Hmac::same",
                            SecretBox.class.getName() + "::open"))
            .collect(Collectors.joining(";"));

    private static RunningService service;
    private static int requests;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start(
                Statements.PART,
                "slipway.registries[0].host=" + REGISTRY,
                "slipway.registries[0].webhook-secret=" + "s".repeat(32));
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    /**
     * What came of a request.
     *
     * @param answer without what was asked for
     * @param headers names of the answer's
     * @param calls how often each traced method was called
     */
    private record Outcome(
            int status, String answer, Set<String> headers, List<String> statements, Map<String, Long> calls) {
        long calls(String method) {
            return calls.entrySet().stream()
                    .filter(entry -> entry.getKey().endsWith("." + method))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }
    }

    /** Written down before each request: what is traced after it is that request's. */
    @Name("test.Asked")
    @StackTrace(false)
    static final class Asked extends Event {
        int request;
    }

    /** Asks for things of these names at an address, one after the other. */
    private static List<Outcome> ask(String address, List<String> headers, String... names) throws IOException {
        // What was proven before is worked off beside, and would be traced.
        Awaitility.await("nothing is pending")
                .atMost(Duration.ofMinutes(1))
                .until(() -> service.part(Deliveries.class).pending() == 0);
        int first = requests;
        List<ApiClient.Answer> answers = new ArrayList<>();
        Path file = folder.resolve(first + ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable(Asked.class);
            recording
                    .enable("jdk.MethodTrace")
                    .withoutStackTrace()
                    .with("filter", TRACED)
                    .with("threshold", "0 ns");
            recording.start();
            for (String name : names) {
                Asked asked = new Asked();
                asked.request = requests++;
                asked.commit();
                answers.add(new ApiClient(service.url(), null)
                        .with(Statements.NAME, request(asked.request))
                        .post(address + name, BODY, headers.toArray(String[]::new)));
            }
            recording.stop();
            recording.dump(file);
        }
        List<Map<String, Long>> calls = calls(file, first, names.length);
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            ApiClient.Answer answer = answers.get(i);
            Set<String> fields = new TreeSet<>(answer.response().headers().map().keySet());
            fields.remove("connection");
            outcomes.add(new Outcome(
                    answer.status(),
                    answer.text().replace(names[i], "NAME"),
                    fields,
                    Statements.of(request(first + i)),
                    calls.get(i)));
        }
        return outcomes;
    }

    private static String request(int number) {
        return "unproven-" + number;
    }

    private static List<Map<String, Long>> calls(Path file, int first, int count) throws IOException {
        List<Map<String, Long>> calls =
                Stream.generate(TreeMap<String, Long>::new).limit(count).collect(Collectors.toList());
        int request = -1;
        for (RecordedEvent event : RecordingFile.readAllEvents(file).stream()
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList()) {
            if (event.getEventType().getName().equals("test.Asked")) {
                request = event.getInt("request") - first;
            } else if (request >= 0) {
                RecordedMethod method = event.getValue("method");
                String type = method.getType().getName();
                calls.get(request)
                        .merge(type.substring(type.lastIndexOf('.') + 1) + "." + method.getName(), 1L, Long::sum);
            }
        }
        return calls;
    }

    /** What the host of a trigger sends that has another secret, or that has none. */
    private static List<List<String>> unproven(HostForm form) {
        String event = form.host().startsWith("bitbucket") ? "repo:push" : "push";
        List<String> wrong = form.headers(event, HookSender.newId(), 1, form.otherSecret(), BODY);
        List<String> none = new ArrayList<>();
        for (int i = 0; i < wrong.size(); i += 2) {
            if (!wrong.get(i).matches("(?i).*(signature|token).*")) {
                Collections.addAll(none, wrong.get(i), wrong.get(i + 1));
            }
        }
        return List.of(wrong, none);
    }

    @ParameterizedTest
    @EnumSource
    void aTriggerThatIsThereIsLikeOneThatIsNot(HostForm form) throws IOException {
        String secret = form.secret() == null ? "" : ", 'secret': '" + form.secret() + "'";
        Tenant tenant = Tenant.in(service);
        HookSender one = HookSender.to(tenant, form.host(), REPOSITORY + secret);
        HookSender two = HookSender.to(tenant, form.host(), REPOSITORY + secret);
        ApiClient.Answer rotated = tenant.as(Role.MAINTAINER).postJson(two.trigger() + "/secret", "{}");
        assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
        HookSender deleted = HookSender.to(tenant, form.host(), REPOSITORY + secret);
        assertThat(tenant.as(Role.MAINTAINER)
                        .send("DELETE", deleted.trigger(), BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        HookSender other = HookSender.to(tenant, form == HostForm.GITHUB ? "gitea" : "github", REPOSITORY);
        String address = "/v1/webhooks/" + form.host() + "/";
        for (List<String> headers : unproven(form)) {
            List<Outcome> outcomes = ask(address, headers, NO_TRIGGER, one.id(), two.id(), deleted.id(), other.id());
            Outcome nowhere = outcomes.getFirst();
            assertThat(nowhere.status()).isEqualTo(404);
            assertThat(nowhere.statements()).anyMatch(statement -> statement.contains("triggers"));
            assertThat(nowhere.calls("isProven"))
                    .as("one for each secret that a trigger may have: %s", nowhere.calls())
                    .isEqualTo(2);
            assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome).isEqualTo(nowhere));
        }
    }

    @Test
    void aProofThatIsRightIsTriedAsOftenAsAWrongOne() throws IOException {
        HookSender sender = HookSender.to(Tenant.in(service), "github", REPOSITORY);
        List<String> right = HostForm.GITHUB.headers("ping", HookSender.newId(), 1, sender.secret(), BODY);
        List<Outcome> outcomes = ask("/v1/webhooks/github/", right, sender.id(), NO_TRIGGER);
        Outcome proven = outcomes.getFirst();
        Outcome refused = outcomes.getLast();
        assertThat(proven.status()).isEqualTo(202);
        // Not all of them: by now it is being worked off, for which more is opened.
        for (String method : List.of("isProven", "of", "same")) {
            assertThat(proven.calls(method)).as(method).isEqualTo(refused.calls(method));
        }
        assertThat(proven.statements())
                .as("more is only done for who has proven it")
                .hasSizeGreaterThan(refused.statements().size());
    }

    /** Such a signature takes longer to verify than a code to compute. */
    @ParameterizedTest
    @ValueSource(strings = {"v1,AAAA", "v1a,SIGNATURE", "v1a,SIGNATURE v1,AAAA v1a,SIGNATURE"})
    void aTriggerWithAPublicKeyIsLikeOneWithASecret(String signatures) throws IOException {
        Tenant tenant = Tenant.in(service);
        HookSender keyed = HookSender.to(tenant, "generic", REPOSITORY + ", 'secret': '" + PUBLIC_KEY + "'");
        HookSender secret = HookSender.to(tenant, "generic", REPOSITORY);
        List<String> headers = List.of(
                "webhook-id",
                "msg_1",
                "webhook-timestamp",
                Long.toString(Instant.now().getEpochSecond()),
                "webhook-signature",
                signatures.replace("SIGNATURE", Base64.getEncoder().encodeToString(new byte[64])));
        List<Outcome> outcomes = ask("/v1/webhooks/generic/", headers, NO_TRIGGER, keyed.id(), secret.id());
        Outcome nowhere = outcomes.getFirst();
        assertThat(nowhere.status()).isEqualTo(404);
        assertThat(nowhere.calls("isSignature"))
                .as("each, for each secret that a trigger may have")
                .isEqualTo(2L * signatures.split("v1a", -1).length - 2);
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome).isEqualTo(nowhere));
    }

    @Test
    void aRegistryHookThatIsThereIsLikeOneThatIsNot() throws IOException {
        Tenant tenant = Tenant.in(service);
        ApiClient.Answer hook = tenant.as(Role.MAINTAINER)
                .postJson("/v1/projects/" + tenant.project() + "/registry-hooks", "{\"name\": \"test\"}");
        assertThat(hook.status()).as(hook.text()).isEqualTo(201);
        String id = hook.json().path("id").stringValue();
        String address = "/v1/webhooks/registry/";
        List<String> json = List.of("Content-Type", "application/json");
        List<String> bearer = List.of("Content-Type", "application/json", "Authorization", "Bearer other");
        for (List<String> headers :
                List.of(json, bearer, unproven(HostForm.GENERIC).getFirst())) {
            List<Outcome> hooks = ask(address, headers, "rgh_" + "0".repeat(26), id);
            Outcome nowhere = hooks.getFirst();
            assertThat(nowhere.status()).isEqualTo(404);
            assertThat(nowhere.statements()).anyMatch(statement -> statement.contains("registry_hooks"));
            assertThat(nowhere.calls("isProven")).as(nowhere.calls().toString()).isEqualTo(1);
            assertThat(hooks.getLast()).isEqualTo(nowhere);
            // Apart from those: Spring adds a header field where there is a full stop in the address.
            List<Outcome> configured = ask(address, headers, "registry.invalid:5000", REGISTRY);
            assertThat(configured.getLast()).isEqualTo(configured.getFirst());
            assertThat(configured.getLast().calls()).isEqualTo(nowhere.calls());
        }
        String secret = hook.json().path("secret").stringValue();
        List<String> right = List.of("Content-Type", "application/json", "Authorization", "Bearer " + secret);
        assertThat(ask(address, right, id).getFirst().status())
                .as("it is there")
                .isEqualTo(202);
    }
}
