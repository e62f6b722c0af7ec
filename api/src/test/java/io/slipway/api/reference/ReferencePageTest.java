package io.slipway.api.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.html.Html;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.OpenApi;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(ServiceExtension.class)
final class ReferencePageTest {
    private final ApiClient anybody;

    ReferencePageTest(RunningService service) {
        this.anybody = new ApiClient(service.url(), null);
    }

    @Test
    void everyCallDocumentAndProblemStandsOnThePage() throws IOException {
        String page = anybody.get("/docs").text();
        JsonNode document = OpenApi.contract().document();
        List<String> anchors = new ArrayList<>();
        for (JsonNode path : document.path("paths")) {
            for (JsonNode operation : path) {
                if (operation.has("operationId")) {
                    anchors.add(
                            Html.anchor("call", operation.path("operationId").stringValue()));
                }
            }
        }
        document.path("components")
                .path("schemas")
                .propertyNames()
                .forEach(name -> anchors.add(Html.anchor("schema", name)));
        assertThat(anchors)
                .hasSizeGreaterThan(100)
                .allSatisfy(anchor -> assertThat(page).containsOnlyOnce("id=\"" + anchor + "\""));
        assertThat(ProblemType.values())
                .allSatisfy(type -> assertThat(page).contains("href=\"/problems/" + type.slug() + "\""));
        assertThat(page).contains("<code>Idempotency-Key</code>", "needs the role builder", "cc -o app app.c");
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        String page = anybody.get("/docs").text();
        Set<String> ids = found(page, "id=\"([^\"]+)\"");
        Set<String> links = found(page, "href=\"([^\"]+)\"");
        assertThat(links).isNotEmpty();
        for (String link : links) {
            if (link.startsWith("#")) {
                assertThat(ids).contains(link.substring(1));
            } else {
                assertThat(anybody.get(link).status()).as(link).isEqualTo(200);
            }
        }
    }

    @Test
    void aBrowserMayDoNothingButShowIt() throws Exception {
        ApiClient.Answer answer = anybody.get("/docs");
        String page = answer.text();
        assertThat(page).doesNotContain("<script", "<img", "<form", "<link", "<iframe", " style=", "http-equiv");
        assertThat(found(page, "<([a-z0-9]+)[ >]")).doesNotContain("object", "embed", "base");
        Matcher style = Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL).matcher(page);
        assertThat(style.find()).isTrue();
        String hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256")
                        .digest(style.group(1).getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.header("Content-Security-Policy"))
                .isEqualTo("default-src 'none'; style-src 'sha256-" + hash
                        + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Content-Type")).isEqualTo("text/html;charset=UTF-8");
    }

    @Test
    void whatTheDescriptionHasIsTextOnThePage() {
        Node description = Node.parse("""
                openapi: 3.1.1
                info: { title: "<b>T</b>", version: "1", summary: "a & b" }
                tags: [{ name: "<i>t</i>", description: "\\"quoted\\" `a<b`" }]
                paths:
                  "/<p>":
                    get: { operationId: "x\\"y", tags: ["<i>t</i>"], summary: "<script>alert(1)</script>", responses: {} }
                """);
        assertThat(ReferencePage.of(description))
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;", "<code>a&lt;b</code>", "&lt;b&gt;T&lt;/b&gt;")
                .doesNotContain("<script", "<b>T", "<i>t", "x\"y");
    }

    @ParameterizedTest
    @EnumSource(ProblemType.class)
    void everyTypeOfProblemCanBeOpenedAndRead(ProblemType type) throws IOException {
        String address = "/problems/" + type.slug();
        ApiClient.Answer text = anybody.get(address);
        assertThat(text.header("Content-Type")).startsWith("text/plain");
        assertThat(text.text()).contains(type.title(), type.explanation());
        ApiClient.Answer page = anybody.get(address, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(page.text()).contains("<h1>" + Html.escape(type.title()), Html.line(type.explanation()));
    }

    private static Set<String> found(String page, String pattern) {
        return Pattern.compile(pattern)
                .matcher(page)
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toSet());
    }
}
