package io.slipway.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A token server as registries use it (distribution project, "Token Authentication Specification" and "OAuth2 Token
 * Authentication"), for tests. {@link TestRegistry#USER} gets what is asked for, {@code reader} (with the same password) only
 * {@code pull}, nobody only {@code pull} below {@code public/}.
 */
public final class TestTokenServer implements AutoCloseable {
    /** The user that may only pull. */
    public static final String READER = "reader";

    /** A refresh token that stands for {@link TestRegistry#USER}. */
    public static final String REFRESH_TOKEN = "refresh-me";

    static final String SERVICE = "test-registry";
    static final String ISSUER = "test-issuer";

    private final HttpServer server;
    private final PrivateKey key;
    private final Certificate certificate;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /**
     * Starts the server.
     *
     * @param directory an empty directory for its key
     */
    public TestTokenServer(Path directory) throws IOException {
        TestKey made = TestKey.make(directory, ISSUER);
        key = made.privateKey();
        certificate = made.certificate();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/token", this::answer);
        server.start();
    }

    /** What was asked for so far: {@code USER SCOPE SCOPE…}. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    String realm() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
    }

    String certificate() throws IOException {
        return TestKey.pem(certificate);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        boolean form = exchange.getRequestMethod().equals("POST");
        String parameters = form
                ? new String(exchange.getRequestBody().readAllBytes(), UTF_8)
                : exchange.getRequestURI().getRawQuery();
        List<String> scopes = new ArrayList<>();
        String user = form ? "" : basicUser(exchange.getRequestHeaders().getFirst("Authorization"));
        boolean rightService = false;
        for (String parameter : parameters.split("&")) {
            String[] pair = parameter.split("=", 2);
            String value = URLDecoder.decode(pair[1], UTF_8);
            switch (pair[0]) {
                case "scope" -> scopes.addAll(List.of(value.split(" ")));
                case "service" -> rightService = value.equals(SERVICE);
                case "refresh_token" -> user = value.equals(REFRESH_TOKEN) ? TestRegistry.USER : "?";
                default -> {}
            }
        }
        requests.add((user.isEmpty() ? "nobody" : user) + " " + String.join(" ", scopes));
        if (user.equals("?") || !rightService) {
            exchange.sendResponseHeaders(401, -1);
            return;
        }
        String token = token(user, scopes);
        byte[] json = (form
                        ? "{\"access_token\":\"" + token + "\",\"expires_in\":300}"
                        : "{\"token\":\"" + token + "\"}")
                .getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, json.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(json);
        }
    }

    /** The user's name, empty for nobody, {@code ?} for a wrong one. */
    private static String basicUser(@Nullable String header) {
        if (header == null) {
            return "";
        }
        for (String user : List.of(TestRegistry.USER, READER)) {
            String pair = user + ":" + TestRegistry.PASSWORD;
            if (header.equals("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)))) {
                return user;
            }
        }
        return "?";
    }

    private String token(String user, List<String> scopes) throws IOException {
        List<String> access = new ArrayList<>();
        for (String scope : scopes) {
            String[] parts = scope.split(":");
            for (String action : parts[2].split(",")) {
                boolean pull = action.equals("pull");
                if (user.equals(TestRegistry.USER)
                        || (pull && user.equals(READER))
                        || (pull && parts[1].startsWith("public/"))) {
                    access.add("{\"type\":\"%s\",\"name\":\"%s\",\"actions\":[\"%s\"]}"
                            .formatted(parts[0], parts[1], action));
                }
            }
        }
        long now = Instant.now().getEpochSecond();
        String claims = """
                {"iss":"%s","sub":"%s","aud":"%s","exp":%d,"nbf":%d,"iat":%d,"jti":"%s","access":[%s]}""".formatted(
                        ISSUER, user, SERVICE, now + 300, now - 10, now, UUID.randomUUID(), String.join(",", access));
        try {
            String header = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\""
                    + Base64.getEncoder().encodeToString(certificate.getEncoded()) + "\"]}";
            String signed = base64(header.getBytes(UTF_8)) + "." + base64(claims.getBytes(UTF_8));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(signed.getBytes(UTF_8));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
