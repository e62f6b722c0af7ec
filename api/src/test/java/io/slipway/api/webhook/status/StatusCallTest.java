package io.slipway.api.webhook.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.webhook.host.HostKind;
import io.slipway.api.webhook.trigger.StatusSettings;
import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.api.webhook.trigger.TriggerSettingsFixture;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Failure;
import io.slipway.db.webhook.CommitProblem;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.ToldBuild;
import io.slipway.remote.http.HttpPost;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What git hosts are told, and what their answers mean. */
final class StatusCallTest {
    private static final String COMMIT = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
    private static final Instant NOW = Instant.parse("2026-11-29T20:00:00Z");

    private static CommitStatus status(@Nullable BuildState state, String context) {
        Failure failure =
                state == BuildState.FAILED ? new Failure("step_failed", "It failed.", null, null, 1, null) : null;
        return new CommitStatus(
                "trg_1",
                COMMIT,
                context,
                state == null ? null : new ToldBuild("bld_1", state, null, null, failure, "Dockerfile"),
                state == null ? new CommitProblem("The Dockerfile has a mistake.", null, null) : null,
                "refs/heads/feature/x",
                "http://here",
                1,
                null,
                null,
                null,
                0,
                1,
                NOW,
                NOW);
    }

    private static StatusCall call(String document, CommitStatus status) {
        TriggerSettings trigger = TriggerSettingsFixture.of(document);
        StatusSettings told = Objects.requireNonNull(trigger.status());
        return StatusCall.of(
                trigger,
                told.apiUrl(),
                (StatusSettings.Token) told.access(),
                Objects.requireNonNull(trigger.repository().fullName()),
                status,
                "http://here/v1/builds/bld_1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'status': {'token': 't'}} | https://api.github.com/repos/org/app/statuses/COMMIT | Bearer t",
                "{'repository': {'url': 'git@github.com:org/app.git'}, 'status': {'token': 't'}} | https://api.github.com/repos/org/app/statuses/COMMIT | Bearer t",
                "{'host': 'gitlab', 'repository': {'url': 'https://gitlab.com/group/sub/app.git'}, 'status': {'token': 't'}} | https://gitlab.com/api/v4/projects/group%2Fsub%2Fapp/statuses/COMMIT | Bearer t",
                "{'host': 'gitea', 'status': {'token': 't', 'apiUrl': 'https://git.example/api/v1/'}} | https://git.example/api/v1/repos/org/app/statuses/COMMIT | token t",
                "{'host': 'forgejo', 'status': {'token': 't', 'apiUrl': 'https://git.example/api/v1'}} | https://git.example/api/v1/repos/org/app/statuses/COMMIT | token t",
                "{'host': 'bitbucket_cloud', 'repository': {'url': 'https://bitbucket.org/org/app.git'}, 'status': {'token': 't', 'username': 'u'}} | https://api.bitbucket.org/2.0/repositories/org/app/commit/COMMIT/statuses/build | Basic dTp0",
                "{'host': 'bitbucket_data_center', 'status': {'token': 't', 'apiUrl': 'https://bb.example/rest/api/latest'}} | https://bb.example/rest/api/latest/projects/org/repos/app/commits/COMMIT/builds | Bearer t",
                "{'host': 'bitbucket_data_center', 'status': {'token': 't', 'apiUrl': 'https://bb.example/rest/build-status/1.0'}} | https://bb.example/rest/build-status/1.0/commits/COMMIT | Bearer t",
            })
    void whereAStatusGoes(String document, String url, String authorization) {
        StatusCall call = call(document, status(BuildState.RUNNING, "c"));
        assertThat(call.url()).isEqualTo(url.replace("COMMIT", COMMIT));
        assertThat(call.authorization()).isEqualTo(authorization);
        assertThat(call.toString()).doesNotContain(authorization);
    }

    @ParameterizedTest
    @CsvSource({
        "github, pending, pending, success, failure, error, error",
        "gitlab, pending, running, success, failed, canceled, failed",
        "gitea, pending, pending, success, failure, error, error",
        "forgejo, pending, pending, success, failure, error, error",
        "bitbucket_cloud, INPROGRESS, INPROGRESS, SUCCESSFUL, FAILED, STOPPED, FAILED",
        "bitbucket_data_center, INPROGRESS, INPROGRESS, SUCCESSFUL, FAILED, CANCELLED, FAILED",
    })
    void theHostsWords(
            String host,
            String queued,
            String running,
            String succeeded,
            String failed,
            String cancelled,
            String none) {
        String document = "{'host': '" + host
                + "', 'status': {'token': 't', 'apiUrl': 'https://git.example/api', 'context': 'c'}}";
        assertThat(call(document, status(BuildState.QUEUED, "c")).state()).isEqualTo(queued);
        assertThat(call(document, status(BuildState.RUNNING, "c")).state()).isEqualTo(running);
        assertThat(call(document, status(BuildState.SUCCEEDED, "c")).state()).isEqualTo(succeeded);
        assertThat(call(document, status(BuildState.FAILED, "c")).state()).isEqualTo(failed);
        assertThat(call(document, status(BuildState.CANCELLED, "c")).state()).isEqualTo(cancelled);
        assertThat(call(document, status(null, "c")).state()).isEqualTo(none);
    }

