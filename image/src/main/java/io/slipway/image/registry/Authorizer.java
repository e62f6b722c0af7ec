package io.slipway.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.image.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says to each registry who asks, in the way that it wants: Basic, or tokens from a token server (distribution project,
 * "Token Authentication Specification" and "OAuth2 Token Authentication"). Tokens are kept per host and scopes until they
 * expire. Thread-safe; threads that need the same host's token at the same time fetch it once.
 */
final class Authorizer {
    private static final String CLIENT = "slipway";
    private static final long DEFAULT_LIFE_SECONDS = 60; // the token specification's
    private static final long MARGIN_SECONDS = 10;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]+");

    private final Http http;
    private final Map<Place, State> states = new ConcurrentHashMap<>();

    Authorizer(Http http) {
        this.http = http;
    }

    private record Place(URI root, String host) {}

    private record Grant(String header, long expiresNanos) {
        boolean isGood() {
            return System.nanoTime() - expiresNanos < 0;
        }
    }

    private static final class State {
        final ReentrantLock fetching = new ReentrantLock();
        final Map<Set<String>, Grant> grants = new ConcurrentHashMap<>();
        volatile @Nullable Challenge challenge;
    }

    /**
     * The Authorization header to begin with: null while the host has not asked for one, or if we have none.
     *
     * @param scopes what will be done, in the words of token servers
     */
    @Nullable
    String header(Purpose purpose, Endpoint endpoint, Set<String> scopes) throws IOException {
        State state = state(endpoint);
        Challenge challenge = state.challenge;
        return challenge == null ? null : header(purpose, endpoint, scopes, state, challenge, null);
    }

    /**
     * The Authorization header after the host has refused with 401, or null if we have nothing else to offer.
     *
     * @param fields the WWW-Authenticate fields of the refusal
     * @param refused the header that was refused, or null if none was sent
     */
    @Nullable
    String answer(Purpose purpose, Endpoint endpoint, Set<String> scopes, List<String> fields, @Nullable String refused)
            throws IOException {
        Challenge bearer = null;
        Challenge basic = null;
        for (Challenge challenge : Challenge.parse(fields)) {
            switch (challenge.scheme()) {
                case "bearer" -> bearer = challenge;
                case "basic" -> basic = challenge;
                default -> {} // schemes of other worlds, such as Negotiate
            }
        }
        Challenge challenge = bearer == null ? basic : bearer;
        if (challenge == null) {
            return null;
        }
        State state = state(endpoint);
        state.challenge = challenge;
        String header = header(purpose, endpoint, scopes, state, challenge, refused);
        return header == null || header.equals(refused) ? null : header;
    }

    private State state(Endpoint endpoint) {
        return states.computeIfAbsent(new Place(endpoint.root(), endpoint.host()), _ -> new State());
    }

    private @Nullable String header(
            Purpose purpose,
            Endpoint endpoint,
            Set<String> scopes,
            State state,
            Challenge challenge,
            @Nullable String refused)
            throws IOException {
        if (challenge.scheme().equals("basic")) {
            return endpoint.credentials() == null ? null : basic(endpoint.credentials());
        }
        state.fetching.lock();
        try {
            Grant grant = state.grants.get(scopes);
            if (grant == null || !grant.isGood() || grant.header().equals(refused)) {
                grant = fetch(purpose, endpoint, scopes, challenge);
                state.grants.put(scopes, grant);
            }
            return grant.header();
        } finally {
            state.fetching.unlock();
        }
    }

    private static String basic(Credentials credentials) {
        String pair = credentials.username() + ":" + credentials.password();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }

    private Grant fetch(Purpose purpose, Endpoint endpoint, Set<String> scopes, Challenge challenge)
            throws IOException {
        String realm = challenge.parameter("realm");
        if (realm == null) {
            throw new BrokenProtocolException(endpoint.host() + " wants a token and does not say from where");
        }
        URI server = Http.follow(endpoint.root(), realm);
        String service = challenge.parameter("service");
        try (HttpResponse response = http.send(request(server, service, scopes, endpoint.credentials()))) {
            if (response.status() != 200) {
                throw refusal(purpose, endpoint, server.getAuthority(), response);
            }
            return grant(Answers.token(response, server.getAuthority()), server.getAuthority());
        }
    }

    private static IOException refusal(Purpose purpose, Endpoint endpoint, String server, HttpResponse response) {
        int status = response.status();
        if (Answers.isPassing(status)) {
            RegistryException busy = purpose.failure(
                    Kind.UNREACHABLE,
                    endpoint.host(),
                    "the token server " + server + " can't answer now (" + status + ")");
            return new Retries.BusyException(busy, response.header("Retry-After"));
        }
        Credentials credentials = endpoint.credentials();
        String why = credentials == null
                ? " gives no token without credentials, and none are configured for " + endpoint.host()
                : " does not accept the credentials of " + credentials.username();
        return purpose.failure(
                status == 403 ? Kind.DENIED : Kind.UNAUTHORIZED,
                endpoint.host(),
                "the token server " + server + why + " (" + status + ")");
    }

    private static HttpRequest request(
            URI server, @Nullable String service, Set<String> scopes, @Nullable Credentials credentials) {
        if (credentials != null && credentials.identityToken() != null) {
            String form = "grant_type=refresh_token&client_id=" + CLIENT
                    + (service == null ? "" : "&service=" + encode(service))
                    + "&scope=" + encode(String.join(" ", scopes))
                    + "&refresh_token=" + encode(credentials.identityToken());
            return HttpRequest.of("POST", server)
                    .with("Content-Type", "application/x-www-form-urlencoded")
                    .with(HttpRequest.Body.of(form.getBytes(UTF_8)));
        }
        StringBuilder url = new StringBuilder(server.toString());
        char separator = server.getRawQuery() == null ? '?' : '&';
        if (service != null) {
            url.append(separator).append("service=").append(encode(service));
            separator = '&';
        }
        for (String scope : scopes) {
            url.append(separator).append("scope=").append(encode(scope));
            separator = '&';
        }
        if (credentials == null) {
            return HttpRequest.of("GET", URI.create(url.toString()));
        }
        url.append(separator).append("client_id=" + CLIENT);
        return HttpRequest.of("GET", URI.create(url.toString())).with("Authorization", basic(credentials));
    }

    private static Grant grant(Answers.Token answer, String host) throws BrokenProtocolException {
        String token = answer.token() == null ? answer.accessToken() : answer.token();
        if (token == null || !TOKEN.matcher(token).matches()) {
            throw new BrokenProtocolException("the token server " + host + " does not answer with a token");
        }
        Long promised = answer.expiresInSeconds();
        long seconds = promised == null || promised <= 0 ? DEFAULT_LIFE_SECONDS : promised;
        long life = Math.clamp(seconds - MARGIN_SECONDS, 1, 24 * 3600);
        return new Grant("Bearer " + token, System.nanoTime() + TimeUnit.SECONDS.toNanos(life));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    /** Scopes in the order given, without repetition. */
    static Set<String> scopes(String... scopes) {
        return new LinkedHashSet<>(List.of(scopes));
    }
}
