package io.slipway.api.webhook.status;

import io.slipway.api.webhook.trigger.StatusSettings;
import io.slipway.image.Digest;
import io.slipway.remote.http.HttpCall;
import io.slipway.remote.http.HttpPost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tokens of installations of GitHub Apps (docs.github.com, "Generating an installation access token for a GitHub App"). They are good for an hour, and kept
 * until shortly before that, in memory only. Thread-safe.
 */
@Component
final class InstallationTokens {
    private static final Duration MARGIN = Duration.ofMinutes(5);

    /** A token that somebody steals is good for nothing else. */
    private static final byte[] WANTED = "{\"permissions\":{\"checks\":\"write\"}}".getBytes(StandardCharsets.UTF_8);

    private static final Pattern TOKEN = Pattern.compile("[!-~]{1,1000}");

    /** "Installation tokens expire one hour from the time you create them" (GitHub, REST API, Apps). */
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Map<Installation, Held> held = new ConcurrentHashMap<>();
    private final Clock clock;

    InstallationTokens(Clock clock) {
        this.clock = clock;
    }

    /** Whose token it is. The key is part of it: who only knows the numbers of somebody's App must not get its token. */
    private record Installation(String apiUrl, String app, String id, Digest key) {
        static Installation of(String apiUrl, StatusSettings.App app) {
            return new Installation(
                    apiUrl, app.id(), app.installation(), Digest.of(app.key().getEncoded()));
        }
    }

    /** @param until when another one is to be asked for */
    private record Held(String token, Instant until) {
        /** Leaves the token out. */
        @Override
        public String toString() {
            return "Held[until=" + until + "]";
        }
    }

    /**
     * A token that may write checks.
     *
     * @param http asks for one if there is none
     * @throws UntoldException if GitHub gives none
     */
    String token(HttpCall http, String apiUrl, StatusSettings.App app) throws IOException, UntoldException {
        Installation installation = Installation.of(apiUrl, app);
        Held known = held.get(installation);
        if (known != null && clock.instant().isBefore(known.until())) {
            return known.token();
        }
        Held made = ask(http, apiUrl, app);
        Instant now = clock.instant();
        held.values().removeIf(other -> !now.isBefore(other.until()));
        held.put(installation, made);
        return made.token();
    }

    /** Keeps a token no longer that GitHub does not take (any more). */
    void drop(String apiUrl, StatusSettings.App app, String token) {
        Installation installation = Installation.of(apiUrl, app);
        Held known = held.get(installation);
        if (known != null && known.token().equals(token)) {
            held.remove(installation, known);
        }
    }

    private Held ask(HttpCall http, String apiUrl, StatusSettings.App app) throws IOException, UntoldException {
        Instant now = clock.instant();
        HttpPost.Answer answer = http.send(
                "POST",
                apiUrl + "/app/installations/" + app.installation() + "/access_tokens",
                CheckRuns.headers(AppToken.sign(app, now)),
                WANTED,
                StatusOutcome.HEADERS);
        StatusOutcome outcome = StatusOutcome.of(answer, now, InstallationTokens::fault);
        if (!(outcome instanceof StatusOutcome.Told)) {
            throw new UntoldException(outcome);
        }
        try {
            JsonNode body = JsonMapper.shared().readTree(answer.body());
            String token = body.path("token").asString("");
            if (TOKEN.matcher(token).matches()) {
                Instant end =
                        Instant.parse(body.path("expires_at").asString("")).minus(MARGIN);
                // Whatever server is named as the host, its tokens are not kept for ever.
                return new Held(token, end.isAfter(now.plus(LONGEST)) ? now.plus(LONGEST) : end);
            }
        } catch (JacksonException | DateTimeParseException e) {
            throw unreadable(e);
        }
        throw unreadable(null);
    }

    private static UntoldException unreadable(@Nullable Exception cause) {
        UntoldException untold = new UntoldException(new StatusOutcome.Refused(
                "the host has answered with something else than a token: status.apiUrl is not where its API is"));
        if (cause != null) {
            untold.initCause(cause);
        }
        return untold;
    }

    private static String fault(int status) {
        return switch (status) {
            case 401 ->
                ": status.checkRun.appId and privateKey are not of one App, or the clock of this machine is wrong";
            case 403 -> ": the App's installation is suspended";
            case 404 -> ": the App has no installation status.checkRun.installationId";
            case 422 -> ": the App's installation may not write checks";
            default -> "";
        };
    }
}
