package io.slipway.image.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.slipway.image.registry.RegistryException.Kind;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads the small JSON answers of registries and token servers, and says a refusal in words. */
final class Answers {
    private static final int MAX_ANSWER_BYTES = 256 * 1024;
    private static final int MAX_REASON_CHARS = 500;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Answers() {}

    /** The errors of a registry (OCI distribution specification 1.1, "Error Codes"). */
    private record Errors(@Nullable List<@Nullable ErrorAnswer> errors) {}

    private record ErrorAnswer(
            @Nullable String code, @Nullable String message) {}

    /**
     * The answer of a token server (distribution's token specification; OAuth2 calls the token access_token).
     *
     * @param token the token, or null
     * @param accessToken the token, or null
     * @param expiresInSeconds how long it is good for, or null
     */
    record Token(
            @Nullable String token,
            @JsonProperty("access_token") @Nullable String accessToken,
            @JsonProperty("expires_in") @Nullable Long expiresInSeconds) {}

    /** Whether a status may be another one a moment later. */
    static boolean isPassing(int status) {
        return switch (status) {
            case 429, 500, 502, 503, 504 -> true;
            default -> false;
        };
    }

    static Token token(HttpResponse response, String host) throws IOException {
        byte[] json = response.readUpTo(MAX_ANSWER_BYTES);
        try {
            Token token = json.length > MAX_ANSWER_BYTES ? null : MAPPER.readValue(json, Token.class);
            if (token != null) {
                return token;
            }
        } catch (JacksonException e) {
            throw new BrokenProtocolException("the token server " + host + " does not answer with a token");
        }
        throw new BrokenProtocolException("the token server " + host + " does not answer with a token");
    }

    /** What a registry's status and errors mean, as an exception to throw. Reads the rest of the answer. */
    static RegistryException refusal(Purpose purpose, Endpoint endpoint, HttpResponse response) throws IOException {
        int status = response.status();
        String host = endpoint.host();
        Credentials credentials = endpoint.credentials();
        boolean tooNarrow = Challenge.parse(response.headers("WWW-Authenticate")).stream()
                .anyMatch(challenge -> "insufficient_scope".equals(challenge.parameter("error")));
        Kind kind = switch (status) {
            case 401 -> tooNarrow ? Kind.DENIED : Kind.UNAUTHORIZED;
            case 403 -> Kind.DENIED;
            case 404 -> Kind.NOT_FOUND;
            case 429, 500, 502, 503, 504 -> Kind.UNREACHABLE;
            default -> status >= 400 ? Kind.REFUSED : Kind.INVALID;
        };
        String who = credentials == null ? "" : " " + credentials.username();
        String sentence = switch (kind) {
            case UNAUTHORIZED ->
                credentials == null
                        ? host + " wants to know who asks, and no credentials are configured for it (or there is no"
                                + " such repository)"
                        : host + " does not accept the credentials of" + who;
            case DENIED -> host + " does not allow it to" + (credentials == null ? " everybody" : who);
            case NOT_FOUND -> host + " does not have it";
            case UNREACHABLE -> host + " can't answer now";
            case REFUSED, INVALID, DIGEST_MISMATCH, PLATFORM_NOT_FOUND -> host + " refuses";
        };
        return purpose.failure(kind, host, sentence + " (" + status + reason(response) + ")");
    }

    /** The host's own words, cleaned: they end up in logs and terminals. */
    private static String reason(HttpResponse response) throws IOException {
        byte[] body = response.readUpTo(MAX_ANSWER_BYTES);
        StringBuilder words = new StringBuilder();
        try {
            Errors answer = body.length == 0 ? null : MAPPER.readValue(body, Errors.class);
            List<@Nullable ErrorAnswer> errors = answer == null ? null : answer.errors();
            for (ErrorAnswer error : errors == null ? List.<@Nullable ErrorAnswer>of() : errors) {
                if (error != null) {
                    words.append(", ").append(error.code() == null ? "" : error.code());
                    words.append(error.message() == null ? "" : ": " + error.message());
                }
            }
        } catch (JacksonException e) {
            return ""; // an error page of some proxy: its status says all that can be said
        }
        String clean = words.toString().replaceAll("\\p{Cntrl}+", " ");
        return clean.length() > MAX_REASON_CHARS ? clean.substring(0, MAX_REASON_CHARS) + "…" : clean;
    }
}
