package io.slipway.api.webhook.status;

import io.slipway.api.webhook.trigger.StatusSettings;
import io.slipway.db.webhook.CheckRun;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.CommitStatuses;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.http.HttpCall;
import io.slipway.remote.http.HttpPost;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes and changes check runs at GitHub, one for each build of a commit and context: that it is to be made is written down before it is, so that one of
 * which the answer was lost is looked for instead of made twice. Thread-safe.
 */
@Component
final class CheckRuns {
    /** Five calls at most are made for one status: a token, a look, the check run, and the first and last again. They fit in {@link StatusSender#HOLD}. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;

    private final CommitStatuses statuses;
    private final InstallationTokens tokens;
    private final HttpCall http;

    CheckRuns(CommitStatuses statuses, InstallationTokens tokens, AddressPolicy addresses) {
        this.statuses = statuses;
        this.tokens = tokens;
        this.http = new HttpCall(addresses, LIMIT);
    }

    /**
     * What came of it.
     *
     * @param checkRun by which it was told
     */
    record Telling(StatusOutcome outcome, CheckRun checkRun) {}

    /**
     * Tells GitHub what is true now.
     *
     * @param repository its full name
     * @throws UntoldException if it does not come to that
     * @throws io.slipway.remote.SourceException if GitHub does not answer
     */
    Telling tell(
            StatusSettings settings,
            StatusSettings.App app,
            String repository,
            CommitStatus status,
            CheckRunReport report)
            throws IOException, UntoldException {
        Session session = new Session(settings.apiUrl(), app);
        session.open();
        String checkRuns = "/repos/" + StatusCall.path(repository) + "/check-runs";
        String of = report.externalId();
        CheckRun begun = status.checkRun() != null && status.checkRun().of().equals(of) ? status.checkRun() : null;
        Long id = begun == null ? null : begun.id();
        boolean marked = false;
        if (begun == null) {
            statuses.openingCheckRun(status, of);
        } else if (id == null) {
            JsonNode found = session.find(repository, status, of);
            id = idOf(found);
            marked = isMarked(found);
        } else if (report.hasAnnotation()) {
            // Perhaps it was changed and nobody heard or noted it; annotations are added to those that are there.
            marked = session.isMarked(checkRuns + "/" + id, status);
        }
        HttpPost.Answer answer = id == null
                ? session.send("POST", checkRuns, report.body())
                : session.send("PATCH", checkRuns + "/" + id, report.change(!marked));
        if (id != null && answer.status() == NOT_FOUND) {
            // Deleted, or of a repository that the trigger had before: from now on there is none.
            statuses.openingCheckRun(status, of);
            return new Telling(
                    new StatusOutcome.Later("the check run " + id + " is gone; another one is made", null),
                    new CheckRun(of, null));
        }
        StatusOutcome outcome = StatusOutcome.of(answer, status.at(), CheckRuns::fault);
        return new Telling(outcome, new CheckRun(of, id != null ? id : made(answer)));
    }

    /** Calls in the name of an installation, with a new token if GitHub does not take the one that is held, once. */
    private final class Session {
        private final String apiUrl;
        private final StatusSettings.App app;
        private boolean renewed;

        Session(String apiUrl, StatusSettings.App app) {
            this.apiUrl = apiUrl;
            this.app = app;
        }

        /** Gets a token if there is none: who gets none has begun nothing. */
        void open() throws IOException, UntoldException {
            var _ = tokens.token(http, apiUrl, app);
        }

        HttpPost.Answer send(String method, String path, @Nullable ObjectNode body)
                throws IOException, UntoldException {
            while (true) {
                String token = tokens.token(http, apiUrl, app);
                HttpPost.Answer answer = http.send(
                        method,
                        apiUrl + path,
                        headers(token),
                        body == null ? null : JsonMapper.shared().writeValueAsBytes(body),
                        StatusOutcome.HEADERS);
                if (answer.status() != UNAUTHORIZED) {
                    return answer;
                }
                tokens.drop(apiUrl, app, token);
                if (renewed) {
                    return answer;
                }
                renewed = true;
            }
        }

        /** Whether a check run has its annotation; one that is gone has none. */
        boolean isMarked(String path, CommitStatus status) throws IOException, UntoldException {
            HttpPost.Answer answer = send("GET", path, null);
            if (answer.status() == NOT_FOUND) {
                return false;
            }
            StatusOutcome outcome = StatusOutcome.of(answer, status.at(), CheckRuns::fault);
            if (!(outcome instanceof StatusOutcome.Told)) {
                throw new UntoldException(outcome);
            }
            return CheckRuns.isMarked(json(answer));
        }

        /** The check run that was made without anybody hearing of it; a missing node if there is none. */
        JsonNode find(String repository, CommitStatus status, String of) throws IOException, UntoldException {
            HttpPost.Answer answer = send(
                    "GET",
                    "/repos/" + StatusCall.path(repository) + "/commits/" + status.commitId()
                            + "/check-runs?filter=all&per_page=100&check_name="
                            + StatusCall.encoded(status.context()),
                    null);
            StatusOutcome outcome = StatusOutcome.of(answer, status.at(), CheckRuns::fault);
            if (!(outcome instanceof StatusOutcome.Told)) {
                throw new UntoldException(outcome);
            }
            for (JsonNode run : json(answer).path("check_runs")) {
                if (run.path("external_id").asString("").equals(of)) {
                    return run;
                }
            }
            return MissingNode.getInstance();
        }
    }

    private static @Nullable Long made(HttpPost.Answer answer) {
        return answer.status() / 100 == 2 ? idOf(json(answer)) : null;
    }

    private static boolean isMarked(JsonNode run) {
        return run.at("/output/annotations_count").asInt(0) > 0;
    }

    private static @Nullable Long idOf(JsonNode run) {
        JsonNode id = run.path("id");
        return id.isIntegralNumber() ? Long.valueOf(id.longValue()) : null;
    }

    /** What is no JSON, since it was too long or is another server's, says nothing. */
    private static JsonNode json(HttpPost.Answer answer) {
        try {
            return JsonMapper.shared().readTree(answer.body());
        } catch (JacksonException e) {
            return MissingNode.getInstance();
        }
    }

    /** What goes with every call of GitHub's API. */
    static Map<String, String> headers(String token) {
        return Map.of(
                "Authorization", "Bearer " + token,
                "Accept", "application/vnd.github+json",
                "Content-Type", "application/json");
    }

    private static String fault(int status) {
        return switch (status) {
            case 401 -> ": it does not take the App's token";
            case 403 -> ": the App may not write checks, or the check run is another App's";
            case 404 -> ": the App is not installed in the repository, or may not write checks";
            case 422 -> ": it does not know the commit, or does not like what it was told";
            default -> "";
        };
    }
}
