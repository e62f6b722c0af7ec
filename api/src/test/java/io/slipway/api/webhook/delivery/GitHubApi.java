package io.slipway.api.webhook.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.api.webhook.trigger.AppKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * GitHub's API as far as check runs go, below {@code /api/v3} as GitHub Enterprise Server has it: knows one App with one installation, gives tokens to who
 * signs with the App's key, keeps check runs, and does wrong what a test asks for.
 */
final class GitHubApi implements AutoCloseable {
    static final String APP = "Iv23liSlipwayTest";
    static final String INSTALLATION = "4711";

    private static final String REPOSITORY = "/api/v3/repos/Codertocat/Hello-World";

    private final KeyPair keys = AppKeys.rsa(2048);
    private final HttpServer server;
    private final Map<Long, ObjectNode> runs = new ConcurrentSkipListMap<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger tokens = new AtomicInteger();

    /** @param status what is answered instead; 0: it is done, and the answer is lost */
    private record Fault(
            String method,
            int status,
            @Nullable String header,
            @Nullable String value) {}

    private record Answer(int status, @Nullable JsonNode body) {}

    GitHubApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    /** {@code status.apiUrl}. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/api/v3";
    }

    /** The App's private key, as GitHub lets it be downloaded. */
    String key() {
        return AppKeys.pkcs1(keys);
    }

    /** The check runs that there are, oldest first. */
    List<ObjectNode> runs() {
        return List.copyOf(runs.values());
    }

    /** What was called, oldest first: method, kind of thing, the answer's status, and what was told. */
    List<String> calls() {
        return List.copyOf(calls);
    }

    /** Answers the next call with that method otherwise, and does nothing. */
    void fail(String method, int status, String header, String value) {
        faults.add(new Fault(method, status, header, value));
    }

    /** Does what the next call with that method asks for, and closes the connection instead of answering. */
    void lose(String method) {
        faults.add(new Fault(method, 0, null, null));
    }

    /** Takes no token that it has given until now. */
    void revoke() {
        tokens.incrementAndGet();
    }

    /** Forgets its check runs. */
    void forget() {
        runs.clear();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        byte[] bytes = exchange.getRequestBody().readAllBytes();
        JsonNode body = bytes.length == 0
                ? JsonMapper.shared().createObjectNode()
                : JsonMapper.shared().readTree(bytes);
        Fault fault = faults.peek();
        boolean wrong = fault != null && fault.method().equals(method) && path.startsWith(REPOSITORY);
        if (wrong) {
            faults.remove();
        }
        Answer answer = wrong && fault != null && fault.status() > 0
                ? new Answer(fault.status(), null)
                : answer(exchange, method, path, body);
        String state = body.has("conclusion")
                ? body.path("conclusion").asString("")
                : body.path("status").asString("");
        boolean lost = wrong && fault != null && fault.status() == 0;
        calls.add(method + " "
                + path.replaceFirst(".*/(?=access_tokens|check-runs)", "").replaceFirst("/\\d+$", "") + " "
                + (lost ? "lost" : answer.status()) + (state.isEmpty() ? "" : " " + state));
        try (exchange) {
            if (lost) {
                return; // closes the connection
            }
            if (fault != null && wrong && fault.header() != null) {
                exchange.getResponseHeaders().set(fault.header(), fault.value());
            }
            byte[] sent = answer.body() == null
                    ? new byte[0]
                    : answer.body().toString().getBytes(UTF_8);
            exchange.sendResponseHeaders(answer.status(), sent.length == 0 ? -1 : sent.length);
            exchange.getResponseBody().write(sent);
        }
    }

    private Answer answer(HttpExchange exchange, String method, String path, JsonNode body) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (path.equals("/api/v3/app/installations/" + INSTALLATION + "/access_tokens")) {
            if (!isApp(authorization)) {
                return new Answer(401, null);
            }
            ObjectNode token = JsonMapper.shared().createObjectNode();
            token.put("token", token());
            token.put("expires_at", Instant.now().plus(Duration.ofHours(1)).toString());
            token.set("permissions", body.path("permissions"));
            return new Answer(201, token);
        }
        if (!("Bearer " + token()).equals(authorization)) {
            return new Answer(401, null);
        }
        if (method.equals("POST") && path.equals(REPOSITORY + "/check-runs")) {
            long id = 1 + runs.size() + 30_000_000_000L; // GitHub's have outgrown an int
            ObjectNode run = JsonMapper.shared().createObjectNode().put("id", id);
            change(run, body);
            runs.put(id, run);
            return new Answer(201, run);
        }
        if (path.startsWith(REPOSITORY + "/check-runs/")) {
            ObjectNode run = runs.get(Long.valueOf(path.substring(path.lastIndexOf('/') + 1)));
            if (run == null) {
                return new Answer(404, null);
            }
            if (method.equals("PATCH")) {
                change(run, body);
            }
            return new Answer(200, run);
        }
        if (method.equals("GET") && path.startsWith(REPOSITORY + "/commits/")) {
            return new Answer(200, found(path, exchange.getRequestURI().getRawQuery()));
        }
        return new Answer(404, null);
    }

    /** Annotations are added, all else takes the place of what was there. */
    private static void change(ObjectNode run, JsonNode body) {
        ArrayNode annotations = JsonMapper.shared().createArrayNode();
        run.at("/output/annotations").forEach(annotations::add);
        body.at("/output/annotations").forEach(annotations::add);
        run.setAll((ObjectNode) body);
        ((ObjectNode) run.path("output"))
                .put("annotations_count", annotations.size())
                .set("annotations", annotations);
    }

    private ObjectNode found(String path, String query) {
        String commit = path.replaceFirst(".*/commits/", "").replaceFirst("/.*", "");
        String name = URLDecoder.decode(query.replaceFirst(".*check_name=", "").replaceFirst("&.*", ""), UTF_8);
        ObjectNode found = JsonMapper.shared().createObjectNode();
        runs.values().stream()
                .filter(run -> run.path("head_sha").stringValue().equals(commit)
                        && run.path("name").stringValue().equals(name))
                .forEach(found.putArray("check_runs")::add);
        return found;
    }

    private String token() {
        return "ghs_hidden" + tokens.get();
    }

    private boolean isApp(String authorization) {
        try {
            SignedJWT token = SignedJWT.parse(authorization.replaceFirst("^Bearer ", ""));
            Instant now = Instant.now();
            Instant issued = token.getJWTClaimsSet().getIssueTime().toInstant();
            Instant expires = token.getJWTClaimsSet().getExpirationTime().toInstant();
            return token.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256)
                    && token.verify(new RSASSAVerifier((RSAPublicKey) keys.getPublic()))
                    && APP.equals(token.getJWTClaimsSet().getIssuer())
                    && issued.isBefore(now.minusSeconds(30))
                    && expires.isAfter(now)
                    && expires.isBefore(now.plus(Duration.ofMinutes(10)));
        } catch (ParseException | JOSEException e) {
            return false;
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
