package io.slipway.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.access.Endpoint.Needs;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.Manifest;
import io.slipway.api.testing.Multipart;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Statements;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import io.slipway.image.Digest;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the service has an address for: an administrator of one project who asks for what another one has gets the answer that they get for
 * what does not exist, after the same statements in the database. Also where their own project stands in the address, and the other's thing
 * behind it.
 */
final class ForeignThingsTest {
    private static final String NOBODYS = "nobodys";

    /** Names that everybody may have for something: they tell nothing apart. */
    private static final Set<String> COMMON_NAMES = Set.of("{secret}", "{reference}");

    private static RunningService service;
    private static Tenant owner;
    private static Tenant stranger;
    private static int requests;

    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start(Statements.PART);
        owner = Tenant.in(service);
        stranger = Tenant.in(service);
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    static List<Endpoint> ofSomethingOfATenants() {
        return Endpoints.TABLE.stream()
                .filter(endpoint -> endpoint.needs() == Needs.PROJECT
                        || (endpoint.needs() == Needs.EVERYWHERE
                                && endpoint.pattern().contains("{")))
                .toList();
    }

    /**
     * An address, piece by piece.
     *
     * @param pieces what stands between slashes, without the query
     * @param names numbers of those pieces that name something
     */
    private record Parts(List<String> pieces, List<Integer> names, String query) {
        static Parts of(Endpoint endpoint, String address) {
            int end = address.indexOf('?') < 0 ? address.length() : address.indexOf('?');
            List<String> pieces = List.of(address.substring(0, end).split("/", -1));
            String[] pattern = endpoint.pattern().split("/", -1);
            assertThat(pieces).as(address).hasSize(pattern.length);
            List<Integer> names = new ArrayList<>();
            for (int i = 0; i < pattern.length; i++) {
                if (pattern[i].startsWith("{") && !COMMON_NAMES.contains(pattern[i])) {
                    names.add(i);
                }
            }
            return new Parts(pieces, names, address.substring(end));
        }

        /** With the first names being those of another address. */
        Parts behind(Parts other, int count) {
            List<String> mixed = new ArrayList<>(pieces);
            names.subList(0, count)
                    .forEach(place -> mixed.set(place, other.pieces().get(place)));
            return new Parts(List.copyOf(mixed), names, query);
        }

        /** What the rest of the names, and the project, are replaced with that nothing has. */
        Map<String, String> replacements(int from) {
            Map<String, String> replacements = new LinkedHashMap<>();
            for (int place : names.subList(from, names.size())) {
                replacements.put(pieces.get(place), missing(pieces.get(place)));
            }
            if (from == 0) {
                replacements.putIfAbsent(owner.project(), NOBODYS);
            }
            return replacements;
        }

        /** Of the same form: ids and digests keep their prefix and their length. */
        private static String missing(String name) {
            int prefix = Math.max(name.indexOf('_'), name.indexOf(':')) + 1;
            return prefix == 0 ? NOBODYS : name.substring(0, prefix) + "0".repeat(name.length() - prefix);
        }

        String address() {
            return String.join("/", pieces) + query;
        }
    }

    @ParameterizedTest
    @MethodSource("ofSomethingOfATenants")
    void whatIsAnothersIsAnsweredAsWhatDoesNotExist(Endpoint endpoint) throws IOException {
        String address = endpoint.address().of(owner);
        Parts its = Parts.of(endpoint, address);
        Parts own = Parts.of(endpoint, endpoint.address().of(stranger));
        for (int kept = 0; kept < Math.max(1, its.names().size()); kept++) {
            same(endpoint, its.behind(own, kept), its.behind(own, kept).replacements(kept));
        }
        ApiClient.Answer after = endpoint.at(_ -> address).ask(owner.as(Role.ADMIN), owner);
        assertThat(after.status())
                .as("it is still there for its owner: %s", after.text())
                .isNotIn(401, 404, endpoint.needs() == Needs.PROJECT ? 403 : 404);
    }

    private static void same(Endpoint endpoint, Parts foreign, Map<String, String> replacements) throws IOException {
        String missing = replaced(foreign.address(), replacements);
        String first = "foreign-" + requests++;
        String second = "missing-" + requests++;
        ApiClient client = stranger.as(Role.ADMIN);
        ApiClient.Answer refused = endpoint.at(_ -> foreign.address()).ask(client.with(Statements.NAME, first), owner);
        ApiClient.Answer absent = endpoint.at(_ -> missing)
                .ask(client.with(Statements.NAME, second), new Tenant(service, NOBODYS, Map.of()));
        boolean hidden = endpoint.needs() == Needs.PROJECT || endpoint.pattern().contains("{name}");
        assertThat(refused.status())
                .as("%s: %s", foreign.address(), refused.text())
                .isEqualTo(hidden ? 404 : 403);
        assertThat(absent.status()).as("%s: %s", missing, absent.text()).isEqualTo(refused.status());
        assertThat(replaced(refused.text(), replacements)).isEqualTo(absent.text());
        assertThat(headers(refused)).isEqualTo(headers(absent));
        assertThat(Statements.of(first)).as("statements").isEqualTo(Statements.of(second));
    }

