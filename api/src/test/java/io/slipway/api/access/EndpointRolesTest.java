package io.slipway.api.access;

import static io.slipway.db.access.Role.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.access.Endpoint.Needs;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.OpenApi;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import tools.jackson.databind.JsonNode;

/** Who may do what: every address that the service has stands in the table {@link Endpoints}, and answers as it says. */
@ExtendWith(ServiceExtension.class)
final class EndpointRolesTest {
    static List<Endpoint> table() {
        return Endpoints.TABLE;
    }

    @Test
    void everyAddressOfTheServiceStandsInTheTable(RunningService service) {
        Set<String> addresses = new TreeSet<>();
        for (RequestMappingInfoHandlerMapping mapping : service.parts(RequestMappingInfoHandlerMapping.class)) {
            mapping.getHandlerMethods().keySet().forEach(info -> addresses.addAll(addresses(info)));
        }
        addresses.remove("* /error"); // Spring Boot's own, for what no filter and no controller has answered
        assertThat(Endpoints.TABLE.stream().map(Endpoint::toString)).containsExactlyInAnyOrderElementsOf(addresses);
    }

    private static List<String> addresses(RequestMappingInfo info) {
        Set<RequestMethod> methods = info.getMethodsCondition().getMethods();
        List<String> addresses = new ArrayList<>();
        for (String pattern : info.getPatternValues()) {
            if (methods.isEmpty()) {
                addresses.add("* " + pattern);
            }
            methods.forEach(method -> addresses.add(method + " " + pattern));
        }
        return addresses;
    }

    @Test
    void theContractHasNoOther() {
        Set<String> promised = new TreeSet<>();
        JsonNode paths = OpenApi.contract().document().path("paths");
        for (String path : paths.propertyNames()) {
            for (String method : List.of("get", "post", "put", "patch", "delete")) {
                if (paths.path(path).has(method)) {
                    promised.add(method.toUpperCase(Locale.ROOT) + " " + path);
                }
            }
        }
        assertThat(Endpoints.TABLE.stream()
                        .map(endpoint -> endpoint.method() + " " + promisedPath(endpoint))
                        .toList())
                .containsAll(promised);
    }

    private static String promisedPath(Endpoint endpoint) {
        return endpoint.pattern()
                .replace("{build}", "{id}")
                .replace("{slug}", "{type}")
                .replace("/actuator/health/**", "/actuator/health/{group}");
    }

    @ParameterizedTest
    @MethodSource("table")
    void theContractSaysTheSame(Endpoint endpoint) {
        JsonNode paths = OpenApi.contract().document().path("paths");
        JsonNode operation =
                paths.path(promisedPath(endpoint)).path(endpoint.method().toLowerCase(Locale.ROOT));
        if (operation.isMissingNode()) {
            assertThat(Set.of(
                            "* /v2/**", "GET /v2/", "POST /internal/v1/claim", "POST /internal/v1/builds/{id}/events"))
                    .contains(endpoint.toString());
            return;
        }
        Role role = endpoint.role();
        String expected = switch (endpoint.needs()) {
            case NOTHING, SIGNATURE, WORKER, TOKEN -> "";
            case PROJECT, SOMEWHERE -> Objects.requireNonNull(role).wireName();
            case EVERYWHERE -> Objects.requireNonNull(role).wireName() + " of all projects";
        };
        assertThat(operation.path("x-role").asString("")).isEqualTo(expected);
        boolean open = operation.path("security").isArray()
                && operation.path("security").isEmpty();
        assertThat(open).isEqualTo(endpoint.needs() == Needs.NOTHING || endpoint.needs() == Needs.SIGNATURE);
    }

    @ParameterizedTest
    @MethodSource("table")
    void itAnswersEachRoleAsTheTableSays(Endpoint endpoint, RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        Tenant stranger = Tenant.in(service);
        ApiClient nobody = new ApiClient(service.url(), null);
        ApiClient liar = new ApiClient(service.url(), AccessTokens.createForCaller());
        if (endpoint.needs() == Needs.NOTHING) {
            assertThat(endpoint.ask(nobody, tenant).status()).isLessThan(300);
            assertThat(endpoint.ask(liar, tenant).status()).isLessThan(300);
            return;
        }
        if (endpoint.needs() == Needs.SIGNATURE) {
            for (ApiClient client : List.of(nobody, liar, service.client())) {
                assertThat(endpoint.ask(client, tenant).json().path("type").stringValue())
                        .isEqualTo("/problems/webhook-refused");
            }
            return;
        }
        assertThat(endpoint.ask(nobody, tenant).status()).isIn(401, endpoint.needs() == Needs.WORKER ? 404 : 401);
        if (endpoint.needs() == Needs.WORKER) {
            assertThat(endpoint.ask(tenant.as(ADMIN), tenant).status()).isIn(401, 404);
            return;
        }
        assertThat(endpoint.ask(liar, tenant).status()).isEqualTo(401);
        for (Role role : Role.values()) {
            int own = refusal(endpoint.ask(tenant.as(role), tenant));
            int strange = refusal(endpoint.ask(stranger.as(role), tenant));
            int expected = switch (endpoint.needs()) {
                case NOTHING, SIGNATURE, WORKER, TOKEN -> 0;
                case PROJECT, SOMEWHERE -> role.includes(Objects.requireNonNull(endpoint.role())) ? 0 : 403;
                case EVERYWHERE -> 403;
            };
            assertThat(own).as("a %s of the project", role).isEqualTo(expected);
            // Whoever can't see a project is told that there is none, also where its role would not do.
            boolean named =
                    endpoint.needs() == Needs.PROJECT || endpoint.pattern().contains("{name}");
            assertThat(strange).as("a %s of another project", role).isEqualTo(named ? 404 : expected);
        }
        assertThat(refusal(endpoint.ask(service.client(), tenant)))
                .as("an administrator of all projects")
                .isZero();
    }

    /** 403 or 404 if the caller is refused; 0 if not, whatever else the answer is. */
    private static int refusal(ApiClient.Answer answer) {
        if (answer.status() == 403) {
            assertThat(answer.json().path("requiredRole").asString("")).isNotEmpty();
            return 403;
        }
        if (answer.status() == 404 && !isOnlyAbsent(answer)) {
            return 404;
        }
        assertThat(answer.status()).isNotEqualTo(401);
        return 0;
    }

    /** Of the addresses that name nothing of a tenant's, two find nothing. */
    private static boolean isOnlyAbsent(ApiClient.Answer answer) {
        String path = answer.response().request().uri().getPath();
        return path.equals("/v2/_catalog") || path.endsWith("/cache-mounts/none");
    }
}