    @Test
    void whatIsSaid() {
        assertThat(call("{'status': {'token': 't'}}", status(BuildState.FAILED, "slipway/app"))
                        .body()
                        .toString())
                .isEqualTo("{\"state\":\"failure\",\"target_url\":\"http://here/v1/builds/bld_1\","
                        + "\"description\":\"The build has failed: step_failed\",\"context\":\"slipway/app\"}");
        String gitlab =
                "{'host': 'gitlab', 'repository': {'url': 'https://gitlab.com/org/app.git'}, 'status': {'token': 't'}}";
        assertThat(call(gitlab, status(null, "c")).body().toString())
                .isEqualTo("{\"state\":\"failed\",\"name\":\"c\",\"target_url\":\"http://here/v1/builds/bld_1\","
                        + "\"description\":\"The Dockerfile has a mistake.\",\"ref\":\"feature/x\"}");
        String bitbucket =
                "{'host': 'bitbucket_cloud', 'repository': {'url': 'https://bitbucket.org/org/app.git'}, 'status': {'token': 't'}}";
        assertThat(call(bitbucket, status(BuildState.QUEUED, "slipway/app"))
                        .body()
                        .toString())
                .isEqualTo("{\"key\":\"slipway/app\",\"state\":\"INPROGRESS\",\"name\":\"slipway/app\","
                        + "\"url\":\"http://here/v1/builds/bld_1\",\"description\":\"The build is queued\"}");
        String key = call(bitbucket, status(BuildState.QUEUED, "x".repeat(41)))
                .body()
                .path("key")
                .stringValue();
        assertThat(key).hasSize(40).doesNotContain("xx");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "github | 201 | -              | -    | -          | {}                      | told    | -",
                "github | 500 | -              | -    | -          | {}                      | later   | -",
                "github | 503 | 7              | -    | -          | {}                      | later   | 7",
                "github | 503 | Sun, 29 Nov 2026 20:01:00 GMT | - | - | {}                    | later   | 60",
                "github | 503 | soon           | -    | -          | {}                      | later   | -",
                "github | 429 | -              | -    | -          | {}                      | later   | 60",
                "github | 429 | 999999         | -    | -          | {}                      | later   | 3600",
                "github | 403 | -              | 0    | 1795982430 | {}                      | later   | 30",
                "github | 403 | -              | 0    | 1          | {}                      | later   | 0",
                "github | 403 | 5              | 10   | -          | {}                      | later   | 5",
                "github | 403 | -              | 10   | -          | {}                      | refused | -",
                "github | 403 | -              | 10   | -          | You have exceeded a secondary Rate Limit. | later | 60",
                "github | 403 | 5              | 10   | -          | You have exceeded a secondary rate limit. | later | 5",
                "github | 401 | -              | -    | -          | {}                      | refused | -",
                "github | 404 | -              | -    | -          | {}                      | refused | -",
                "github | 422 | -              | -    | -          | {}                      | refused | -",
                "github | 302 | -              | -    | -          | {}                      | refused | -",
                "github | 400 | -              | -    | -          | Cannot transition status via :run | refused | -",
                "gitlab | 400 | -              | -    | -          | Cannot transition status via :run | told | -",
                "gitlab | 400 | -              | -    | -          | ref is invalid          | refused | -",
            })
    void whatAnAnswerMeans(
            String host,
            int status,
            @Nullable String retryAfter,
            @Nullable String remaining,
            @Nullable String reset,
            String body,
            String meaning,
            @Nullable Integer seconds) {
        Map<String, String> headers = new TreeMap<>();
        if (retryAfter != null) {
            headers.put("Retry-After", retryAfter);
        }
        if (remaining != null) {
            headers.put("X-RateLimit-Remaining", remaining);
        }
        if (reset != null) {
            headers.put("X-RateLimit-Reset", reset);
        }
        StatusOutcome outcome = StatusOutcome.of(
                HostKind.parse(host).orElseThrow(), new HttpPost.Answer(status, headers, body.getBytes(UTF_8)), NOW);
        switch (outcome) {
            case StatusOutcome.Told _ -> assertThat(meaning).isEqualTo("told");
            case StatusOutcome.Refused(String error) -> {
                assertThat(meaning).isEqualTo("refused");
                assertThat(error).contains(String.valueOf(status)).doesNotContain(body);
            }
            case StatusOutcome.Later(String _, @Nullable Duration after) -> {
                assertThat(meaning).isEqualTo("later");
                assertThat(after).isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
            }
        }
    }

    @Test
    void whoHasCalledTooOftenCallsLaterAndLater() {
        Duration minute = Duration.ofMinutes(1);
        assertThat(StatusSender.pause(minute, 0)).isEqualTo(minute);
        assertThat(StatusSender.pause(minute, 6)).isGreaterThan(minute);
        assertThat(StatusSender.pause(Duration.ofSeconds(5), 6)).isEqualTo(Duration.ofSeconds(5));
        assertThat(StatusSender.pause(null, 1)).isLessThan(StatusSender.pause(null, 2));
    }
}