    private static String replaced(String text, Map<String, String> replacements) {
        String replaced = text;
        for (Map.Entry<String, String> each : replacements.entrySet()) {
            replaced = replaced.replace(each.getKey(), each.getValue());
        }
        return replaced;
    }

    /** Names of headers, without what is the connection's. */
    private static Set<String> headers(ApiClient.Answer answer) {
        Set<String> names = new TreeSet<>(answer.response().headers().map().keySet());
        names.remove("connection");
        return names;
    }

    /** Where a body names a context or a build, for which ID stands; other than by an address. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "context | {'project': 'PROJECT', 'context': 'ID'}",
                "context | {'project': 'PROJECT', 'buildContext': {'base': 'ID'}}",
                "context | {'project': 'PROJECT', 'buildContext': {'base': {'ociLayout': {'context': 'ID'}}}}",
                "build   | {'project': 'PROJECT', 'buildContext': {'base': 'slipway://ID'}}",
                "build   | {'project': 'PROJECT', 'buildContext': {'base': {'build': 'ID'}}}",
            })
    void whatABodyNamesOfAnothersIsAnsweredAsWhatDoesNotExist(String thing, String json) throws IOException {
        String id = thing.equals("context")
                ? owner.context()
                : owner.succeededBuild().id().value();
        String missing = Parts.missing(id);
        String first = "named-" + requests++;
        String second = "unnamed-" + requests++;
        ApiClient.Answer refused = submit(stranger, first, json.replace("ID", id));
        ApiClient.Answer absent = submit(stranger, second, json.replace("ID", missing));
        assertThat(absent.status()).as(absent.text()).isEqualTo(422);
        assertThat(refused.status()).as(refused.text()).isEqualTo(422);
        assertThat(refused.text().replace(id, missing)).isEqualTo(absent.text());
        assertThat(headers(refused)).isEqualTo(headers(absent));
        assertThat(Statements.of(first)).as("statements").isEqualTo(Statements.of(second));
        ApiClient.Answer its = submit(owner, "owned-" + requests++, json.replace("ID", id));
        assertThat(its.text().replace(id, missing).replace(owner.project(), stranger.project()))
                .as("its owner is told something else")
                .isNotEqualTo(absent.text());
    }

    /** Submits a build with these options; with files, unless the options name them. */
    private static ApiClient.Answer submit(Tenant tenant, String name, String json) throws IOException {
        ApiClient client = tenant.as(Role.BUILDER).with(Statements.NAME, name);
        String options = json.replace("PROJECT", tenant.project()).replace('\'', '"');
        if (!options.contains("buildContext")) {
            return client.postJson("/v1/builds", options);
        }
        Multipart parts = new Multipart()
                .field("build", options)
                .file(
                        "context",
                        "application/x-tar",
                        Tars.dockerfile("FROM base\n").bytes());
        return client.post("/v1/builds", parts.bytes(), "Content-Type", parts.contentType());
    }

    @Test
    void aContentThatOnlyAnotherProjectHasIsLacking() throws IOException {
        byte[] content = "only the owner has this".getBytes(StandardCharsets.UTF_8);
        String digest = Digest.of(content).hex();
        ApiClient client = owner.as(Role.BUILDER);
        ApiClient.Answer made =
                new Manifest(owner.project()).file("Dockerfile", content).post(client);
        assertThat(client.send(
                                "PUT",
                                "/v1/contexts/" + made.json().path("id").stringValue() + "/files",
                                BodyPublishers.ofByteArray(
                                        new Tars().file(digest, content).bytes()))
                        .json()
                        .path("state")
                        .stringValue())
                .isEqualTo("complete");
        ApiClient other = stranger.as(Role.BUILDER);
        ApiClient.Answer asked =
                new Manifest(stranger.project()).file("Dockerfile", content).post(other);
        assertThat(asked.json().path("state").stringValue()).isEqualTo("incomplete");
        assertThat(asked.json().path("missing").path(0).stringValue()).isEqualTo(digest);
        ApiClient.Answer built = other.postJson(
                "/v1/builds",
                "{\"project\": \"" + stranger.project() + "\", \"context\": \""
                        + asked.json().path("id").stringValue() + "\"}");
        assertThat(built.json().path("type").stringValue()).isEqualTo("/problems/context-incomplete");
    }
}
