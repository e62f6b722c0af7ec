package io.slipway.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.OpenApi;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The query parameters that a call says it knows are those of {@code openapi.yaml}, and there is no other. */
@ExtendWith(ServiceExtension.class)
final class KnownParametersOfCallsTest {
    private static final String UNKNOWN = "zzqqzzqqzzqq";

    /** All but what registry clients and Spring Boot's own addresses are asked, and what asks for a signature first. */
    static Stream<Endpoint> calls() {
        return Endpoints.TABLE.stream()
                .filter(endpoint -> !endpoint.pattern().matches("/v2.*|/actuator.*|/internal.*|/v1/webhooks/.*"));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void anUnknownParameterIsRefusedAndTheHintHasThoseOfTheDocument(Endpoint endpoint, RunningService service)
            throws IOException {
        Tenant tenant = Tenant.in(service);
        String target = endpoint.address().of(tenant);
        String body = endpoint.body();
        ApiClient.Answer answer = service.client()
                .send(
                        endpoint.method(),
                        target + (target.contains("?") ? "&" : "?") + UNKNOWN + "=1",
                        body == null
                                ? endpoint.method().equals("POST")
                                        ? BodyPublishers.ofByteArray(Tars.dockerfile("FROM scratch\n")
                                                .bytes())
                                        : BodyPublishers.noBody()
                                : BodyPublishers.ofString(body.replace("PROJECT", tenant.project())));
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/parameter-unknown");
        String hint = answer.json().path("hint").stringValue();
        Set<String> known = hint.equals("there is none here")
                ? Set.of()
                : new TreeSet<>(List.of(hint.replace("known are ", "").split(", ")));
        // Two options are for JSON only: in a query they are refused with a hint that says so.
        assertThat(known.stream().filter(name -> !Set.of("registryAuth", "ssh").contains(name)))
                .containsExactlyInAnyOrderElementsOf(promised(endpoint));
    }

    private static Set<String> promised(Endpoint endpoint) {
        JsonNode document = OpenApi.contract().document();
        JsonNode path = document.path("paths")
                .path(endpoint.pattern().replace("{build}", "{id}").replace("{slug}", "{type}"));
        Set<String> names = new TreeSet<>();
        for (JsonNode parameters : List.of(
                path.path("parameters"),
                path.path(endpoint.method().toLowerCase(Locale.ROOT)).path("parameters"))) {
            for (JsonNode parameter : parameters) {
                String reference = parameter.path("$ref").asString("");
                JsonNode there = reference.isEmpty() ? parameter : document.at(reference.substring(1));
                if (there.path("in").stringValue().equals("query")) {
                    names.add(there.path("name").stringValue());
                }
            }
        }
        return names;
    }
}
