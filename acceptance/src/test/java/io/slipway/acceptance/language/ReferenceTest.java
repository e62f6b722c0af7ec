package io.slipway.acceptance.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.GitDaemon;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCase.Refusal;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each instruction and mount, through HTTP, comes to what BuildKit makes of it ({@code ./dev record}). */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
class ReferenceTest {
    /** Where Debian's BuildKit is older than the one that the recorded cases are of: it wrote HEALTHCHECK and shell forms down otherwise. */
    private static final Set<String> OLDER = Set.of(
            "HEALTHCHECK with every flag",
            "HEALTHCHECK NONE CMD and ENTRYPOINT in shell form",
            "HEALTHCHECK NONE with flags",
            "triggers warn at the FROM that fires them");

    private static Path folder;
    private static CaseServer http;
    private static GitDaemon git;
    private static SlipwayService service;
    private static SlipwayClient client;
    private static ContentStore store;
    private static CaseComparison comparison;

    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-reference-");
        http = new CaseServer();
        git = GitDaemon.ofFixture(folder.resolve("git"));
        service = SlipwayService.start(folder.resolve("home"), bed.bases(), Map.of("context.denied-networks", ""));
        client = service.client();
        store = ContentStore.at(folder.resolve("store"));
        JsonNode base = build(ReferenceCases.BASE);
        FlatImage files = FlatImage.of(store, ReferenceCases.copy(layout(base), store), folder);
        comparison = new CaseComparison(files, http.url(), git.url(), folder);
    }

    @AfterAll
    static void stop() {
        service.close();
        git.close();
        http.close();
        TestBed.remove(folder);
    }

    static Stream<LanguageCase> cases() throws IOException {
        List<LanguageCase> cases = new ArrayList<>();
        for (Path file : ReferenceCases.files()) {
            cases.addAll(ReferenceCases.of(file));
        }
        return cases.stream();
    }

    /** One after the other, for each has the HTTP server to itself. */
    @ParameterizedTest
    @MethodSource("cases")
    @Execution(ExecutionMode.SAME_THREAD)
    void comesToWhatBuildKitMakesOfIt(LanguageCase recorded) throws IOException {
        JsonNode build = build(recorded);
        Refusal refusal = recorded.expectation().refusal();
        if (refusal != null) {
            assertThat(build.path("state").asString()).isEqualTo("failed");
            // Where the reference names no line we may: it is the better message.
            if (refusal.line() != 0) {
                assertThat(build.path("error").path("line").asInt(0)).isEqualTo(refusal.line());
            }
            return;
        }
        assertThat(build.path("state").asString()).as(build.toPrettyString()).isEqualTo("succeeded");
        List<String> differences = new ArrayList<>(
                comparison.image(recorded.expectation(), store, ReferenceCases.copy(layout(build), store)));
        List<LanguageCase.Warning> warnings = new ArrayList<>();
        for (JsonNode warning : build.path("warnings")) {
            warnings.add(new LanguageCase.Warning(
                    warning.path("line").asInt(0),
                    warning.path("rule").asString(),
                    warning.path("message").asString()));
        }
        differences.addAll(comparison.warnings(recorded, warnings));
        if (OLDER.contains(recorded.name())) {
            assertThat(differences).as("no exception is needed any more").isNotEmpty();
            differences.removeIf(difference -> difference.contains(" instead of {ArgsEscaped=true")
                    || difference.contains("instead of [empty HEALTHCHECK &{"));
        }
        assertThat(differences).isEmpty();
    }

    /** Posts a case and waits for its end. */
    private static JsonNode build(LanguageCase recorded) throws IOException {
        http.serve(recorded);
        Path place = Files.createTempDirectory(folder, "case-");
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("noCache", true);
        options.put("push", false);
        options.put("buildArg", pairs(recorded.options("buildArg")));
        options.put("label", pairs(recorded.options("label")));
        options.put("secret", pairs(recorded.options("secret")));
        recorded.options("platform").forEach(platform -> options.put("platform", platform));
        recorded.options("target").forEach(target -> options.put("target", target));
        for (String id : recorded.options("ssh")) {
            options.put("ssh", Map.of(id, Files.readString(CaseContext.sshKey(place))));
        }
        Map<String, BodyPublisher> parts = new LinkedHashMap<>();
        parts.put("build", BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(options)));
        Path context = place.resolve("context.tar");
        CaseContext.write(recorded, Objects.requireNonNull(recorded.dockerfile(http.url(), git.url())), context);
        parts.put("context", BodyPublishers.ofFile(context));
        for (String name : recorded.options("context")) {
            Path tar = place.resolve(name + ".tar");
            CaseContext.writeNamed(recorded, name, tar);
            parts.put("context." + name, BodyPublishers.ofFile(tar));
        }
        SlipwayClient.Answer answer = client.postParts(parts);
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        return client.await(answer.json().path("id").asString());
    }

    private static Path layout(JsonNode build) throws IOException {
        Path layout = Files.createTempDirectory(folder, "layout-");
        Path tar = layout.resolveSibling(layout.getFileName() + ".tar");
        client.download(build.path("id").asString(), "oci", tar);
        Programs.run("tar", "-C", layout.toString(), "-xf", tar.toString());
        return layout;
    }

    private static Map<String, String> pairs(List<String> values) {
        Map<String, String> pairs = new LinkedHashMap<>();
        values.forEach(
                value -> pairs.put(value.substring(0, value.indexOf('=')), value.substring(value.indexOf('=') + 1)));
        return pairs;
    }
}
