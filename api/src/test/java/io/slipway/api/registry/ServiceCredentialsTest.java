package io.slipway.api.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.api.testing.TestService;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets the credentials that the service itself has at registries. */
final class ServiceCredentialsTest {
    @TempDir
    private static Path home;

    private static TestService service;
    private static HttpServer registry;
    private static final List<String> SENT = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        registry.createContext("/", ServiceCredentialsTest::answer);
        registry.start();
        service = TestService.start(
                home,
                "--slipway.registries[0].host=all.example",
                "--slipway.registries[0].mirrors[0]=http://127.0.0.1:1/mirror",
                "--slipway.registries[0].username=everyone",
                "--slipway.registries[0].password=hidden",
                "--slipway.registries[1].host=" + host(),
                "--slipway.registries[1].username=few",
                "--slipway.registries[1].password=hidden",
                "--slipway.registries[1].projects[0]=chosen");
    }

    @AfterAll
    static void stop() {
        service.close();
        registry.stop(0);
    }

    private static String host() {
        return "127.0.0.1:" + registry.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String sent = exchange.getRequestHeaders().getFirst("Authorization");
            if (sent == null) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
            } else {
                SENT.add(new String(Base64.getDecoder().decode(sent.substring("Basic ".length())), UTF_8));
            }
            exchange.sendResponseHeaders(sent == null ? 401 : 404, -1);
        }
    }

    @Test
    void buildsHaveThoseThatAreForTheirProject() {
        String script = "login all.example\nlogin " + host();
        assertThat(log(service.submitTo("chosen", script))).contains("null=everyone", "null=few");
        assertThat(log(service.submitTo("another", script))).contains("null=everyone", "null=null");
    }

    @Test
    void aBuildWithoutTheProjectsCredentialsHasNoneOfTheServices() {
        String script = "login all.example\nlogin " + host() + "\nmirrors all.example";
        assertThat(log(service.submitWithoutCredentials("chosen", script)))
                .contains("null=null", "mirrors: http://127.0.0.1:1/mirror")
                .doesNotContain("everyone", "few");
    }

    @Test
    void aCheckAsksWithThoseThatAreForItsProject() {
        service.bean(Projects.class).create("chosen", null, "tok_0");
        service.bean(Projects.class).create("another", null, "tok_0");
        for (String query : List.of("", "?project=another")) {
            check(query);
            assertThat(SENT).isEmpty();
        }
        check("?project=chosen");
        assertThat(SENT).contains("few:hidden");
        SENT.clear();
    }

    private static void check(String query) {
        HttpResponse<String> answer = service.send(service.request("/v1/dockerfiles/check" + query)
                .POST(BodyPublishers.ofString("FROM " + host() + "/team/base:1\n")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static String log(BuildId build) {
        assertThat(service.ended(build).path("state").stringValue()).isEqualTo("succeeded");
        return service.get("/v1/builds/" + build + "/logs").body();
    }
}
