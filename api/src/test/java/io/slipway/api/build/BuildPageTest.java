package io.slipway.api.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a browser shows of a build. */
@ExtendWith(ServiceExtension.class)
final class BuildPageTest {
    private static final String[] BROWSER = {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    };

    private static Answer browse(RunningService service, String path, String token) throws IOException {
        String password = Base64.getEncoder().encodeToString(("anybody:" + token).getBytes(UTF_8));
        return new ApiClient(service.url(), null)
                .get(path, BROWSER[0], BROWSER[1], "Authorization", "Basic " + password);
    }

    @Test
    void aBrowserAsksForATokenAndShowsTheBuild(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        String build = tenant.succeededBuild().id().value();
        ApiClient nobody = new ApiClient(service.url(), null);
        for (String path : new String[] {"/builds/" + build, "/v1/builds/" + build, "/v1/builds/" + build + "/logs"}) {
            Answer asked = nobody.get(path, BROWSER);
            assertThat(asked.status()).isEqualTo(401);
            assertThat(asked.header("WWW-Authenticate")).startsWith("Basic ");
            assertThat(asked.text()).contains("token");
            String token = Tenant.token(service.client(), tenant.project(), Role.VIEWER);
            assertThat(browse(service, path, token).status()).as(path).isEqualTo(200);
            assertThat(browse(service, path, "slp_wrong").status()).as(path).isEqualTo(401);
        }
        Answer page = tenant.as(Role.VIEWER).get("/builds/" + build);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(page.header("Refresh")).isEmpty();
        assertThat(page.text())
                .contains(
                        "Build " + build + ": succeeded", "sha256:", "/v1/builds/" + build + "/logs", tenant.project());
    }

    @Test
    void whatDoesNotConcernTheCallerIsNotThere(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        String stranger = Tenant.token(service.client(), Tenant.in(service).project(), Role.ADMIN);
        Answer others = browse(service, "/builds/" + tenant.queuedBuild(), stranger);
        Answer none = browse(service, "/builds/bld_" + "0".repeat(26), stranger);
        assertThat(others.status()).isEqualTo(404);
        assertThat(none.status()).isEqualTo(404);
    }

    @Test
    void textsOfTheDockerfileAreTexts(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        Answer submitted = tenant.as(Role.BUILDER)
                .post(
                        "/v1/builds?project=" + tenant.project() + "&tag=registry.invalid/x:1",
                        Tars.dockerfile("FROM scratch AS Mixed\nLABEL a=\"<script>alert(1)</script>\"\n")
                                .bytes());
        assertThat(submitted.status()).as(submitted.text()).isEqualTo(202);
        Answer page = tenant.as(Role.VIEWER)
                .get("/builds/" + submitted.json().path("id").stringValue());
        assertThat(page.header("Refresh")).isEqualTo("5");
        assertThat(page.text()).contains("Waits", "StageNameCasing").doesNotContain("<script>");
    }

    /** A browser sends passwords by itself, also with what another site has it send. */
    @Test
    void passwordsAreToReadOnly(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        String build = tenant.queuedBuild();
        String token = Tenant.token(service.client(), tenant.project(), Role.ADMIN);
        String password = Base64.getEncoder().encodeToString(("anybody:" + token).getBytes(UTF_8));
        Answer cancelled = new ApiClient(service.url(), null)
                .post(
                        "/v1/builds/" + build + "/cancel",
                        new byte[0],
                        BROWSER[0],
                        BROWSER[1],
                        "Authorization",
                        "Basic " + password);
        assertThat(cancelled.status()).isEqualTo(401);
        assertThat(new ApiClient(service.url(), null)
                        .get("/v1/projects", BROWSER[0], BROWSER[1], "Authorization", "Basic " + password)
                        .status())
                .isEqualTo(401);
    }
}
